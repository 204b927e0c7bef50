r"""Energy distance: mean distance between the sets less the mean distance within each.

A reference without a critic and without a bandwidth. Source: Szekely & Rizzo, "Energy statistics",
2013, eq. 2; Bellemare et al., "The Cramer distance", 2017, for why the unbiased form trains.
"""

from jaxtyping import Float
from torch import Tensor

from gan_lab.objectives.kernel import negative_distance
from gan_lab.objectives.mmd import mmd


def energy_distance(
    *, real: Float[Tensor, "b c *s"], fake: Float[Tensor, "b c *s"], unbiased: bool = True
) -> Float[Tensor, " b"]:
    r"""$2 \mathbb{E} |x - y| - \mathbb{E} |x - x'| - \mathbb{E} |y - y'|$ of real $x$ and fake $y$.

    $|\cdot|$ is the root mean squared difference of the elements, so the scale is that of the data.
    `scipy.stats.energy_distance` is the square root of the V-statistic in one dimension.

    Args:
        real: Real samples, `(b, c, *s)`.
        fake: Fake samples, `(b, c, *s)`.
        unbiased: U-statistic (right on average, may be negative) or V-statistic (0 for equal sets).

    Returns:
        Share of each pair, `(b,)`; the mean is the statistic.

    Raises:
        UserError: If one sample alone is asked for the unbiased statistic.
    """
    return mmd(real=real, fake=fake, kernel=negative_distance, unbiased=unbiased)
