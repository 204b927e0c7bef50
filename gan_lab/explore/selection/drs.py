"""Discriminator rejection sampling: keep a sample as often as the data have it."""

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.explore.selection.source import Selection, Source, Tell, joined

EPSILON = 1e-8
BURN_IN = 2000
LEAST_RATE, PATIENCE = 1e-3, 50_000


def acceptance(
    log_ratio: Float[Tensor, " n"], largest: float, gamma: float = 0.0
) -> Float[Tensor, " n"]:
    r"""Probability that a sample is kept, $\sigma(F(x))$, `(n,)`.

    $$ F(x) = \ell(x) - \ell_M - \log(1 - e^{\ell(x) - \ell_M - \epsilon}) - \gamma. $$

    With $\gamma = 0$ this is $e^{\ell - \ell_M}$, rejection sampling as in a textbook.

    Args:
        log_ratio: $\ell(x) = \log p_\text{data} / p_G$, `(n,)`.
        largest: $\ell_M$, the largest log-ratio there is.
        gamma: Shift; above 0 fewer are kept, below 0 more.

    Source: Azadi et al., "Discriminator rejection sampling", 2019, eq. 8.
    """
    gap = (log_ratio.double() - largest).clamp(max=0.0)
    return (gap - torch.log(-torch.expm1(gap - EPSILON)) - gamma).sigmoid()


def reject(
    source: Source,
    n: int,
    *,
    percentile: float | None = None,
    seed: int = 0,
    tell: Tell | None = None,
) -> Selection:
    r"""Draw until `n` samples have been kept.

    The largest log-ratio comes from 2,000 samples at first, and grows with what is met later.

    Args:
        source: Generator and critic.
        n: Number of samples to keep.
        percentile: $\gamma$ is this percentile of F among the first samples, in [0, 100]: the
            larger, the stricter. None: $\gamma = 0$, which is exact if the critic is.
        seed: Seed of the draws.
        tell: Called with the number of latents judged.

    Raises:
        UserError: If fewer than one sample in a thousand is kept, or the percentile is none.

    Source: Azadi et al. 2019, algorithm 1.
    """
    if percentile is not None and not 0 <= percentile <= 100:
        raise UserError(f"percentile={percentile}: expected a number from 0 to 100")
    rng = torch.Generator().manual_seed(seed)
    first = source.draw(BURN_IN, rng).log_ratio
    largest = float(first.max())
    gamma = 0.0 if percentile is None else _gamma(first, largest, percentile)
    kept, count, judged = [], 0, BURN_IN
    while count < n:
        batch = source.draw(max(n, 500), rng)
        largest = max(largest, float(batch.log_ratio.max()))
        lucky = torch.rand(len(batch), generator=rng, dtype=torch.float64)
        kept.append(batch[lucky < acceptance(batch.log_ratio, largest, gamma)])
        count, judged = count + len(kept[-1]), judged + len(batch)
        if judged > PATIENCE and count < LEAST_RATE * (judged - BURN_IN):
            raise UserError(
                f"method=drs keeps {count} of {judged - BURN_IN:,} samples: one is judged far more "
                "real than all others; use method=mh, which needs no maximum"
            )
        if tell is not None:
            tell(len(batch))
    return Selection("drs", joined(kept)[:n], judged, count / (judged - BURN_IN))


def _gamma(log_ratio: Tensor, largest: float, percentile: float) -> float:
    # The largest itself has F near log(1 / epsilon); it must not set the scale.
    return float(acceptance(log_ratio, largest).logit().quantile(percentile / 100))
