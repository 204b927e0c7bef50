"""Path length: a step in latent space should change the sample by the same amount everywhere."""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gan_lab.regularizers.precision import at_least_float32
from gan_lab.regularizers.running_mean import RunningMean
from gan_lab.regularizers.turn import Sampler


class PathLength(nn.Module):
    r"""$(\|J^\top y\| - a)^2$ with $J = \partial G(z) / \partial z$ and random directions y.

    $y \sim N(0, I / p)$ for p positions (pixels, times; 1 for points), drawn per sample; a is the
    running mean of $\|J^\top y\|$, without gradient, which has taken in the present batch.

    Computed in float32 under autocast. A generator with batch norm ties the samples together.
    Source: Karras et al., "Analyzing and improving the image quality of StyleGAN", 2020, eq. 4 and
    appendix B; here z stands for their w.

    Args:
        decay: Decay of a per computed step.

    Raises:
        UserError: If the decay is out of range.
    """

    def __init__(self, *, decay: float = 0.99) -> None:
        super().__init__()
        self.length = RunningMean(decay)

    def forward(
        self, *, generator: Sampler, z: Float[Tensor, "n d"], rng: torch.Generator, **_: object
    ) -> Float[Tensor, " n"]:
        """Penalty per latent; moves the running mean by one step.

        Args:
            generator: Latents `(n, d)` to samples `(n, c, *s)`.
            z: Latents.
            rng: Source of y.
        """
        length = path_lengths(generator, z, rng)
        return (length - self.length.update(length)).square()


def path_lengths(
    generator: Sampler, z: Float[Tensor, "n d"], rng: torch.Generator
) -> Float[Tensor, " n"]:
    r"""$\|J^\top y\|$ of each latent, differentiable in the generator's parameters."""
    with torch.enable_grad(), torch.autocast(z.device.type, enabled=False):
        z = at_least_float32(z.detach()).requires_grad_()
        x = generator(z)
        y = torch.randn(x.shape, generator=rng).to(x) / math.sqrt(math.prod(x.shape[2:]))
        (pulled,) = torch.autograd.grad((x * y).sum(), z, create_graph=True)
    norm: Tensor = pulled.norm(dim=1)
    return norm
