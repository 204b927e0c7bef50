"""Scores that need all rows at once: features are kept, and gathered from all processes."""

from collections.abc import Callable, Mapping

import torch
from jaxtyping import Float
from torch import Tensor
from torchmetrics import Metric
from torchmetrics.utilities import dim_zero_cat

from gan_lab.metrics.alpha_precision import alpha_precision_beta_recall
from gan_lab.metrics.energy import energy_distance
from gan_lab.metrics.kernel import polynomial_mmd
from gan_lab.metrics.marginals import marginals
from gan_lab.metrics.prdc import precision_recall_density_coverage
from gan_lab.metrics.sliced_wasserstein import sliced_wasserstein
from gan_lab.metrics.vendi import vendi_score

Measure = Callable[[Tensor, Tensor], Mapping[str, float]]


class PooledScore(Metric):
    """Any measure of two sets of rows as a metric; rows are kept until it is computed.

    Args:
        measure: Real rows and samples, `(n, ...)` and `(m, ...)`, to named numbers.

    >>> metric = PooledScore(lambda real, fake: {"gap": float(fake.mean() - real.mean())})
    >>> metric.update(torch.zeros(3, 1), real=True)
    >>> metric.update(torch.ones(3, 1), real=False)
    >>> metric.compute()["gap"].item()
    1.0
    """

    full_state_update = False

    def __init__(self, measure: Measure) -> None:
        super().__init__()
        self.measure = measure
        self.add_state("real", default=[], dist_reduce_fx="cat")
        self.add_state("fake", default=[], dist_reduce_fx="cat")

    def update(self, x: Float[Tensor, "b ..."], *, real: bool) -> None:
        """Add rows `(b, ...)` of real data or samples."""
        (self.real if real else self.fake).append(x)  # type: ignore[operator, union-attr]

    def compute(self) -> dict[str, Tensor]:
        """The named numbers, each a scalar in float64."""
        found = self.measure(dim_zero_cat(self.real), dim_zero_cat(self.fake))  # type: ignore[arg-type]
        return {name: torch.tensor(value, dtype=torch.float64) for name, value in found.items()}


class PrecisionRecallDensityCoverage(PooledScore):
    """`precision_recall_density_coverage` of features; k as there."""

    def __init__(self, k: int = 5) -> None:
        def measure(real: Tensor, fake: Tensor) -> dict[str, float]:
            found = precision_recall_density_coverage(real=real, fake=fake, k=k)
            names = ("precision", "recall", "density", "coverage")
            return {name: getattr(found, name) for name in names}

        super().__init__(measure)


class KernelDistance(PooledScore):
    """`polynomial_mmd` of features: `kernel`, unbiased in the number of rows."""

    def __init__(self) -> None:
        super().__init__(lambda real, fake: {"kernel": polynomial_mmd(real, fake)})


class EnergyDistance(PooledScore):
    """`energy_distance` of flattened rows: `energy`."""

    def __init__(self) -> None:
        super().__init__(
            lambda real, fake: {"energy": energy_distance(real.flatten(1), fake.flatten(1))}
        )


class SlicedWasserstein(PooledScore):
    """`sliced_wasserstein` of rows, along the same directions each time."""

    def __init__(self, directions: int = 256, seed: int = 0) -> None:
        def measure(real: Tensor, fake: Tensor) -> dict[str, float]:
            rng = torch.Generator().manual_seed(seed)
            distance = sliced_wasserstein(real, fake, directions=directions, rng=rng)
            return {"sliced_wasserstein": distance}

        super().__init__(measure)


class AlphaPrecision(PooledScore):
    """`alpha_precision_beta_recall` of features: `alpha_precision` and `beta_recall`."""

    def __init__(self) -> None:
        def measure(real: Tensor, fake: Tensor) -> dict[str, float]:
            found = alpha_precision_beta_recall(real=real, fake=fake)
            return {"alpha_precision": found.precision, "beta_recall": found.recall}

        super().__init__(measure)


class Marginals(PooledScore):
    """`marginals` of rows, mean over channels: `marginal_wasserstein` and `marginal_ks`."""

    def __init__(self) -> None:
        def measure(real: Tensor, fake: Tensor) -> dict[str, float]:
            found = marginals(real=real, fake=fake)
            parts = (found.scaled_wasserstein, found.kolmogorov_smirnov)
            means = [sum(part) / len(part) for part in parts]
            return dict(zip(("marginal_wasserstein", "marginal_ks"), means, strict=True))

        super().__init__(measure)


class VendiScore(PooledScore):
    """`vendi_score` of samples, and of real rows for comparison."""

    def __init__(self) -> None:
        super().__init__(
            lambda real, fake: {"vendi": vendi_score(fake), "vendi_real": vendi_score(real)}
        )
