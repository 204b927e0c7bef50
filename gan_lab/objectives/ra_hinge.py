r"""Relativistic average hinge loss (RaHinge): a margin of 1 to the mean of the other side.

The means run over this process's batch. Source: Jolicoeur-Martineau, "The relativistic
discriminator", 2018.
"""

from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import relu


def critic(*, real: Float[Tensor, " b"], fake: Float[Tensor, " b"]) -> Float[Tensor, " b"]:
    r"""$\max(0, 1 - D(x) + \overline{D(G)}) + \max(0, 1 + D(G(z)) - \overline{D(x)})$.

    Args:
        real: Logits on real samples, `(b,)`.
        fake: Logits on fake samples, `(b,)`.

    Returns:
        Loss per pair, `(b,)`; 2 where the critic cannot tell.
    """
    return relu(1 - real + fake.mean()) + relu(1 + fake - real.mean())


def generator(*, real: Float[Tensor, " b"], fake: Float[Tensor, " b"]) -> Float[Tensor, " b"]:
    r"""The critic's loss with the roles exchanged.

    Args:
        real: Logits on real samples, `(b,)`.
        fake: Logits on fake samples, `(b,)`.

    Returns:
        Loss per pair, `(b,)`.
    """
    return critic(real=fake, fake=real)
