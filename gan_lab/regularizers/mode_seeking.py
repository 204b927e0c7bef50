"""Mode seeking: different latents should give different samples."""

from jaxtyping import Float
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.regularizers.precision import at_least_float32
from gan_lab.regularizers.turn import Sampler


def mode_seeking(
    *, generator: Sampler, z: Float[Tensor, "n d"], epsilon: float = 1e-5, **_: object
) -> Float[Tensor, " n"]:
    r"""$d(z, z') / (d(G(z), G(z')) + \epsilon)$, d the mean absolute difference.

    $z'$ is the latent of the neighbour in the batch; both pass under the label of z, so that only
    diversity within a class counts. Equal latents, which a discrete prior may draw, count 0.
    Source: Mao et al., "Mode seeking generative adversarial networks for diverse image synthesis",
    2019, eq. 3, inverted as in their code.

    Args:
        generator: Latents `(n, d)` to samples `(n, c, *s)`.
        z: Latents.
        epsilon: Added to the samples' distance, so that a collapsed generator has a finite value.

    Raises:
        UserError: If there is one latent only.
    """
    if len(z) < 2:
        raise UserError("mode_seeking compares two samples: data.batch_size must be 2 or more")
    other = z.roll(1, 0)
    change = at_least_float32(generator(z)) - at_least_float32(generator(other))
    return (z - other).abs().mean(1) / (change.abs().flatten(1).mean(1) + epsilon)
