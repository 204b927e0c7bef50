"""A flat latent as a global part and noise for every step."""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gan_lab.components.checks import check_at_least
from gan_lab.errors import UserError


class LatentSplit(nn.Module):
    r"""The first coordinates of a latent as they are, the others spread over time.

    With d coordinates and k numbers at each of t steps, the first $d - kt$ are global, or, where d
    is no larger than kt, the first quarter. If the others are kt, every step takes k of its own: a
    coordinate then moves one step and nothing else. If not, each of the kt numbers is a fixed
    projection $e^\top z$, $\|e\| = 1$, of all of them: still standard normal for a standard normal
    latent, but no longer independent over time. Either way the latent is the only randomness, and
    the noise moves smoothly with it.

    Attributes:
        shared: Number of global coordinates.
        spread: Directions e, `(k * t, d - shared)`, stored with the weights; None: none are needed.
    """

    def __init__(
        self, latent_dim: int, *, local: int, steps: int, with_global: bool = True
    ) -> None:
        """Divide `latent_dim` coordinates for `local` numbers at each of `steps` steps.

        Args:
            latent_dim: Number of coordinates d.
            local: Numbers per step k; with 0, all is global.
            steps: Number of steps t.
            with_global: Whether to leave a part global; if not, all is noise.

        Raises:
            UserError: If a number is out of range, or no coordinate is left for the noise.
        """
        super().__init__()
        check_at_least(1, latent_dim=latent_dim, steps=steps)
        check_at_least(0, local=local)
        if local and latent_dim < 1 + with_global:
            raise UserError(
                "latent.dim is 1; a generator with a global part and local noise needs 2 or more"
            )
        self.local, self.steps = local, steps
        needed = local * steps
        spare = latent_dim - needed
        self.shared = (spare if spare > 0 else math.ceil(latent_dim / 4)) if with_global else 0
        rest = latent_dim - self.shared
        self.spread: Tensor | None
        self.register_buffer("spread", None if rest == needed else _directions(needed, rest))

    def shared_part(self, z: Float[Tensor, "b d"]) -> Float[Tensor, "b g"]:
        """Global coordinates `(b, shared)` of latents `(b, d)`."""
        return z[:, : self.shared]

    def noise(self, z: Float[Tensor, "b d"]) -> Float[Tensor, "b k t"]:
        """Noise `(b, local, steps)` of latents `(b, d)`."""
        rest = z[:, self.shared :]
        if self.spread is not None:
            rest = rest @ self.spread.T.to(rest.dtype)
        return rest.reshape(z.shape[0], self.steps, self.local).transpose(1, 2)


def _directions(count: int, dim: int) -> Float[Tensor, "n d"]:
    draws = torch.randn(count, dim, generator=torch.Generator().manual_seed(0))
    return nn.functional.normalize(draws, dim=1)
