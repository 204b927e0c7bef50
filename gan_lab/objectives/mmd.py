r"""Squared maximum mean discrepancy: two samples differ where a kernel sees them differ.

A reference without a critic: what a generator reaches by matching samples alone.
Source: Gretton et al., "A kernel two-sample test", 2012, eq. 3 (unbiased) and 5 (biased).
"""

from jaxtyping import Float
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.objectives.kernel import Kernel, rational_quadratic


def mmd(
    *,
    real: Float[Tensor, "b c *s"],
    fake: Float[Tensor, "b c *s"],
    kernel: Kernel = rational_quadratic,
    unbiased: bool = True,
) -> Float[Tensor, " b"]:
    r"""$\mathbb{E} k(x, x') + \mathbb{E} k(y, y') - 2 \mathbb{E} k(x, y)$ of real $x$ and fake $y$.

    The unbiased U-statistic leaves out pairs of a sample with itself: its mean over batches is that
    of the populations, so it can be negative. The V-statistic is never negative, 0 for equal sets,
    and rewards fakes that crowd together, more so in small batches.

    Args:
        real: Real samples, `(b, c, *s)`.
        fake: Fake samples, `(b, c, *s)`.
        kernel: Similarity of two samples.
        unbiased: U-statistic or V-statistic.

    Returns:
        Share of each pair, `(b,)`; the mean is the statistic.

    Raises:
        UserError: If one sample alone is asked for the unbiased statistic.
    """
    n = len(real)
    if unbiased and n < 2:
        raise UserError("objectives: the unbiased MMD needs a batch of 2 or more samples")
    within = kernel(real, real) + kernel(fake, fake)
    if unbiased:
        within = within - within.diag().diag()
    across = kernel(real, fake)
    others = n - 1 if unbiased else n
    return within.sum(1) / others - across.mean(1) - across.mean(0)
