"""Where an inversion begins: draws of the prior whose samples are near the targets already."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.explore.codes import all_codes, code_count, discrete
from gan_lab.explore.matching import Matching
from gan_lab.explore.output import BATCH, Decode
from gan_lab.types import Prior

MOST_CODES = 64
"""Settings of discrete coordinates that are tried one by one; more are relaxed."""


@dataclass(frozen=True, eq=False)
class Pool:
    """Latents and their samples, shared by all targets.

    Attributes:
        z: Latents, `(n, d)`.
        x: Their samples, `(n, c, *s)`.
        codes: Number of settings of discrete coordinates; latent i has setting i modulo codes.
    """

    z: Float[Tensor, "n d"]
    x: Float[Tensor, "n c *s"]
    codes: int

    def nearest(
        self, matching: Matching, target: Float[Tensor, "b c *s"], count: int
    ) -> Float[Tensor, "b k d"]:
        """The best latents for each target, at least one of every code, `(b, k, d)`."""
        gaps = _gaps(self.x.flatten(1), target.flatten(1))
        if matching.features is not None:
            found, wanted = _features(matching, self.x), _features(matching, target)
            gaps = gaps + matching.share * found.shape[1] * _gaps(found, wanted)
        each = -(-count // self.codes)
        rows = torch.unflatten(gaps, 1, (-1, self.codes))
        best = rows.topk(min(each, rows.shape[1]), dim=1, largest=False).indices
        index = best * self.codes + torch.arange(self.codes, device=best.device)
        return self.z[index.flatten(1)]


@torch.no_grad()
def pool_of(decode: Decode, prior: Prior, n: int, seed: int) -> Pool:
    """Draw latents and generate; few codes take turns, so that each has as many latents."""
    codes = code_count(prior)
    codes = codes if codes <= MOST_CODES else 1
    z = prior.sample(-(-n // codes) * codes, torch.Generator().manual_seed(seed))
    if codes > 1:
        code = all_codes(prior).repeat(len(z) // codes, 1)
        z = torch.where(discrete(prior), code, z)
    x = torch.cat([decode(part) for part in torch.split(z, BATCH)])
    return Pool(z.to(x.device), x, codes)


def _features(matching: Matching, x: Tensor) -> Tensor:
    assert matching.features is not None
    return torch.cat([matching.features(part).flatten(1) for part in torch.split(x, BATCH)])


def _gaps(references: Tensor, targets: Tensor) -> Tensor:
    """Mean squared distances, `(b, n)`."""
    gaps: Tensor = torch.cdist(targets, references).square() / targets.shape[1]
    return gaps
