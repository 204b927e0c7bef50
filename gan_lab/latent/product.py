"""Independent priors side by side."""

from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.latent.checks import check_index
from gan_lab.types import Prior


class Product:
    """Concatenated latents of independent priors; noise and codes of InfoGAN (Chen et al. 2016).

    Every operation acts on each part by that part's own geometry.
    """

    def __init__(self, priors: Sequence[Prior]) -> None:
        """Join the priors.

        Raises:
            UserError: If there is none.
        """
        if not priors or not all(isinstance(prior, Prior) for prior in priors):
            raise UserError("latent.priors has no priors or holds something else; list one or more")
        self.priors = tuple(priors)
        self.sizes = [prior.dim for prior in self.priors]
        self.dim = sum(self.sizes)

    def sample(self, n: int, generator: torch.Generator | None = None) -> Float[Tensor, "n d"]:
        """Draw `n` latents on the CPU, part after part, `(n, dim)`."""
        return torch.cat([prior.sample(n, generator) for prior in self.priors], 1)

    def log_prob(self, z: Float[Tensor, "b d"]) -> Float[Tensor, " b"]:
        """Sum of the parts' log-probabilities, `(b,)`."""
        parts = zip(self.priors, self._split(z), strict=True)
        return torch.stack([prior.log_prob(part) for prior, part in parts]).sum(0)

    def interpolate(
        self, start: Float[Tensor, "b d"], end: Float[Tensor, "b d"], t: Float[Tensor, " s"]
    ) -> Float[Tensor, "b s d"]:
        """Each part along its own path, `(b, s, dim)`."""
        parts = zip(self.priors, self._split(start), self._split(end), strict=True)
        return torch.cat([prior.interpolate(a, b, t) for prior, a, b in parts], 2)

    def jumps(self, path: Float[Tensor, "b s d"]) -> Bool[Tensor, "b k"]:
        """Steps on which any part jumps, `(b, s - 1)`."""
        parts = zip(self.priors, torch.split(path, self.sizes, dim=2), strict=True)
        return torch.stack([prior.jumps(part) for prior, part in parts]).any(0)

    def project(self, z: Float[Tensor, "b d"]) -> Float[Tensor, "b d"]:
        """Each part onto its own support."""
        parts = zip(self.priors, self._split(z), strict=True)
        return torch.cat([prior.project(part) for prior, part in parts], 1)

    def truncate(self, z: Float[Tensor, "b d"], psi: float) -> Float[Tensor, "b d"]:
        """Each part towards its own centre; discrete parts stay.

        Raises:
            UserError: If `psi` is not in [0, 1], or a part has no truncation.
        """
        parts = zip(self.priors, self._split(z), strict=True)
        return torch.cat([prior.truncate(part, psi) for prior, part in parts], 1)

    def traverse(
        self, z: Float[Tensor, "b d"], index: int, values: Float[Tensor, " s"]
    ) -> Float[Tensor, "b s d"]:
        """Move coordinate `index` as the part that owns it does, `(b, s, dim)`.

        Raises:
            UserError: If there is no such coordinate.
        """
        check_index(index, self.dim)
        path, first = [], 0
        for prior, part in zip(self.priors, self._split(z), strict=True):
            inside = first <= index < first + prior.dim
            still = part[:, None].repeat(1, len(values), 1)
            path.append(prior.traverse(part, index - first, values) if inside else still)
            first += prior.dim
        return torch.cat(path, 2)

    def _split(self, z: Tensor) -> list[Tensor]:
        return list(torch.split(z, self.sizes, dim=1))
