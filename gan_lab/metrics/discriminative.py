"""Discriminative score of the TimeGAN table: can a small GRU tell generated windows from real?"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import softplus

from gan_lab.metrics.post_hoc_gru import (
    StackedGRU,
    check_windows,
    draw,
    hidden_size,
    seeds,
    train,
)


@dataclass(frozen=True)
class DiscriminativeScore:
    r"""$|0.5 - \mathrm{accuracy}|$: 0 where the judge cannot tell, 0.5 where it always can.

    Attributes:
        mean: Mean over the runs.
        std: Standard deviation over the runs, with n - 1 in the denominator; NaN for one run.
        scores: Score of each run.
        accuracies: Accuracy of each run on its own test part.
    """

    mean: float
    std: float
    scores: tuple[float, ...]
    accuracies: tuple[float, ...]


def discriminative_score(
    real: Float[Tensor, "n c t"],
    fake: Float[Tensor, "m d s"],
    *,
    runs: int = 10,
    iterations: int = 2000,
    batch_size: int = 128,
    learning_rate: float = 1e-3,
    seed: int = 0,
) -> DiscriminativeScore:
    """Train a judge on 80 % of both sets and score it on the other 20 %, `runs` times.

    The judge is one GRU layer of half as many units as channels and a linear layer on its last
    state, trained by Adam on batches of both sets. The split is random, as in the table: on
    windows that overlap, test windows share steps with training windows, and exact copies of the
    real windows score near 0. Read it beside its floors and a copy test.

    Args:
        real: Real windows, `(n, c, t)`, scaled to about [0, 1].
        fake: Generated windows of the same shape, `(m, c, t)`, in the same units.
        runs: Number of judges, with splits and weights of their own.
        iterations: Steps of training.
        batch_size: Windows of each set per step.
        learning_rate: Of Adam; the table's is 1e-3.
        seed: Run k draws from `seed + k`.

    Raises:
        UserError: If shapes differ, a value is not finite or there are fewer than 5 windows.

    Source: Yoon et al., "Time-series generative adversarial networks", 2019, sec. 5.1; sizes and
    numbers of steps as in its code.
    """
    check_windows(real, fake, fewest=5)
    rngs = seeds(seed, runs)
    (real_train, real_test), (fake_train, fake_test) = (
        _split(x.transpose(1, 2).float(), rngs) for x in (real, fake)
    )
    channels = real.shape[1]
    network = StackedGRU(channels, hidden_size(channels), rngs)

    def loss() -> Tensor:
        pair = [_rows(x, draw(x.shape[1], batch_size, rngs)) for x in (real_train, fake_train)]
        sizes = [x.shape[1] for x in pair]
        on_real, on_fake = torch.split(network.last(torch.cat(pair, dim=1)), sizes, dim=1)
        return softplus(-on_real).mean(1) + softplus(on_fake).mean(1)

    train(network, loss, iterations=iterations, learning_rate=learning_rate)
    with torch.no_grad():
        right = torch.cat([network.last(real_test) > 0, network.last(fake_test) <= 0], dim=1)
    accuracy = right.double().mean(1)
    scores = (accuracy - 0.5).abs()
    std = float(scores.std()) if runs > 1 else torch.nan
    return DiscriminativeScore(
        float(scores.mean()), std, tuple(scores.tolist()), tuple(accuracy.tolist())
    )


def _split(
    x: Float[Tensor, "n t c"], rngs: list[torch.Generator]
) -> tuple[Float[Tensor, "r a t c"], Float[Tensor, "r b t c"]]:
    order = torch.stack([torch.randperm(len(x), generator=rng) for rng in rngs])
    count = int(0.8 * len(x))
    return x[order[:, :count]], x[order[:, count:]]


def _rows(x: Float[Tensor, "r n t c"], index: Tensor) -> Float[Tensor, "r b t c"]:
    return x[torch.arange(len(x))[:, None], index]
