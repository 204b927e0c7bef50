r"""From a critic's logits to the ratio of densities $p_\text{data}(x) / p_G(x)$.

A critic that is optimal for the non-saturating loss has the log-ratio as its logit. A trained one
has not: it is overconfident on the rows that it was trained on, and of a relativistic or
Wasserstein objective its logit is defined up to a constant at most. So the logits are calibrated on
real rows that the critic never saw against as many samples: whatever increases with how real a row
is will do.
"""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from torch import Tensor

from gan_lab.errors import UserError

LEAST = 20


@runtime_checkable
class Calibration(Protocol):
    """What a critic's logit says about a row."""

    def log_ratio(self, logit: Float[Tensor, " n"]) -> Float[Tensor, " n"]:
        r"""$\log p_\text{data} / p_G$, `(n,)`, increasing in the logit."""


@dataclass(frozen=True)
class Logistic:
    r"""$\log p_\text{data} / p_G = a D(x) + b$, a of 0 or more: smooth, with a gradient.

    Attributes:
        slope: a; 1 for a critic that is as sure as it should be.
        intercept: b, which takes the constant of a relativistic critic.
    """

    slope: float
    intercept: float

    def log_ratio(self, logit: Float[Tensor, " n"]) -> Float[Tensor, " n"]:
        """The line, `(n,)`."""
        return self.slope * logit + self.intercept


@dataclass(frozen=True, eq=False)
class Isotonic:
    """A function of any increasing shape, constant beyond the logits that it was fitted to.

    Attributes:
        at: Logits, increasing, `(k,)`.
        value: Log-ratio at each, not decreasing, `(k,)`; straight lines lie between them.
    """

    at: Float[Tensor, " k"]
    value: Float[Tensor, " k"]

    def log_ratio(self, logit: Float[Tensor, " n"]) -> Float[Tensor, " n"]:
        """The function, `(n,)`."""
        x = logit.double().clamp(float(self.at[0]), float(self.at[-1]))
        right = torch.searchsorted(self.at, x.contiguous()).clamp(1, max(1, len(self.at) - 1))
        if len(self.at) == 1:
            return self.value.expand(len(x)).to(logit.dtype)
        low, high = self.at[right - 1], self.at[right]
        share = (x - low) / (high - low)
        return torch.lerp(self.value[right - 1], self.value[right], share).to(logit.dtype)


def fit_logistic(real: Float[Tensor, " n"], fake: Float[Tensor, " m"]) -> Logistic:
    """Calibrate by logistic regression of real against generated, each side of equal weight.

    Args:
        real: Logits of real rows that the critic was not trained on, `(n,)`.
        fake: Logits of samples, `(m,)`.

    Raises:
        UserError: If a side has fewer than 20 rows, or a logit is not finite.

    Source: Platt, "Probabilistic outputs for support vector machines", 1999.
    """
    logit, is_real, weight = _pooled(real, fake)
    spread = float(logit.std(correction=0)) or 1.0  # the solver needs inputs of about unit size
    centre = float(logit.mean())
    # A penalty this weak only keeps separable logits from an infinite slope.
    model = LogisticRegression(C=1e6, max_iter=1000)
    scaled = ((logit - centre) / spread)[:, None].numpy()
    model.fit(scaled, is_real.numpy(), sample_weight=weight.numpy())
    slope = max(0.0, float(model.coef_[0, 0])) / spread
    if slope == 0.0:
        return Logistic(0.0, 0.0)
    return Logistic(slope, float(model.intercept_[0]) - slope * centre)


def fit_isotonic(real: Float[Tensor, " n"], fake: Float[Tensor, " m"]) -> Isotonic:
    """Calibrate by isotonic regression, each side of equal weight.

    Probabilities stay as far from 0 and 1 as one row of a side is from none.

    Args:
        real: Logits of real rows that the critic was not trained on, `(n,)`.
        fake: Logits of samples, `(m,)`.

    Raises:
        UserError: If a side has fewer than 20 rows, or a logit is not finite.

    Source: Zadrozny & Elkan, 2002; for critics Turner et al., "Metropolis-Hastings generative
    adversarial networks", 2019, sec. 3.3.
    """
    logit, is_real, weight = _pooled(real, fake)
    model = IsotonicRegression(out_of_bounds="clip")
    model.fit(logit.numpy(), is_real.double().numpy(), sample_weight=weight.numpy())
    least = 1 / (min(len(real), len(fake)) + 2)
    at = torch.as_tensor(model.X_thresholds_, dtype=torch.float64)
    p = torch.as_tensor(model.y_thresholds_, dtype=torch.float64).clamp(least, 1 - least)
    return Isotonic(at, p.logit())


def miscalibration(
    log_ratio_real: Float[Tensor, " n"], log_ratio_fake: Float[Tensor, " m"]
) -> float:
    r"""Standardised gap between how many rows are real and how many should be.

    $$ Z = \sum_i (y_i - p_i) \Big/ \sqrt{\textstyle\sum_i p_i (1 - p_i)}, \quad
    p = \sigma(\text{log-ratio}), $$

    over as many real rows (y = 1) as samples (y = 0). Within about 2 of 0 for a calibrated critic.

    Source: Dawid, "Prequential analysis", 1997, as in Turner et al. 2019, sec. 3.3.
    """
    n = min(len(log_ratio_real), len(log_ratio_fake))
    p = torch.cat([log_ratio_real[:n], log_ratio_fake[:n]]).double().sigmoid()
    return float((n - p.sum()) / (p * (1 - p)).sum().sqrt())


def _pooled(real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    if min(len(real), len(fake)) < LEAST:
        raise UserError(
            f"calibration: {len(real)} real and {len(fake)} generated logits; expected {LEAST} or "
            "more of each"
        )
    logit = torch.cat([real, fake]).detach().cpu().double()
    if not logit.isfinite().all():
        raise UserError("calibration: the critic gives NaN or infinity; it has diverged")
    is_real = torch.arange(len(logit)) < len(real)
    weight = torch.where(is_real, 0.5 / len(real), 0.5 / len(fake)).double() * len(logit)
    return logit, is_real, weight
