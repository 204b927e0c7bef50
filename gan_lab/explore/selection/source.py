"""Where candidates come from, and what the critic makes of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.types import Label, Prior

BATCH = 500
Tell = Callable[[int], None]
"""Called with the number of latents that have been judged since the last call."""


@dataclass(frozen=True, eq=False)
class Candidates:
    """Samples with what they came from.

    Attributes:
        z: Latents, `(n, d)`.
        label: Label of each, or None.
        x: Samples in model range, `(n, c, *s)`.
        log_ratio: Log of data density over generator density, by the critic, `(n,)`.
    """

    z: Float[Tensor, "n d"]
    label: Label | None
    x: Float[Tensor, "n c *s"]
    log_ratio: Float[Tensor, " n"]

    def __len__(self) -> int:
        return len(self.z)

    def __getitem__(self, index: Tensor | slice) -> "Candidates":
        label = None if self.label is None else self.label[index]
        return Candidates(self.z[index], label, self.x[index], self.log_ratio[index])


@dataclass(frozen=True)
class Source:
    r"""A generator and a calibrated critic as functions.

    Attributes:
        prior: Where latents come from.
        decode: Latents and labels to samples, with gradient where it is on.
        log_ratio: Samples and labels to $\log p_\text{data} / p_G$, `(b,)`.
        labels: A number of labels to draw for a stream of random numbers; None: no labels.
    """

    prior: Prior
    decode: Callable[[Tensor, Tensor | None], Tensor]
    log_ratio: Callable[[Tensor, Tensor | None], Tensor]
    labels: Callable[[int, torch.Generator], Tensor] | None = None

    def draw(self, n: int, rng: torch.Generator) -> Candidates:
        """Draw `n` latents and labels from the prior, and judge their samples."""
        z = self.prior.sample(n, rng)
        label = None if self.labels is None else self.labels(n, rng)
        return self.judge(z, label)

    @torch.no_grad()
    def judge(self, z: Float[Tensor, "n d"], label: Label | None) -> Candidates:
        """Samples of these latents with their log-ratios, in parts, without gradient."""
        labels = [None] * -(-len(z) // BATCH) if label is None else list(torch.split(label, BATCH))
        xs = [self.decode(part, on) for part, on in zip(torch.split(z, BATCH), labels, strict=True)]
        scores = [self.log_ratio(x, on) for x, on in zip(xs, labels, strict=True)]
        return Candidates(z, label, torch.cat(xs).cpu(), torch.cat(scores).cpu())


@dataclass(frozen=True, eq=False)
class Selection:
    """What a method has chosen.

    Attributes:
        method: `drs`, `mh` or `ddls`.
        kept: The samples.
        judged: Samples that were made and judged for them.
        accepted: Share of the candidates (or moves) that were accepted.
    """

    method: str
    kept: Candidates
    judged: int
    accepted: float


def joined(parts: list[Candidates]) -> Candidates:
    """Candidates one after the other."""
    labels = [part.label for part in parts if part.label is not None]
    return Candidates(
        torch.cat([part.z for part in parts]),
        torch.cat(labels) if labels else None,
        torch.cat([part.x for part in parts]),
        torch.cat([part.log_ratio for part in parts]),
    )


def chosen(mask: Tensor, new: Candidates, old: Candidates) -> Candidates:
    """Row by row `new` where the mask `(n,)` is true, and `old` elsewhere."""

    def pick(a: Tensor, b: Tensor) -> Tensor:
        return torch.where(mask.view(-1, *[1] * (a.ndim - 1)), a, b)

    label = None
    if new.label is not None and old.label is not None:
        label = pick(new.label, old.label)
    return Candidates(
        pick(new.z, old.z), label, pick(new.x, old.x), pick(new.log_ratio, old.log_ratio)
    )


@contextmanager
def differentiable() -> Iterator[None]:
    """Gradients on; cuDNN's recurrent layers have none in eval mode, so that it is off."""
    with torch.enable_grad(), torch.backends.cudnn.flags(enabled=False):
        yield
