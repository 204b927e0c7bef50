"""Authenticity: is a sample nearer to a training row than the next training row is?"""

from dataclasses import dataclass

from jaxtyping import Bool, Float
from torch import Tensor

from gan_lab.metrics.neighbours import nearest, radii


@dataclass(frozen=True)
class Authenticity:
    """How many samples are no closer to a training row than its own neighbours.

    Attributes:
        share: Share of authentic samples; 0 for copies. Fresh samples score 1/3 in one dimension,
            .38 in two, 11/27 in three and towards .5 in many: a sample fails when it and its row
            are each other's nearest. Far, poor samples score 1: read it beside fidelity.
        authentic: Which samples are authentic, `(m,)`.
    """

    share: float
    authentic: Bool[Tensor, " m"]


def authenticity(*, train: Float[Tensor, "n d"], fake: Float[Tensor, "m d"]) -> Authenticity:
    r"""$\mathrm{mean}_j\, 1[\|y_j - x_{i(j)}\| > r_1(x_{i(j)})]$.

    $i(j)$ is the training row nearest to sample j and $r_1$ the distance of that row to the
    nearest other one: both sides of the comparison belong to the same training row.

    Args:
        train: Training rows $x$, `(n, d)`.
        fake: Samples $y$, `(m, d)`.

    Raises:
        UserError: If there are fewer than two training rows.

    Source: Alaa et al., "How faithful is your synthetic data?", 2022, section 5.

    >>> import torch
    >>> train = torch.tensor([[0.0], [1.0], [10.0], [20.0]])
    >>> authenticity(train=train, fake=torch.tensor([[2.5], [10.1]])).authentic.tolist()
    [True, False]
    """
    found = nearest(fake, train)
    authentic = found.distance[:, 0] > radii(train, 1)[found.index[:, 0]]
    return Authenticity(float(authentic.double().mean()), authentic)
