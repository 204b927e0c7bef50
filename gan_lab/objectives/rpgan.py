r"""Relativistic pairing (RpGAN): a fake has to look more real than the real one beside it.

Source: Jolicoeur-Martineau, "The relativistic discriminator", 2018; Huang et al., "The GAN is dead;
long live the GAN!", 2024, eq. 2.
"""

from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import softplus


def critic(*, real: Float[Tensor, " b"], fake: Float[Tensor, " b"]) -> Float[Tensor, " b"]:
    r"""$\mathrm{softplus}(-(D(x) - D(G(z))))$.

    Args:
        real: Logits on real samples, `(b,)`.
        fake: Logits on fake samples, `(b,)`, each paired with the real one at its place.

    Returns:
        Loss per pair, `(b,)`; log 2 where the critic cannot tell.
    """
    return softplus(fake - real)


def generator(*, real: Float[Tensor, " b"], fake: Float[Tensor, " b"]) -> Float[Tensor, " b"]:
    r"""$\mathrm{softplus}(-(D(G(z)) - D(x)))$: the critic's loss with the roles exchanged.

    Args:
        real: Logits on real samples, `(b,)`.
        fake: Logits on fake samples, `(b,)`.

    Returns:
        Loss per pair, `(b,)`.
    """
    return softplus(real - fake)
