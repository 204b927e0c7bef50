r"""Non-saturating GAN: the generator maximises $\log D$ where minimax would saturate.

Source: Goodfellow et al., "Generative adversarial nets", 2014, sec. 3; logits, so that
$\log \sigma$ is computed without overflow.
"""

from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import softplus


def critic(*, real: Float[Tensor, " b"], fake: Float[Tensor, " b"]) -> Float[Tensor, " b"]:
    r"""$-\log\sigma(D(x)) - \log(1 - \sigma(D(G(z))))$.

    Args:
        real: Logits on real samples, `(b,)`.
        fake: Logits on fake samples, `(b,)`.

    Returns:
        Loss per pair, `(b,)`; 2 log 2 where the critic cannot tell.
    """
    return softplus(-real) + softplus(fake)


def generator(*, real: Float[Tensor, " b"], fake: Float[Tensor, " b"]) -> Float[Tensor, " b"]:
    r"""$-\log\sigma(D(G(z)))$.

    Args:
        real: Logits on real samples, `(b,)`; unused.
        fake: Logits on fake samples, `(b,)`.

    Returns:
        Loss per sample, `(b,)`.
    """
    return softplus(-fake)
