"""Adam from many starts at once, of which fewer and fewer go on."""

import math
from collections.abc import Callable

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from gan_lab.explore.matching import Matching
from gan_lab.types import Prior

CUTS = (0.1, 0.25, 0.5)
"""Shares of the steps after which the better half of the starts goes on."""
RISE, FALL = 0.05, 0.5
RELAXED = 0.5
"""Share of the steps for which a relaxed discrete coordinate may lie between its values."""


def rate_at(step: int, steps: int) -> float:
    """The learning rate as a share of the largest: a short rise, a cosine down to 0.

    >>> [round(rate_at(k, 100), 2) for k in (0, 4, 49, 74, 99)]
    [0.2, 1.0, 1.0, 0.5, 0.0]
    """
    rise = min(1.0, (step + 1) / max(1.0, RISE * steps))
    down = max(0.0, (step + 1) / steps - FALL) / (1 - FALL)
    return rise * 0.5 * (1 + math.cos(math.pi * down))


def descend(
    matching: Matching,
    prior: Prior,
    target: Float[Tensor, "b c *s"],
    start: Float[Tensor, "b r d"],
    steps: int,
    learning_rate: float,
    *,
    fixed: Bool[Tensor, " d"],
    relaxed: bool = False,
    tell: Callable[[float], None] = lambda done: None,
) -> tuple[Float[Tensor, "b d"], Float[Tensor, "k b"]]:
    """The best latent that was met on the way down, for each target.

    Args:
        matching: What to make small.
        prior: Owner of the support, onto which every step is projected.
        target: What to look like.
        start: Where to begin; all targets have as many starts.
        steps: Steps of Adam.
        learning_rate: Largest learning rate.
        fixed: Discrete coordinates.
        relaxed: Whether these move between 0 and 1 in the first half; otherwise they stay.
        tell: Told the share that is done.

    Returns:
        Latents, and the smallest loss so far after each step, `(steps + 1, b)`.
    """
    run = _Run(matching, target, start, learning_rate)
    cuts = {round(share * steps) for share in CUTS}
    for step in range(steps):
        free = relaxed and step < RELAXED * steps
        if relaxed and step == math.ceil(RELAXED * steps):
            run.restart(prior.project(run.z))
        still = torch.zeros_like(fixed) if free else fixed
        project = _between(prior, fixed) if free else prior.project
        run.step(rate_at(step, steps), still, project, counts=not free)
        if step in cuts and run.starts > 1:
            run.keep_better()
        tell((step + 1) / steps)
    run.look()
    return run.best()


class _Run:
    """Latents on their way, the optimizer's state, and the best seen."""

    def __init__(
        self, matching: Matching, target: Tensor, start: Tensor, learning_rate: float
    ) -> None:
        self.matching, self.learning_rate = matching, learning_rate
        self.count, self.starts = start.shape[:2]
        self.target = target.repeat_interleave(self.starts, 0)
        self.restart(start.flatten(0, 1).clone())
        self.best_z = self.z.clone()
        self.best_loss = torch.full((len(self.z),), torch.inf, device=self.z.device)
        self.rank = self.best_loss
        self.trace: list[Tensor] = []

    def restart(self, z: Tensor) -> None:
        self.z = z
        self.optimizer = torch.optim.Adam([self.z], self.learning_rate, betas=(0.9, 0.99))

    def step(
        self, rate: float, still: Tensor, project: Callable[[Tensor], Tensor], *, counts: bool
    ) -> None:
        loss, slope = self.matching.losses_and_slopes(self.z, self.target)
        self._note(loss, counts=counts)
        self.optimizer.param_groups[0]["lr"] = rate * self.learning_rate
        self.z.grad = slope.masked_fill(still, 0.0)
        before = self.z[:, still].clone()
        self.optimizer.step()
        self.z.copy_(project(self.z))
        self.z[:, still] = before

    def look(self) -> None:
        """Count the last latents."""
        self._note(self.matching.losses(self.z, self.target), counts=True)

    def best(self) -> tuple[Tensor, Tensor]:
        loss = torch.unflatten(self.best_loss, 0, (self.count, -1))
        index = loss.argmin(1) + self.starts * torch.arange(self.count, device=loss.device)
        return self.best_z[index], torch.stack(self.trace)

    def keep_better(self) -> None:
        half = (self.starts + 1) // 2
        order = torch.unflatten(self.rank, 0, (self.count, -1)).argsort(1)[:, :half]
        first = self.starts * torch.arange(self.count, device=order.device)
        index = (order + first[:, None]).flatten()
        state = self.optimizer.state[self.z]
        self.restart(self.z[index])
        moments = {name: state[name][index] for name in ("exp_avg", "exp_avg_sq")}
        self.optimizer.state[self.z] = {"step": state["step"], **moments}
        self.target, self.starts = self.target[index], half
        self.best_z, self.best_loss = self.best_z[index], self.best_loss[index]

    def _note(self, loss: Tensor, *, counts: bool) -> None:
        if counts:
            better = loss < self.best_loss
            self.best_z = torch.where(better[:, None], self.z, self.best_z)
            self.best_loss = torch.where(better, loss, self.best_loss)
        self.rank = self.best_loss if counts else loss
        self.trace.append(torch.unflatten(self.rank, 0, (self.count, -1)).amin(1))


def _between(prior: Prior, fixed: Bool[Tensor, " d"]) -> Callable[[Tensor], Tensor]:
    """Projection under which discrete coordinates may have any value from 0 to 1."""

    def project(z: Tensor) -> Tensor:
        return torch.where(fixed, z.clamp(0, 1), prior.project(z))

    return project
