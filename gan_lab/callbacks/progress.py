"""How far training is, and how long it will take."""

import time

import pytorch_lightning as pl
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from gan_lab.callbacks.clock import ClockCallback, Model, StopAfter
from gan_lab.metrics.health import word_of


class ProgressLine(ClockCallback):
    """A bar that counts generator steps; plain lines where the output is no terminal.

    Args:
        share: Share of the whole after which a plain line is due.
        seconds: Time after which a plain line is due anyway.
        console: Where to write; standard output by default.
    """

    def __init__(
        self, share: float = 0.1, seconds: float = 20.0, console: Console | None = None
    ) -> None:
        self.share, self.seconds = share, seconds
        self.console = console
        self._bar: Progress | None = None

    def start(self, trainer: pl.Trainer, model: Model) -> None:
        """Start the watch."""
        if not trainer.is_global_zero:
            return
        self._out = self.console or Console(highlight=False)
        self._total = max_steps(trainer)
        self._running, self._told = False, time.monotonic()
        self._told_step = model.steps
        if self._out.is_terminal:
            columns = (BarColumn(32), MofNCompleteColumn(), TextColumn("{task.description}"))
            self._bar = Progress(*columns, console=self._out)
            self._task: TaskID = self._bar.add_task("", total=self._total, completed=model.steps)
            self._bar.start()

    def step(self, trainer: pl.Trainer, model: Model) -> None:
        """Tell, if it is time: reading the losses makes a GPU wait, so not after every step."""
        if not trainer.is_global_zero:
            return
        if not self._running:  # speed is measured from here: pictures and warm-up come before
            self._running, self._began = True, time.monotonic()
            self._first, self._first_images = model.steps, model.images_seen
        if self._is_due(model.steps):
            self._tell(model)

    def end(self, trainer: pl.Trainer, model: Model) -> None:
        """Tell the last state."""
        if trainer.is_global_zero and model.steps > self._told_step:
            self._tell(model)
        self._stop()

    def on_exception(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, exception: BaseException
    ) -> None:
        """Give the terminal back."""
        self._stop()

    def _is_due(self, steps: int) -> bool:
        waited = time.monotonic() - self._told
        if self._bar is not None:
            return waited >= 0.5
        tenth = self._total is not None and (
            int(steps / (self.share * self._total))
            > int(self._told_step / (self.share * self._total))
        )
        return tenth or waited >= self.seconds

    def _tell(self, model: Model) -> None:
        self._told, self._told_step = time.monotonic(), model.steps
        elapsed = max(self._told - self._began, 1e-9)
        text = status(
            model,
            speed=(model.steps - self._first) / elapsed,
            images=(model.images_seen - self._first_images) / elapsed,
            total=self._total,
        )
        if self._bar is not None:
            self._bar.update(self._task, completed=model.steps, description=text)
        else:
            share = f" ({model.steps / self._total:.0%})" if self._total else ""
            total = f"/{self._total:,}" if self._total else ""
            self._out.print(f"step {model.steps:,}{total}{share}  {text}", soft_wrap=True)

    def _stop(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def status(model: Model, *, speed: float, images: float, total: int | None) -> str:
    """Losses, speed and time left in one line."""
    terms = {name: float(value) for name, value in model.last_terms.items()}
    parts = [
        f"{letter} {terms[name]:.3f}"
        for letter, name in (("D", "loss/critic"), ("G", "loss/generator"))
        if name in terms
    ]
    parts += [word_of(terms["health/state"])] if "health/state" in terms else []
    if speed > 0:
        parts += [f"{speed:.3g} steps/s", f"{images:,.0f} samples/s"]
        if total is not None:
            parts.append(f"{clock((total - model.steps) / speed)} left")
    return "  ".join(parts)


def clock(seconds: float) -> str:
    """Hours, minutes and seconds.

    >>> clock(3725.0)
    '1:02:05'
    """
    minutes, rest = divmod(round(max(seconds, 0)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def max_steps(trainer: pl.Trainer) -> int | None:
    """The step at which the run's `StopAfter` ends it, or None."""
    callbacks = trainer.callbacks  # type: ignore[attr-defined]
    return next((c.max_steps for c in callbacks if isinstance(c, StopAfter)), None)
