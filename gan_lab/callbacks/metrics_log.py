"""The one place that writes scalars: the loggers and a table that any program can read."""

import csv
import os
import time
from pathlib import Path

import pytorch_lightning as pl

from gan_lab.callbacks.clock import ClockCallback, Model

CLOCK = ("step", "images", "seconds")


class MetricsLog(ClockCallback):
    """Write `last_terms` of the model to the loggers and to `metrics.csv`.

    A row is written every `log_every` generator steps (the model's setting) and at the end. A
    resumed run goes on in the same table; rows after the step that it resumes from are dropped.
    """

    def __init__(self) -> None:
        self._last = -1
        self._before = 0.0
        self._began = 0.0

    def start(self, trainer: pl.Trainer, model: Model) -> None:
        """Open the table at the current step."""
        self._began, self._last = time.monotonic(), model.steps
        if trainer.is_global_zero:
            self._table = Table(Path(trainer.default_root_dir) / "metrics.csv")
            self._table.cut(model.steps)
            rows = self._table.rows
            self._before = float(rows[-1]["seconds"]) if rows else 0.0

    def step(self, trainer: pl.Trainer, model: Model) -> None:
        """Write when it is time."""
        if trainer.is_global_zero and model.steps % model.log_every == 0:
            self._write(trainer, model)

    def end(self, trainer: pl.Trainer, model: Model) -> None:
        """Write the last state."""
        if trainer.is_global_zero:
            self._write(trainer, model)

    def _write(self, trainer: pl.Trainer, model: Model) -> None:
        if model.steps == self._last:
            return
        self._last = model.steps
        terms = {name: float(value) for name, value in model.last_terms.items()}
        seconds = self._before + time.monotonic() - self._began
        self._table.append(
            {
                "step": model.steps,
                "images": model.images_seen,
                "seconds": round(seconds, 3),
                **terms,
            }
        )
        clock = {"clock/images": float(model.images_seen), "clock/seconds": seconds}
        for logger in trainer.loggers:
            logger.log_metrics({**terms, **clock}, step=model.steps)


class Table:
    """A CSV file that grows by rows, and by columns where a new name appears.

    Args:
        path: The file; it is created with the first row.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: list[dict[str, str]] = []
        self.columns = list(CLOCK)
        if path.exists():
            with path.open(newline="") as file:
                reader = csv.DictReader(file)
                self.rows = list(reader)
                self.columns = list(reader.fieldnames or CLOCK)

    def cut(self, steps: int) -> None:
        """Drop rows after `steps`."""
        kept = [row for row in self.rows if int(row["step"]) <= steps]
        if len(kept) != len(self.rows):
            self.rows = kept
            self._rewrite()

    def append(self, row: dict[str, int | float]) -> None:
        """Add a row."""
        self.rows.append({name: f"{value:.6g}" if isinstance(value, float) else str(value)
                          for name, value in row.items()})  # fmt: skip
        new = [name for name in row if name not in self.columns]
        if new or not self.path.exists():
            self.columns += new
            self._rewrite()
            return
        with self.path.open("a", newline="") as file:
            csv.DictWriter(file, self.columns).writerow(self.rows[-1])

    def _rewrite(self) -> None:
        temporary = self.path.with_name(f".{self.path.name}.writing")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("w", newline="") as file:
            writer = csv.DictWriter(file, self.columns)
            writer.writeheader()
            writer.writerows(self.rows)
        os.replace(temporary, self.path)
