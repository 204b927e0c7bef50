"""The one place that writes scalars: the loggers and a table that any program can read."""

import csv
import io
import time
from pathlib import Path

import pytorch_lightning as pl

from gan_lab.atomic import unwritable, write_atomically
from gan_lab.callbacks.clock import ClockCallback, Model, every_n

CLOCK = ("step", "images", "seconds")


class MetricsLog(ClockCallback):
    """Write `last_terms` of the model to the loggers and to `metrics.csv`.

    A row is written every `log_every` generator steps (the model's setting) and at the end. A
    resumed run goes on in the same table; rows that an uninterrupted run would not have at its
    first step are dropped.
    """

    def __init__(self) -> None:
        self._last = -1
        self._before = 0.0
        self._began = 0.0

    def start(self, trainer: pl.Trainer, model: Model) -> None:
        """Open the table at the current step."""
        self._began, self._last = time.monotonic(), 0
        if trainer.is_global_zero:
            self._table = Table(Path(trainer.default_root_dir) / "metrics.csv")
            self._table.cut(model.steps, model.log_every)
            rows = self._table.rows
            if rows:
                self._before, self._last = float(rows[-1]["seconds"]), int(rows[-1]["step"])

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
            reader = csv.DictReader(_whole_lines(path))
            self.columns = list(reader.fieldnames or CLOCK)
            self.rows = [row for row in reader if None not in row.values()]

    def cut(self, steps: int, every: int = 1) -> None:
        """Drop rows after `steps`, and what only the end of a run has written there.

        Args:
            steps: Generator steps of the state that training goes on from.
            every: Steps between two rows of a run that goes on.
        """
        last = steps if every_n(steps, every) else steps - 1
        kept = [row for row in self.rows if int(row["step"]) <= last]
        filled = {name for row in kept for name, value in row.items() if value}
        self.columns = [name for name in self.columns if name in {*CLOCK, *filled}]
        self.rows = [{name: row[name] for name in self.columns if name in row} for row in kept]
        if self.rows:
            self._rewrite()
        else:
            self.path.unlink(missing_ok=True)

    def append(self, row: dict[str, int | float]) -> None:
        """Add a row.

        Raises:
            UserError: If the file cannot be written.
        """
        self.rows.append({name: f"{value:.6g}" if isinstance(value, float) else str(value)
                          for name, value in row.items()})  # fmt: skip
        new = [name for name in row if name not in self.columns]
        if new or not self.path.exists():
            self.columns += new
            self._rewrite()
            return
        try:
            with self.path.open("a", newline="") as file:
                csv.DictWriter(file, self.columns).writerow(self.rows[-1])
        except OSError as error:
            raise unwritable(self.path, error) from error

    def _rewrite(self) -> None:
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, self.columns)
        writer.writeheader()
        writer.writerows(self.rows)
        write_atomically(self.path, text.getvalue().encode())


def _whole_lines(path: Path) -> list[str]:
    """Lines of the file without a last one that a full disk has cut off."""
    with path.open(newline="") as file:
        return [line for line in file if line.endswith("\n")]
