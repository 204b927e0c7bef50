"""What `gan-lab sample given=FILE` writes beside the paths: their quantiles, and a picture."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gan_lab.cli.writers import Drawn, Writer, to_frame

if TYPE_CHECKING:
    import pandas as pd

    from gan_lab.data.table.past import Past

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
SHOWN = 2
"""The picture shows so many times the futures' length of the past."""


class QuantileWriter:
    """Quantiles of all paths, step by step; it keeps the paths in memory."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.parts: list[Drawn] = []

    def write(self, drawn: Drawn) -> None:
        """Keep the batch."""
        self.parts.append(drawn)

    def close(self) -> None:
        """Write CSV or Parquet, by the ending of the path."""
        frame = quantiles(_joined(self.parts))
        if self.path.suffix == ".parquet":
            frame.to_parquet(self.path, index=False)
        else:
            frame.to_csv(self.path, index=False, float_format="%.9g")


class FanWriter:
    """A picture of the past and the fan of its futures; it keeps the paths in memory."""

    def __init__(self, path: Path, past: "Past") -> None:
        self.path, self.past = path, past
        self.parts: list[Drawn] = []

    def write(self, drawn: Drawn) -> None:
        """Keep the batch."""
        self.parts.append(drawn)

    def close(self) -> None:
        """Draw."""
        import pandas as pd

        from gan_lab.render.fan import fan_figure
        from gan_lab.render.style import to_image

        drawn = _joined(self.parts)
        x, spec = drawn.x, drawn.spec
        steps = x.shape[2]
        shown = min(len(self.past.values), max(SHOWN * steps, 2))
        dates = [] if spec.calendar is None else spec.calendar.after(steps)
        before = None if self.past.dates is None else self.past.dates[-shown:].to_numpy()
        dated = before is not None and len(dates) == steps
        figure = fan_figure(
            self.past.values[-shown:].T,
            x,
            names=spec.channel_names,
            past_time=before if dated else None,
            time=pd.to_datetime(dates).to_numpy() if dated else None,
            title=f"{spec.name}: {len(x):,} futures of {steps:,} steps",
        )
        to_image(figure).save(self.path)


def writers_beside(folder: Path, stem: str, kind: str, past: "Past") -> dict[Path, Writer]:
    """The two writers by the paths that they write."""
    ending = "parquet" if kind == "parquet" else "csv"
    table, picture = folder / f"{stem}_quantiles.{ending}", folder / f"{stem}.png"
    return {table: QuantileWriter(table), picture: FanWriter(picture, past)}


def quantiles(drawn: Drawn) -> "pd.DataFrame":
    """One row a step and quantile: `step`, the date, `quantile`, then one column a channel."""
    levels = np.quantile(drawn.x.astype(np.float64), QUANTILES, axis=0)
    # A quantile of whole numbers need not be one.
    frame = to_frame(Drawn(levels, None, replace(drawn.spec, dtypes=())))
    which = np.repeat(QUANTILES, levels.shape[2])
    frame.insert(frame.shape[1] - levels.shape[1], "quantile", which, allow_duplicates=True)
    order = np.lexsort((which, frame.iloc[:, 1]))
    return frame.iloc[order, 1:].reset_index(drop=True)


def _joined(parts: list[Drawn]) -> Drawn:
    """All paths without the steps that are known."""
    spec = parts[0].spec
    x = np.concatenate([part.x[..., spec.known_steps :] for part in parts])
    return Drawn(x, None, replace(spec, transform=None, anchor=()))
