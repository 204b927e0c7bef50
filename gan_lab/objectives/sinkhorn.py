r"""Sinkhorn divergence: entropic optimal transport, less what it costs to move a set onto itself.

Between the squared Wasserstein distance (small $\varepsilon$) and a kernel distance (large). A
reference without a critic. Source: Feydy et al., "Interpolating between optimal transport and MMD
using Sinkhorn divergences", 2019, eq. 3 and sec. 3.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.objectives.kernel import distances


def sinkhorn(
    *,
    real: Float[Tensor, "b c *s"],
    fake: Float[Tensor, "b c *s"],
    epsilon: float = 0.05,
    iterations: int = 50,
) -> Float[Tensor, " b"]:
    r"""$\mathrm{OT}(x, y) - \tfrac12 \mathrm{OT}(x, x) - \tfrac12 \mathrm{OT}(y, y)$, entropic.

    The cost is the mean squared difference of the elements, $\varepsilon$ the weight of the plan's
    entropy. Measured on 64 and 256 normal points of the plane, scale 0.7, against 1,500 iterations
    and more: the default is within 1e-3 of the value and 1 % of the gradient; at
    $\varepsilon = 0.01$ it is 1e-3 and 5 %.

    Args:
        real: Real samples, `(b, c, *s)`.
        fake: Fake samples, `(b, c, *s)`.
        epsilon: Blur, in units of the cost; its root is the distance below which detail is lost.
        iterations: Number of updates; the smaller `epsilon`, the more are needed.

    Returns:
        Share of each pair, `(b,)`; the mean is the divergence, 0 for equal sets.

    Raises:
        UserError: If `epsilon` is not positive or `iterations` is below 1.
    """
    if epsilon <= 0 or iterations < 1:
        raise UserError(
            f"objectives: sinkhorn has epsilon {epsilon} and {iterations} iterations; expected "
            "more than 0 and 1 or more"
        )
    within = transport(real, real, epsilon, iterations) + transport(fake, fake, epsilon, iterations)
    return transport(real, fake, epsilon, iterations) - within / 2


def transport(
    x: Float[Tensor, "b c *s"], y: Float[Tensor, "b c *s"], epsilon: float, iterations: int
) -> Float[Tensor, " b"]:
    """Sum of the dual potentials of each pair; the mean is the entropic cost of transport.

    The updates start at a blur as large as the largest cost and reach `epsilon` half-way, since
    a small blur alone converges slowly between far sets. They take no gradient. Each potential is
    then written as a function of its own samples with the other side held, which has the exact
    gradient where the updates have converged.
    """
    with torch.no_grad():
        cost = distances(x, y).square()
        g = cost.new_zeros(len(y))
        ratio = (cost.max() / epsilon).clamp(min=1)
        for step in range(iterations):
            blur = epsilon * ratio ** max(0.0, 1 - 2 * step / iterations)
            f = soft_minimum(cost - g, blur)
            g = soft_minimum(cost.T - f, blur)
    f_of_x = soft_minimum(distances(x, y.detach()).square() - g, epsilon)
    g_of_y = soft_minimum(distances(y, x.detach()).square() - f, epsilon)
    return f_of_x + g_of_y


def soft_minimum(values: Float[Tensor, "n m"], epsilon: float | Tensor) -> Float[Tensor, " n"]:
    r"""$-\varepsilon \log \frac1m \sum_j e^{-v_j / \varepsilon}$ of every row."""
    return -epsilon * ((-values / epsilon).logsumexp(1) - math.log(values.shape[1]))
