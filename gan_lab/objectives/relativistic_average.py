r"""Relativistic average GAN (RaGAN): real against the mean fake, fake against the mean real.

The means run over this process's batch. Source: Jolicoeur-Martineau, "The relativistic
discriminator", 2018, sec. 4.2.
"""

from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import softplus


def critic(*, real: Float[Tensor, " b"], fake: Float[Tensor, " b"]) -> Float[Tensor, " b"]:
    r"""$-\log\sigma(D(x) - \overline{D(G)}) - \log(1 - \sigma(D(G(z)) - \overline{D(x)}))$.

    Args:
        real: Logits on real samples, `(b,)`.
        fake: Logits on fake samples, `(b,)`.

    Returns:
        Loss per pair, `(b,)`; 2 log 2 where the critic cannot tell.
    """
    return softplus(fake.mean() - real) + softplus(fake - real.mean())


def generator(*, real: Float[Tensor, " b"], fake: Float[Tensor, " b"]) -> Float[Tensor, " b"]:
    r"""The critic's loss with the roles exchanged.

    Args:
        real: Logits on real samples, `(b,)`.
        fake: Logits on fake samples, `(b,)`.

    Returns:
        Loss per pair, `(b,)`.
    """
    return critic(real=fake, fake=real)
