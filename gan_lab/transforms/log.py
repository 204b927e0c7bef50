"""Logarithms of positive columns."""

from collections.abc import Sequence
from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from gan_lab.transforms.checks import (
    numbered,
    require_all,
    require_channels,
    require_columns,
    require_rows,
)
from gan_lab.transforms.transform import Recoding, Transform


@dataclass(frozen=True)
class FittedLog(Recoding):
    r"""$y_c = \log x_c$ in some columns; the others stay.

    Attributes:
        channels: Number of channels.
        columns: Which of them.
        names: Names of the columns, for messages; may be empty.
    """

    channels: int
    columns: tuple[int, ...]
    names: tuple[str, ...] = ()

    def forward(self, x: Float[Tensor, "*b t c"]) -> Float[Tensor, "*b t c"]:
        """Take logarithms.

        Raises:
            UserError: If a value is not positive: it names the column and the row.
        """
        require_channels(x, self.channels)
        columns = list(self.columns)
        positive = x > 0
        positive[..., [c for c in range(self.channels) if c not in columns]] = True
        require_all(positive, x, self.names, "its logarithm needs a positive number")
        y = x.double().clone()
        y[..., columns] = y[..., columns].log()
        return y

    def inverse(
        self, y: Float[Tensor, "*b t c"], start: Float[Tensor, "*b k c"] | None = None
    ) -> Float[Tensor, "*b t c"]:
        """Exponentials."""
        require_channels(y, self.channels)
        columns = list(self.columns)
        x = y.double().clone()
        x[..., columns] = x[..., columns].exp()
        return x


@dataclass(frozen=True)
class Log(Transform):
    """Natural logarithm, for values that are positive and vary by factors.

    Attributes:
        columns: Numbers or names of the columns; by default all.
    """

    columns: Sequence[int | str] | None = None

    def fit(
        self, x: Float[Tensor, "t c"], names: Sequence[str] = (), series: Sequence[int] = ()
    ) -> FittedLog:
        """Check the training rows.

        Raises:
            UserError: If a value is not positive: it names the column and the row.
        """
        require_rows(x, 1, names)
        channels = x.shape[1]
        chosen = range(channels) if self.columns is None else numbered(self.columns, names)
        fitted = FittedLog(channels, require_columns(chosen, channels), tuple(names))
        fitted.forward(x)
        return fitted
