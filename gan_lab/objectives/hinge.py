r"""Hinge loss: the critic stops pushing once a sample is beyond the margin.

Source: Lim & Ye, "Geometric GAN", 2017; Miyato et al., "Spectral normalization", 2018, eq. 16-17.
"""

from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import relu


def critic(*, real: Float[Tensor, " b"], fake: Float[Tensor, " b"]) -> Float[Tensor, " b"]:
    r"""$\max(0, 1 - D(x)) + \max(0, 1 + D(G(z)))$.

    Args:
        real: Logits on real samples, `(b,)`.
        fake: Logits on fake samples, `(b,)`.

    Returns:
        Loss per pair, `(b,)`; 2 at logits of zero.
    """
    return relu(1 - real) + relu(1 + fake)


def generator(*, real: Float[Tensor, " b"], fake: Float[Tensor, " b"]) -> Float[Tensor, " b"]:
    r"""$-D(G(z))$.

    Args:
        real: Logits on real samples, `(b,)`; unused.
        fake: Logits on fake samples, `(b,)`.

    Returns:
        Loss per sample, `(b,)`.
    """
    return -fake
