"""Hidden regimes that follow each other by chance, each with a mean and a volatility of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.special import ndtri

from gan_lab.data.synthetic.checks import require_matrix
from gan_lab.data.synthetic.noise import uniforms
from gan_lab.data.synthetic.process import Process
from gan_lab.errors import UserError


@dataclass(frozen=True)
class RegimesTruth:
    """Law of a stationary Markov-switching series.

    Attributes:
        transition: Probability of going from regime i (row) to regime j (column), `(k, k)`.
        mean: Mean in each regime, `(k,)`.
        std: Standard deviation in each regime, `(k,)`.
        stationary: Share of time in each regime, `(k,)`.
    """

    transition: Float[Tensor, "k k"]
    mean: Float[Tensor, " k"]
    std: Float[Tensor, " k"]
    stationary: Float[Tensor, " k"]

    @property
    def overall_mean(self) -> float:
        r"""$\sum_i \pi_i \mu_i$."""
        return float(self.stationary @ self.mean)

    @property
    def variance(self) -> float:
        r"""$\sum_i \pi_i (\sigma_i^2 + (\mu_i - \bar\mu)^2)$."""
        spread = self.std.square() + (self.mean - self.overall_mean).square()
        return float(self.stationary @ spread)

    @property
    def duration(self) -> Float[Tensor, " k"]:
        r"""Expected steps of a stay in each regime, $1 / (1 - P_{ii})$, `(k,)`."""
        return 1 / (1 - self.transition.diagonal())

    def autocovariance(self, lag: int) -> float:
        r"""Covariance of two values $h \ge 1$ steps apart.

        $$ \sum_i \pi_i \mu_i (P^h \mu)_i - \bar\mu^2 $$
        """
        later = torch.linalg.matrix_power(self.transition, lag) @ self.mean
        return float((self.stationary * self.mean) @ later) - self.overall_mean**2


class Regimes(Process):
    r"""One channel, $x_t = \mu_{s_t} + \sigma_{s_t} \varepsilon_t$ with a hidden Markov chain $s$.

    The chain starts in its stationary law. Source: Hamilton 1989, without autoregression.

    Attributes:
        truth: The law.

    Args:
        transition: Rows of transition probabilities, one per regime.
        mean: Mean in each regime.
        std: Standard deviation in each regime.
        options: Arguments of `Process` and `DataModule`.

    Raises:
        UserError: If sizes differ, a row is no probability, a deviation is not positive, or the
            chain falls apart into regimes that never meet.
    """

    name = "regimes"
    channel_names = ("value",)

    def __init__(
        self,
        transition: Sequence[Sequence[float]] = ((0.98, 0.02), (0.05, 0.95)),
        mean: Sequence[float] = (0.5, -1.0),
        std: Sequence[float] = (0.5, 1.5),
        **options: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(**options)
        k = len(transition)
        chain = require_matrix("transition", transition, (k, k))
        if (chain < 0).any() or (chain.sum(dim=1) - 1).abs().max() > 1e-9:
            raise UserError("data.transition needs rows of probabilities that sum to 1")
        spread = require_matrix("std", [std], (1, k))[0]
        if (spread <= 0).any():
            raise UserError(f"data.std is {list(std)}; expected positive numbers")
        centre = require_matrix("mean", [mean], (1, k))[0]
        self.truth = RegimesTruth(chain, centre, spread, _stationary(chain))

    def simulate(self, n: int, steps: int, generator: torch.Generator) -> Float[Tensor, "n t 1"]:
        """Draw `n` paths, `(n, steps, 1)`."""
        share = uniforms(n, steps, 2, generator=generator)
        state = _chain(self.truth, share[..., 0])
        noise: Tensor = ndtri(share[..., 1])
        return (self.truth.mean[state] + self.truth.std[state] * noise)[..., None]


def _stationary(transition: Float[Tensor, "k k"]) -> Float[Tensor, " k"]:
    """The distribution that one step leaves as it is."""
    k = len(transition)
    balance = transition.T - torch.eye(k, dtype=torch.float64)
    if int(torch.linalg.matrix_rank(balance, rtol=1e-9)) < k - 1:
        raise UserError("data.transition has regimes that never meet; join them")
    total = torch.ones(1, k, dtype=torch.float64)
    target = torch.zeros(k + 1, 1, dtype=torch.float64)
    target[-1] = 1
    solution: Tensor = torch.linalg.lstsq(torch.cat([balance, total]), target).solution
    return solution[:, 0].clamp_min(0)


def _chain(truth: RegimesTruth, share: Float[Tensor, "n t"]) -> Int[Tensor, "n t"]:
    """Regimes from uniform numbers, by composing the steps' maps pairwise.

    `step[..., i]` is where regime `i` goes; the first step sends all of them to one place.
    """
    step: Tensor = (share[..., None, None] >= truth.transition.cumsum(1)[:, :-1]).sum(dim=-1)
    first = (share[:, 0, None] >= truth.stationary.cumsum(0)[:-1]).sum(dim=-1)
    step[:, 0] = first[:, None]
    shift = 1
    while shift < step.shape[1]:
        step[:, shift:] = step[:, shift:].gather(-1, step[:, :-shift])
        shift *= 2
    return step[..., 0]
