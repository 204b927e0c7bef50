"""Several transforms, one after the other."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.transforms.difference import Difference
from gan_lab.transforms.log import Log
from gan_lab.transforms.transform import Fitted, Transform


@dataclass(frozen=True)
class FittedComposition(Fitted):
    """Fitted stages, applied from first to last and undone from last to first.

    Attributes:
        stages: The fitted transforms.
    """

    stages: tuple[Fitted, ...]

    @property
    def lost(self) -> int:
        """Rows that all stages lose."""
        return sum(stage.lost for stage in self.stages)

    @property
    def scaled(self) -> bool:
        """Whether the last stage scales."""
        return bool(self.stages) and self.stages[-1].scaled

    def forward(self, x: Float[Tensor, "*b t c"]) -> Float[Tensor, "*b u c"]:
        """Through all stages."""
        y = x.double()
        for stage in self.stages:
            y = stage.forward(y)
        return y

    def inverse(
        self, y: Float[Tensor, "*b u c"], start: Float[Tensor, "*b k c"] | None = None
    ) -> Float[Tensor, "*b t c"]:
        """Back through all stages; each begins with its own transformed part of `start`."""
        starts: list[Tensor | None] = [None] * len(self.stages)
        if start is not None:
            if start.shape[-2] != self.lost:
                raise UserError(f"start has {start.shape[-2]} rows; expected {self.lost}")
            rows = start.double()
            for i, stage in enumerate(self.stages):
                starts[i] = rows[..., : stage.lost, :]
                rows = stage.forward(rows)
        x = y.double()
        for stage, first in zip(reversed(self.stages), reversed(starts), strict=True):
            x = stage.inverse(x, first)
        return x


@dataclass(frozen=True)
class Composition(Transform):
    """Transforms in order, each fitted to what those before it give.

    Attributes:
        stages: The transforms.
    """

    stages: Sequence[Transform]

    def fit(
        self, x: Float[Tensor, "t c"], names: Sequence[str] = (), series: Sequence[int] = ()
    ) -> FittedComposition:
        """Fit stage by stage; no difference is taken from one series to the next."""
        fitted: list[Fitted] = []
        parts = list(torch.split(x.double(), list(series) or [len(x)]))
        for stage in self.stages:
            lengths = [len(part) for part in parts]
            fitted.append(stage.fit(torch.cat(parts), names, lengths))
            parts = [fitted[-1].forward(part) for part in parts]
        return FittedComposition(tuple(fitted))


def log_return(columns: Sequence[int | str] | None = None) -> Composition:
    r"""Log-returns $\log x_t - \log x_{t-1}$, for prices.

    Args:
        columns: Numbers or names of the columns; by default all.
    """
    return Composition((Log(columns), Difference(columns)))
