r"""Energy-based GAN: low energy on real samples, at least a margin on fake ones.

The energy $E = -D$ is minus the logit and must not be negative: take an autoencoder as the critic,
whose logit is minus the reconstruction error of each sample. With an unbounded critic $E(x)$ has no
minimum.

Source: Zhao, Mathieu & LeCun, "Energy-based generative adversarial network", 2017, eq. 1-2.
"""

from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import relu


def critic(
    *, real: Float[Tensor, " b"], fake: Float[Tensor, " b"], margin: float = 1.0
) -> Float[Tensor, " b"]:
    r"""$E(x) + \max(0, m - E(G(z)))$.

    Args:
        real: Minus the energy of real samples, `(b,)`.
        fake: Minus the energy of fake samples, `(b,)`.
        margin: Energy $m$ beyond which a fake sample is left alone, in units of the energy.

    Returns:
        Loss per pair, `(b,)`.
    """
    return -real + relu(margin + fake)


def generator(*, real: Float[Tensor, " b"], fake: Float[Tensor, " b"]) -> Float[Tensor, " b"]:
    r"""$E(G(z))$.

    Args:
        real: Minus the energy of real samples, `(b,)`; unused.
        fake: Minus the energy of fake samples, `(b,)`.

    Returns:
        Loss per sample, `(b,)`.
    """
    return -fake
