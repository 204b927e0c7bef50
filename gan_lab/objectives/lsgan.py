r"""Least-squares GAN: the critic regresses on targets, the generator pulls fakes to a third.

$a$ and $b$ are the critic's targets for fake and real, $c$ is where the generator wants fakes. The
default $(0, 1, 1)$ asks fakes to look real. With $b - c = 1$ and $b - a = 2$, as in $(-1, 1, 0)$,
the generator minimises the Pearson $\chi^2$ divergence between $p + q$ and $2q$.

Source: Mao et al., "Least squares generative adversarial networks", 2017, eq. 2, 8, 9.
"""

from jaxtyping import Float
from torch import Tensor


def critic(
    *, real: Float[Tensor, " b"], fake: Float[Tensor, " b"], a: float = 0.0, b: float = 1.0
) -> Float[Tensor, " b"]:
    r"""$\tfrac12 (D(x) - b)^2 + \tfrac12 (D(G(z)) - a)^2$.

    Args:
        real: Critic's values on real samples, `(b,)`.
        fake: Critic's values on fake samples, `(b,)`.
        a: Target of fake samples.
        b: Target of real samples.

    Returns:
        Loss per pair, `(b,)`.
    """
    return 0.5 * (real - b).square() + 0.5 * (fake - a).square()


def generator(
    *, real: Float[Tensor, " b"], fake: Float[Tensor, " b"], c: float = 1.0
) -> Float[Tensor, " b"]:
    r"""$\tfrac12 (D(G(z)) - c)^2$.

    Args:
        real: Critic's values on real samples, `(b,)`; unused.
        fake: Critic's values on fake samples, `(b,)`.
        c: What the critic should say of fake samples.

    Returns:
        Loss per sample, `(b,)`.
    """
    return 0.5 * (fake - c).square()
