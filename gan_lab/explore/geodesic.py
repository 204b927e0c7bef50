"""The way between two latents on which the output changes as little as it can."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.explore.gauge import Gauge
from gan_lab.explore.output import Decode, Features, embed
from gan_lab.explore.route import Route, even
from gan_lab.types import Prior

Progress = Callable[[int], None]


@dataclass(frozen=True)
class Geodesic:
    """Paths of low output energy.

    Attributes:
        z: Latents along each path, `(r, s, d)`; ends as they were given.
        energy_before: Output energy of the prior's own path, `(r,)`.
        energy: Output energy of `z`, `(r,)`; without a penalty never above `energy_before`.
        length_before: Summed steps of the output of the prior's own path, `(r,)`.
        length: Summed steps of the output of `z`, `(r,)`.
        straight: Distance between the outputs of the ends, `(r,)`: no path is shorter.
    """

    z: Float[Tensor, "r s d"]
    energy_before: Float[Tensor, " r"]
    energy: Float[Tensor, " r"]
    length_before: Float[Tensor, " r"]
    length: Float[Tensor, " r"]
    straight: Float[Tensor, " r"]


def geodesic(
    decode: Decode,
    prior: Prior,
    start: Float[Tensor, "r d"],
    end: Float[Tensor, "r d"],
    *,
    steps: int = 17,
    iterations: int = 200,
    penalty: float = 0.0,
    features: Features | None = None,
    progress: Progress | None = None,
) -> Geodesic:
    r"""Minimise the output energy of the path, with its ends fixed.

    $$ E = \sum_k \|f(g(z_{k+1})) - f(g(z_k))\|^2 $$

    A path of least energy is a geodesic of the metric that the generator pulls back from its
    output, run through at constant speed (Shao et al. 2018, arXiv 1711.08014, eq. 7). The start is
    the prior's own path; positions are projected onto the prior's support, and discrete parts stay
    as they are. The minimiser is L-BFGS on all paths together, each in units of its own first
    energy; a path keeps the best positions it has seen.

    Args:
        decode: Latents `(b, d)` to samples; differentiable.
        prior: Owner of the first path and of the support.
        start: First latents, `(r, d)`.
        end: Last latents, `(r, d)`.
        steps: Positions per path, both ends included.
        iterations: Iterations of L-BFGS.
        penalty: Weight of the mean squared deviation of -log p(z) from its mean among the prior's
            draws, in their standard deviations: 0 lets the path leave the typical latents.
        features: Where distances are measured; None: in the values of the samples.
        progress: Called with the number of evaluations done.

    Raises:
        UserError: If there are fewer than 3 steps, a number is negative, or the prior is discrete.
    """
    if steps < 3 or iterations < 0 or penalty < 0:
        raise UserError(
            f"steps is {steps}, iterations {iterations}, penalty {penalty}; expected steps of 3 "
            "or more, the others not negative"
        )
    first = Route(prior, torch.stack([start, end], 1))(even(len(start), steps))
    search = _Search(decode, prior, first, penalty, features, progress)
    if not search.path().requires_grad:
        raise UserError("this prior is discrete: between its latents there is nothing to minimise")
    z = search.run(iterations) if iterations else first
    before, after = search.output(first).detach(), search.output(z).detach()
    return Geodesic(
        z, energy(before), energy(after), length(before), length(after),
        (after[:, -1] - after[:, 0]).norm(dim=1),
    )  # fmt: skip


def energy(points: Float[Tensor, "r s f"]) -> Float[Tensor, " r"]:
    r"""$\sum_k \|f_{k+1} - f_k\|^2$ of each path, `(r,)`."""
    total: Tensor = points.diff(dim=1).square().sum((1, 2))
    return total


def length(points: Float[Tensor, "r s f"]) -> Float[Tensor, " r"]:
    r"""$\sum_k \|f_{k+1} - f_k\|$ of each path, `(r,)`."""
    total: Tensor = points.diff(dim=1).norm(dim=2).sum(1)
    return total


class _Search:
    """The positions between the ends, free to move."""

    def __init__(
        self,
        decode: Decode,
        prior: Prior,
        first: Float[Tensor, "r s d"],
        penalty: float,
        features: Features | None,
        progress: Progress | None,
    ) -> None:
        self.decode, self.prior, self.features = decode, prior, features
        self.penalty, self.progress = penalty, progress
        self.start, self.end = first[:, :1], first[:, -1:]
        self.inner = first[:, 1:-1].clone().requires_grad_()
        self.typical = Gauge(prior).typical
        self.unit = energy(self.output(first)).detach().clamp_min(1e-12)
        self.best, self.least = first, torch.full_like(self.unit, torch.inf)
        self.evaluations = 0

    def run(self, iterations: int) -> Float[Tensor, "r s d"]:
        optimizer = torch.optim.LBFGS(
            [self.inner], max_iter=iterations, history_size=20, line_search_fn="strong_wolfe",
            tolerance_grad=1e-9, tolerance_change=1e-12,
        )  # fmt: skip

        def closure() -> Tensor:
            optimizer.zero_grad()
            z = self.path()
            costs = energy(self.output(z)) / self.unit + self.penalty * self.deviation(z)
            self.keep(z.detach(), costs.detach())
            costs.sum().backward()  # type: ignore[no-untyped-call]
            return costs.sum().detach()

        with torch.enable_grad():
            optimizer.step(closure)  # type: ignore[no-untyped-call]
        return self.best

    def path(self) -> Float[Tensor, "r s d"]:
        """The whole path, on the support."""
        inner = self.prior.project(self.inner.flatten(0, 1)).view_as(self.inner)
        return torch.cat([self.start, inner, self.end], 1)

    def output(self, z: Float[Tensor, "r s d"]) -> Float[Tensor, "r s f"]:
        return embed(self.decode, z.flatten(0, 1), self.features).view(*z.shape[:2], -1)

    def deviation(self, z: Float[Tensor, "r s d"]) -> Float[Tensor, " r"]:
        """Squared deviation of the inner positions from typical surprise, averaged."""
        if not self.penalty or self.typical[1] < 1e-9:
            return z.new_zeros(len(z))
        mean, spread = self.typical
        surprise = -self.prior.log_prob(z[:, 1:-1].flatten(0, 1)).view(len(z), -1)
        cost: Tensor = ((surprise - mean) / spread).square().mean(1)
        return cost

    def keep(self, z: Float[Tensor, "r s d"], costs: Float[Tensor, " r"]) -> None:
        better = costs < self.least
        self.best = torch.where(better[:, None, None], z, self.best)
        self.least = torch.where(better, costs, self.least)
        self.evaluations += 1
        if self.progress is not None:
            self.progress(self.evaluations)
