r"""Least-squares GAN with targets 1 for real and 0 for fake.

Source: Mao et al., "Least squares generative adversarial networks", 2017, eq. 9.
"""

from jaxtyping import Float
from torch import Tensor


def critic(*, real: Float[Tensor, " b"], fake: Float[Tensor, " b"]) -> Float[Tensor, " b"]:
    r"""$\tfrac12 (D(x) - 1)^2 + \tfrac12 D(G(z))^2$.

    Args:
        real: Critic's values on real samples, `(b,)`.
        fake: Critic's values on fake samples, `(b,)`.

    Returns:
        Loss per pair, `(b,)`.
    """
    return 0.5 * (real - 1).square() + 0.5 * fake.square()


def generator(*, real: Float[Tensor, " b"], fake: Float[Tensor, " b"]) -> Float[Tensor, " b"]:
    r"""$\tfrac12 (D(G(z)) - 1)^2$.

    Args:
        real: Critic's values on real samples, `(b,)`; unused.
        fake: Critic's values on fake samples, `(b,)`.

    Returns:
        Loss per sample, `(b,)`.
    """
    return 0.5 * (fake - 1).square()
