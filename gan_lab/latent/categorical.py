"""One category out of several as a prior."""

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn.functional import one_hot

from gan_lab.latent.checks import check_count, check_dim, check_index, check_psi
from gan_lab.latent.marks import broken, unbroken
from gan_lab.latent.path import lerp, switch, with_ends


class Categorical:
    r"""Equally likely one-hot vectors: the discrete code of InfoGAN (Chen et al. 2016).

    Args:
        dim: Number of categories.
        blend: Whether paths mix the two categories instead of switching from one to the other.
            What lies between them is never drawn: it has log-probability $-\infty$.
    """

    def __init__(self, dim: int, *, blend: bool = False) -> None:
        """Set the number of categories.

        Raises:
            UserError: If `dim` is not a whole number of 1 or more.
        """
        self.dim, self.blend = check_dim(dim), blend

    def sample(self, n: int, generator: torch.Generator | None = None) -> Float[Tensor, "n d"]:
        """Draw `n` latents on the CPU, `(n, dim)`."""
        chosen = torch.randint(self.dim, (check_count(n),), generator=generator)
        return one_hot(chosen, self.dim).float()

    def log_prob(self, z: Float[Tensor, "b d"]) -> Float[Tensor, " b"]:
        r"""Log-probability $-\log d$ of a one-hot vector and $-\infty$ of anything else, `(b,)`."""
        off = (z != self.project(z)).any(1)
        return torch.full_like(z[:, 0], -math.log(self.dim)).masked_fill(off, -torch.inf)

    def interpolate(
        self, start: Float[Tensor, "b d"], end: Float[Tensor, "b d"], t: Float[Tensor, " s"]
    ) -> Float[Tensor, "b s d"]:
        """`start` before t = 1/2 and `end` from there on, or their blend, `(b, s, dim)`."""
        if self.blend:
            return lerp(start, end, t)
        late = (t.to(start.device) >= 0.5)[None, :, None]
        return with_ends(switch(start, end, late), start, end, t)

    def jumps(self, path: Float[Tensor, "b s d"]) -> Bool[Tensor, "b k"]:
        """Steps on which the category changes, `(b, s - 1)`; a blend has none."""
        return unbroken(path) if self.blend else broken(path)

    def project(self, z: Float[Tensor, "b d"]) -> Float[Tensor, "b d"]:
        """The category with the largest coordinate."""
        return one_hot(z.argmax(1), self.dim).to(z.dtype)

    def truncate(self, z: Float[Tensor, "b d"], psi: float) -> Float[Tensor, "b d"]:
        """The latents as they are: between categories there is nothing to shrink towards.

        Raises:
            UserError: If `psi` is not in [0, 1].
        """
        check_psi(psi)
        return z

    def traverse(
        self, z: Float[Tensor, "b d"], index: int, values: Float[Tensor, " s"]
    ) -> Float[Tensor, "b s d"]:
        """Category `index` where the value is 1/2 or more, the latent as it is elsewhere.

        Raises:
            UserError: If there is no such category.
        """
        chosen = torch.zeros_like(z)
        chosen[:, check_index(index, self.dim)] = 1.0
        return switch(z, chosen, (values.to(z.device) >= 0.5)[None, :, None])
