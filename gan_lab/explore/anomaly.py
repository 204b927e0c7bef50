"""How unlike everything that the generator makes is a sample?"""

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.explore.inversion import Inversion
from gan_lab.explore.matching import squared
from gan_lab.explore.output import Features

SHARE = 0.1


@torch.no_grad()
def anomaly_score(
    found: Inversion,
    target: Float[Tensor, "b c *s"],
    *,
    features: Features | None = None,
    share: float = SHARE,
) -> Float[Tensor, " b"]:
    r"""The residual of the inversion, $(1 - \lambda) e(x) + \lambda e_f(x)$, `(b,)`.

    e is the root of the mean squared error of the values, $e_f$ that of the features; without
    features the score is e. The latent must have been kept on the prior: what leaves it can be made
    to look like much that the generator never shows.

    Args:
        found: The inversion of the targets.
        target: Samples in model range.
        features: Where else to compare, such as a critic's features.
        share: $\lambda$, the weight of the features.

    Raises:
        UserError: If the share is not in [0, 1] or the numbers of rows differ.

    Source: Schlegl et al. 2017, AnoGAN, arXiv 1703.05921, eq. 6 (there with absolute errors).
    """
    if not 0 <= share <= 1:
        raise UserError(f"share={share}: expected a number from 0 to 1")
    if len(found) != len(target):
        raise UserError(f"{len(found)} inversions of {len(target)} targets; expected as many")
    values = found.error.sqrt()
    if features is None:
        return values
    own, wanted = (features(x).flatten(1) for x in (found.x, target.to(found.x)))
    return (1 - share) * values + share * squared(own, wanted).sqrt()


def auc(normal: Float[Tensor, " n"], odd: Float[Tensor, " m"]) -> float:
    """Probability that an odd row scores higher than a normal one; ties count half.

    Raises:
        UserError: If a set is empty.

    >>> auc(torch.tensor([0.0, 1.0]), torch.tensor([2.0, 1.0]))
    0.875
    """
    if not len(normal) or not len(odd):
        raise UserError("area under the curve: a set is empty")
    above = (odd[:, None] > normal).double() + 0.5 * (odd[:, None] == normal).double()
    return float(above.mean())
