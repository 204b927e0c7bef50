"""Volatility that clusters: GARCH(1,1) with Gaussian shocks."""

import math
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.data.synthetic.checks import require_positive
from gan_lab.data.synthetic.noise import normals
from gan_lab.data.synthetic.process import Process
from gan_lab.data.synthetic.recurrence import scalar_recurrence
from gan_lab.errors import UserError

# Influence of the start that is left after the burn-in.
_FORGOTTEN = 1e-4


@dataclass(frozen=True)
class GARCHTruth:
    r"""Law of a GARCH(1,1), with standard normal $z_t$.

    $$ \varepsilon_t = \sqrt{h_t} z_t, \quad
    h_t = \omega + \alpha\varepsilon_{t-1}^2 + \beta h_{t-1} $$

    Values are uncorrelated; their squares are not. Formulas: Bollerslev 1986.

    Attributes:
        omega: Constant part of the variance.
        alpha: Weight of the last squared value.
        beta: Weight of the last variance.
    """

    omega: float
    alpha: float
    beta: float

    @property
    def persistence(self) -> float:
        r"""Decay of volatility per step, $\alpha + \beta$."""
        return self.alpha + self.beta

    @property
    def variance(self) -> float:
        r"""Unconditional variance, $\omega / (1 - \alpha - \beta)$."""
        return self.omega / (1 - self.persistence)

    @property
    def kurtosis(self) -> float:
        r"""Kurtosis $3 (1 - s^2) / (1 - s^2 - 2\alpha^2)$ with $s = \alpha + \beta$.

        It is infinite where the denominator is not positive; a Gaussian has 3.
        """
        rest = 1 - self.persistence**2
        return 3 * rest / (rest - 2 * self.alpha**2) if rest > 2 * self.alpha**2 else math.inf

    def squares_autocorrelation(self, lags: int) -> Float[Tensor, " k"]:
        r"""Autocorrelations of $\varepsilon^2$ at the lags 0 to `lags`, `(lags + 1,)`.

        $$ \rho_1 = \frac{\alpha (1 - \alpha\beta - \beta^2)}{1 - 2\alpha\beta - \beta^2}, \quad
        \rho_k = (\alpha + \beta)^{k-1} \rho_1 $$

        They exist where the kurtosis is finite.

        Raises:
            UserError: If it is not.
        """
        if math.isinf(self.kurtosis):
            raise UserError(f"GARCH with alpha={self.alpha}, beta={self.beta}: squares have no ACF")
        a, b = self.alpha, self.beta
        first = a * (1 - a * b - b**2) / (1 - 2 * a * b - b**2)
        later = first * self.persistence ** torch.arange(lags, dtype=torch.float64)
        return torch.cat([torch.ones(1, dtype=torch.float64), later])


class GARCH(Process):
    """One channel of returns with mean 0 whose volatility clusters.

    The path starts at the unconditional variance, and the first steps, as many as its influence
    takes to fade, are dropped.

    Attributes:
        truth: The law.

    Args:
        omega: Constant part of the variance.
        alpha: Weight of the last squared value.
        beta: Weight of the last variance.
        options: Arguments of `Process` and `DataModule`.

    Raises:
        UserError: If `omega` is not positive, a weight is negative, or their sum reaches 1.
    """

    name = "garch"
    channel_names = ("return",)

    def __init__(
        self,
        omega: float = 0.05,
        alpha: float = 0.1,
        beta: float = 0.85,
        **options: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(**options)
        require_positive("omega", omega)
        if not (alpha >= 0 and beta >= 0 and alpha + beta < 1):
            raise UserError(
                f"data.alpha is {alpha} and data.beta {beta}; expected 0 or more each and a sum "
                "below 1, or the variance is infinite"
            )
        self.truth = GARCHTruth(omega=float(omega), alpha=float(alpha), beta=float(beta))

    def simulate(self, n: int, steps: int, generator: torch.Generator) -> Float[Tensor, "n t 1"]:
        """Draw `n` paths, `(n, steps, 1)`."""
        truth = self.truth
        fades = truth.persistence > 0
        burn_in = math.ceil(math.log(_FORGOTTEN) / math.log(truth.persistence)) if fades else 1
        z = normals(n, burn_in + steps, generator=generator)
        factor = torch.zeros_like(z)
        factor[:, 1:] = truth.alpha * z[:, :-1].square() + truth.beta
        drive = torch.full_like(z, truth.omega)
        drive[:, 0] = truth.variance
        h = scalar_recurrence(factor, drive)
        return (h.sqrt() * z)[:, burn_in:, None]
