r"""Wasserstein GAN: the critic's gap estimates the earth mover's distance.

The estimate holds for a 1-Lipschitz critic, so combine it with `regularizers=gradient_penalty`.
Source: Arjovsky, Chintala & Bottou, "Wasserstein GAN", 2017, eq. 2-3.
"""

from jaxtyping import Float
from torch import Tensor


def critic(*, real: Float[Tensor, " b"], fake: Float[Tensor, " b"]) -> Float[Tensor, " b"]:
    r"""$D(G(z)) - D(x)$.

    Args:
        real: Critic's values on real samples, `(b,)`.
        fake: Critic's values on fake samples, `(b,)`.

    Returns:
        Loss per pair, `(b,)`.
    """
    return fake - real


def generator(*, real: Float[Tensor, " b"], fake: Float[Tensor, " b"]) -> Float[Tensor, " b"]:
    r"""$-D(G(z))$.

    Args:
        real: Critic's values on real samples, `(b,)`; unused.
        fake: Critic's values on fake samples, `(b,)`.

    Returns:
        Loss per sample, `(b,)`.
    """
    return -fake
