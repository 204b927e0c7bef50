r"""Relativistic average least squares (RaLSGAN): real one above the mean fake, fake one below.

The means run over this process's batch. Source: Jolicoeur-Martineau, "The relativistic
discriminator", 2018.
"""

from jaxtyping import Float
from torch import Tensor


def critic(*, real: Float[Tensor, " b"], fake: Float[Tensor, " b"]) -> Float[Tensor, " b"]:
    r"""$(D(x) - \overline{D(G)} - 1)^2 + (D(G(z)) - \overline{D(x)} + 1)^2$.

    Args:
        real: Critic's values on real samples, `(b,)`.
        fake: Critic's values on fake samples, `(b,)`.

    Returns:
        Loss per pair, `(b,)`; 2 where the critic cannot tell.
    """
    return (real - fake.mean() - 1).square() + (fake - real.mean() + 1).square()


def generator(*, real: Float[Tensor, " b"], fake: Float[Tensor, " b"]) -> Float[Tensor, " b"]:
    r"""The critic's loss with the roles exchanged.

    Args:
        real: Critic's values on real samples, `(b,)`.
        fake: Critic's values on fake samples, `(b,)`.

    Returns:
        Loss per pair, `(b,)`.
    """
    return critic(real=fake, fake=real)
