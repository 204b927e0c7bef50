"""Feature matching: fakes should have the mean features of real samples."""

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.regularizers.precision import at_least_float32
from gan_lab.regularizers.turn import Judge


def feature_matching(
    *, critic: Judge, real: Float[Tensor, "b c *s"], fake: Float[Tensor, "b c *s"], **_: object
) -> Float[Tensor, " b"]:
    r"""$\|\overline{\phi(x)} - \overline{\phi(G(z))}\|^2$, means over the batch.

    $\phi$ is what the critic's head reads. Source: Salimans et al., "Improved techniques for
    training GANs", 2016, sec. 3.1.

    Args:
        critic: A critic that shows its features `(b, f)`.
        real: Real samples.
        fake: Fake samples with the generator's graph.

    Returns:
        The same value for every sample, `(b,)`.

    Raises:
        UserError: If the critic does not show its features.
    """
    with torch.no_grad():
        wanted = at_least_float32(critic.features(real)).mean(0)
    gap = at_least_float32(critic.features(fake)).mean(0) - wanted
    return gap.square().sum().expand(len(fake))
