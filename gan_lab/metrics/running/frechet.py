"""Fréchet distance of features that come in batches, on any number of processes."""

import torch
from jaxtyping import Float
from torch import Tensor
from torchmetrics import Metric

from gan_lab.metrics.frechet import Moments, frechet_distance_of_moments

PARTS = ("count", "mean", "scatter")


class FrechetDistance(Metric):
    """`frechet_distance` as a metric whose states are counts, means and scatter matrices.

    Each process keeps its own moments about its own mean; they are merged as Chan, Golub and
    LeVeque do, so that a common offset costs no digits.

    Args:
        features: Dimension d.

    >>> metric = FrechetDistance(2)
    >>> x = torch.tensor([[0.0, 0.0], [2.0, 0.0], [0.0, 2.0]])
    >>> metric.update(x, real=True)
    >>> metric.update(x + 3.0, real=False)
    >>> round(float(metric.compute()), 9)
    18.0
    """

    higher_is_better = False
    full_state_update = False

    def __init__(self, features: int) -> None:
        super().__init__()
        for side in ("real", "fake"):
            shapes = ((), (features,), (features, features))
            for part, shape in zip(PARTS, shapes, strict=True):
                zero = torch.zeros(shape, dtype=torch.float64)
                # None stacks the states of all processes along a first axis.
                self.add_state(f"{side}_{part}", default=zero, dist_reduce_fx=None)

    def update(self, x: Float[Tensor, "b d"], *, real: bool) -> None:
        """Add features `(b, d)` of real rows or of samples."""
        side = "real" if real else "fake"
        x = x.double()
        mean = x.mean(dim=0)
        batch = (x.new_tensor(len(x)), mean, (x - mean).T @ (x - mean))
        before = (getattr(self, f"{side}_{part}") for part in PARTS)
        for part, value in zip(PARTS, _merged(tuple(before), batch), strict=True):
            setattr(self, f"{side}_{part}", value)

    def compute(self) -> Tensor:
        """The distance, a scalar in float64.

        Raises:
            UserError: If there are not as many real rows as samples, or fewer than two.
        """
        found = frechet_distance_of_moments(self._moments("real"), self._moments("fake"))
        return torch.tensor(found.distance, dtype=torch.float64)

    def _moments(self, side: str) -> Moments:
        count, mean, scatter = (getattr(self, f"{side}_{part}") for part in PARTS)
        if count.ndim:
            states = list(zip(count, mean, scatter, strict=True))
            count, mean, scatter = states[0]
            for state in states[1:]:
                count, mean, scatter = _merged((count, mean, scatter), state)
        n = int(count)
        return Moments(n, mean, scatter / max(n - 1, 1))


def _merged(a: tuple[Tensor, ...], b: tuple[Tensor, ...]) -> tuple[Tensor, Tensor, Tensor]:
    """Count, mean and scatter of two sets together."""
    (n, mean_a, scatter_a), (m, mean_b, scatter_b) = a, b
    total = n + m
    shift, share = mean_b - mean_a, m / total.clamp(min=1)
    scatter = scatter_a + scatter_b + torch.outer(shift, shift) * n * share
    return total, mean_a + shift * share, scatter
