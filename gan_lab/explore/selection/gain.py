"""What selection gains in precision and loses in recall, beside what real rows reach."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.metrics.prdc import PRDC, precision_recall_density_coverage


@dataclass(frozen=True)
class Gain:
    """Three sets of equal size against the same real rows.

    Attributes:
        before: As many samples as the generator makes them.
        after: The samples that were chosen.
        floor: As many real rows of another set: what a perfect generator reaches.
    """

    before: PRDC
    after: PRDC
    floor: PRDC

    @property
    def precision(self) -> float:
        """Precision gained."""
        return self.after.precision - self.before.precision

    @property
    def recall(self) -> float:
        """Recall gained; below 0: lost."""
        return self.after.recall - self.before.recall


def measure_gain(
    *,
    before: Float[Tensor, "n d"],
    after: Float[Tensor, "m d"],
    real: Float[Tensor, "r d"],
    other: Float[Tensor, "o d"],
    k: int = 5,
    seed: int = 0,
) -> Gain:
    """Precision, recall, density and coverage of each set, at equal numbers of rows.

    Args:
        before: Features of samples as they come, `(n, d)`.
        after: Features of the chosen samples, `(m, d)`.
        real: Features of real rows that had no part in the choice, `(r, d)`.
        other: Features of further real rows, such as training rows, `(o, d)`.
        k: Neighbour that sets the radius of a ball.
        seed: Seed of the rows that are taken where a set has more than the smallest one.

    Raises:
        UserError: If a set has no more than k rows.
    """
    n = min(len(before), len(after), len(real), len(other))
    if n <= k:
        raise UserError(f"gain: sets of {n} rows; expected more than {k} of each")
    rng = torch.Generator().manual_seed(seed)
    sets = [x[torch.randperm(len(x), generator=rng)[:n]] for x in (real, before, after, other)]
    base, *others = sets
    scores = [precision_recall_density_coverage(real=base, fake=x, k=k) for x in others]
    return Gain(*scores)
