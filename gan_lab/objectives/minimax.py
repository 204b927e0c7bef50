r"""The original minimax game: both players share one value, and the generator's side saturates.

It is kept to show why nobody trains with it: where the critic wins, the generator's gradient dies.
Source: Goodfellow et al., "Generative adversarial nets", 2014, eq. 1.
"""

from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import softplus

from gan_lab.objectives.non_saturating import critic as critic


def generator(*, real: Float[Tensor, " b"], fake: Float[Tensor, " b"]) -> Float[Tensor, " b"]:
    r"""$\log(1 - \sigma(D(G(z))))$.

    Args:
        real: Logits on real samples, `(b,)`; unused.
        fake: Logits on fake samples, `(b,)`.

    Returns:
        Loss per sample, `(b,)`, at most 0.
    """
    return -softplus(fake)
