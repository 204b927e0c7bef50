"""Changes from row to row, with the row that is needed to add them up again."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.transforms.checks import numbered, require_channels, require_columns, require_rows
from gan_lab.transforms.transform import Fitted, Transform


@dataclass(frozen=True)
class FittedDifference(Fitted):
    r"""$y_t = x_t - x_{t-1}$ in some columns; the others keep their values. The first row is lost.

    Attributes:
        anchor: First of the rows that the transform was fitted to, one value per channel.
        columns: Which columns are differenced.
    """

    anchor: tuple[float, ...]
    columns: tuple[int, ...]

    @property
    def lost(self) -> int:
        """One row."""
        return 1

    @property
    def scaled(self) -> bool:
        """No."""
        return False

    def forward(self, x: Float[Tensor, "*b t c"]) -> Float[Tensor, "*b u c"]:
        """Changes from the second row on, `(*b, t - 1, c)`.

        Raises:
            UserError: If there is no row, or the channels do not fit.
        """
        require_channels(x, len(self.anchor))
        if x.shape[-2] < 1:
            raise UserError("no row to take differences from; expected 1 or more")
        columns = list(self.columns)
        rows = x.double()
        y = rows[..., 1:, :].clone()
        y[..., columns] = rows[..., columns].diff(dim=-2)
        return y

    def inverse(
        self, y: Float[Tensor, "*b u c"], start: Float[Tensor, "*b k c"] | None = None
    ) -> Float[Tensor, "*b t c"]:
        """Running sums from `start` on, with `start` as their first row, `(*b, u + 1, c)`."""
        require_channels(y, len(self.anchor))
        if start is None:
            anchor = torch.tensor(self.anchor, dtype=torch.float64, device=y.device)
            start = anchor.expand(*y.shape[:-2], 1, -1)
        if start.shape != (*y.shape[:-2], 1, y.shape[-1]):
            raise UserError(
                f"start has shape {tuple(start.shape)}; expected one row per window, "
                f"{(*y.shape[:-2], 1, y.shape[-1])}"
            )
        columns = list(self.columns)
        x = torch.cat([start.double(), y.double()], dim=-2)
        x[..., columns] = x[..., columns].cumsum(dim=-2)
        return x


@dataclass(frozen=True)
class Difference(Transform):
    """Change from row to row, for values whose level wanders.

    Attributes:
        columns: Numbers or names of the columns; by default all.
    """

    columns: Sequence[int | str] | None = None

    def fit(
        self, x: Float[Tensor, "t c"], names: Sequence[str] = (), series: Sequence[int] = ()
    ) -> FittedDifference:
        """Keep the first row."""
        require_rows(x, 1, names)
        channels = x.shape[1]
        chosen = range(channels) if self.columns is None else numbered(self.columns, names)
        anchor = tuple(x[0].double().tolist())
        return FittedDifference(anchor, require_columns(chosen, channels))
