"""Where a path through the latent space is not what it seems."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from gan_lab.types import Prior


@dataclass(frozen=True)
class Marks:
    """What a reader of paths `(r, s, d)` has to be told.

    Attributes:
        jumps: Whether the path is broken between positions k and k + 1, `(r, s - 1)`: another
            component of a mixture, another category, another bit.
        off: Whether the prior could not have drawn the position, `(r, s)`: between categories,
            outside a cube, off a sphere.
    """

    jumps: Bool[Tensor, "r k"]
    off: Bool[Tensor, "r s"]

    @property
    def any_jump(self) -> bool:
        """Whether there is a jump anywhere."""
        return bool(self.jumps.any())

    @property
    def any_off(self) -> bool:
        """Whether a position is off the support."""
        return bool(self.off.any())


def mark(prior: Prior, path: Float[Tensor, "r s d"]) -> Marks:
    """Marks of paths `(r, s, d)`, as their prior sees them."""
    off = prior.log_prob(path.flatten(0, 1)).isneginf().view(path.shape[:2])
    return Marks(prior.jumps(path), off)


def broken(path: Float[Tensor, "r s d"]) -> Bool[Tensor, "r k"]:
    """Steps on which any coordinate changes, `(r, s - 1)`: jumps of a discrete latent."""
    changed: Tensor = (path[:, 1:] != path[:, :-1]).any(2)
    return changed


def unbroken(path: Float[Tensor, "r s d"]) -> Bool[Tensor, "r k"]:
    """No jump on any step, `(r, s - 1)`: a latent that moves continuously."""
    rows, steps, _ = path.shape
    return torch.zeros(rows, max(steps - 1, 0), dtype=torch.bool, device=path.device)
