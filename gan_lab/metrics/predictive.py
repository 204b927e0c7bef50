"""Predictive score of the TimeGAN table: train a forecaster on generated windows, test on real."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.metrics.post_hoc_gru import (
    StackedGRU,
    check_windows,
    draw,
    hidden_size,
    seeds,
    train,
)


@dataclass(frozen=True)
class PredictiveScore:
    """Mean absolute error of forecasts on real windows.

    Attributes:
        mean: Mean over the runs, in units of the data.
        std: Standard deviation over the runs, with n - 1 in the denominator; NaN for one run.
        scores: Error of each run.
    """

    mean: float
    std: float
    scores: tuple[float, ...]


def predictive_score(
    real: Float[Tensor, "n c t"],
    fake: Float[Tensor, "m d s"],
    *,
    runs: int = 10,
    iterations: int = 5000,
    batch_size: int = 128,
    learning_rate: float = 1e-3,
    seed: int = 0,
) -> PredictiveScore:
    r"""Forecast the last channel one step ahead from the past of the others.

    A GRU layer of half as many units as channels reads channels $1, \dots, c - 1$ up to step t and,
    through a sigmoid, gives channel c at t + 1. It is trained on `fake` by Adam on the
    absolute error, and tested on all of `real`. With the real windows as `fake` it is the row
    "original" of the table. The forecaster does not see the last channel's own past, which is how
    the table was made; it cannot rank models that are close to the data.

    Args:
        real: Real windows, `(n, c, t)`, scaled to [0, 1].
        fake: Generated windows of the same shape, `(m, c, t)`, in the same units.
        runs: Number of forecasters, with weights and batches of their own.
        iterations: Steps of training.
        batch_size: Windows per step.
        learning_rate: Of Adam; the table's is 1e-3.
        seed: Run k draws from `seed + k`.

    Raises:
        UserError: If there is one channel or one step only, shapes differ, or a value is not
            finite.

    Source: Yoon et al., "Time-series generative adversarial networks", 2019, sec. 5.1; sizes and
    numbers of steps as in its code.
    """
    check_windows(real, fake, fewest=1)
    if min(real.shape[1:]) < 2:
        raise UserError(
            f"windows are {tuple(real.shape[1:])}; the predictive score needs 2 channels and 2 "
            "steps or more, as it forecasts the last channel from the others"
        )
    rngs = seeds(seed, runs)
    (past, target), (real_past, real_target) = (_task(x.float()) for x in (fake, real))
    network = StackedGRU(real.shape[1] - 1, hidden_size(real.shape[1]), rngs)

    def loss() -> Tensor:
        index = draw(len(past), batch_size, rngs)
        return _errors(network, past[index], target[index])

    train(network, loss, iterations=iterations, learning_rate=learning_rate)
    with torch.no_grad():
        errors = _errors(
            network, real_past.expand(runs, -1, -1, -1), real_target.expand(runs, -1, -1)
        )
    std = float(errors.std()) if runs > 1 else torch.nan
    return PredictiveScore(float(errors.mean()), std, tuple(errors.tolist()))


def _task(x: Float[Tensor, "n c t"]) -> tuple[Float[Tensor, "n s i"], Float[Tensor, "n s"]]:
    return x[:, :-1, :-1].transpose(1, 2), x[:, -1, 1:]


def _errors(
    network: StackedGRU, past: Float[Tensor, "r b s i"], target: Float[Tensor, "r b s"]
) -> Float[Tensor, " r"]:
    return (network.every(past).sigmoid() - target).abs().mean((1, 2))
