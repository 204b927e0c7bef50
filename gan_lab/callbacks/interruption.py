"""A signal ends training after the step that is under way, with a checkpoint."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import pytorch_lightning as pl
import torch

from gan_lab.callbacks.checkpoint import Checkpoints
from gan_lab.callbacks.clock import ClockCallback, Model

SIGNALS = [
    getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGUSR1") if hasattr(signal, name)
]


class Interrupted(Exception):
    """A signal has ended the run.

    Attributes:
        signum: Number of the signal.
        code: Exit code of the process, `128 + signum` as shells have it.
        saved: Generator steps of the checkpoint that was written because of it, or None.
    """

    def __init__(self, signum: int, saved: int | None = None) -> None:
        super().__init__(f"stopped by {signal.Signals(signum).name}")
        self.signum, self.code, self.saved = signum, 128 + signum, saved


class StopOnSignal(ClockCallback):
    """Finish the step, save, and raise `Interrupted`; a second signal does not wait for that.

    It must be the last callback. Outside of training steps, a signal raises at once. SIGUSR1 is
    what SLURM sends before the time is up (`--signal=USR1@60`).

    Args:
        saver: Writes the checkpoint; None where the run writes none.
    """

    def __init__(self, saver: Checkpoints | None = None) -> None:
        self.saver = saver
        self.received = 0
        self._stepping = False
        self._owner = os.getpid()

    @contextmanager
    def listen(self) -> Iterator[None]:
        """Handle signals inside the block; threads other than the main one cannot."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {signum: signal.signal(signum, self._handle) for signum in SIGNALS}
        try:
            yield
        finally:
            for signum, handler in before.items():
                signal.signal(signum, handler)

    def start(self, trainer: pl.Trainer, model: Model) -> None:
        """From here on, wait for the end of a step; Lightning's own handler gives way."""
        self._stepping = not trainer.should_stop
        if signal.getsignal(signal.SIGINT) == self._handle:
            signal.signal(signal.SIGTERM, self._handle)

    def step(self, trainer: pl.Trainer, model: Model) -> None:
        """Save and stop, if any process has received a signal."""
        signum = agreed(self.received)
        if signum:
            self._stepping = False
            if self.saver is not None:
                self.saver.save_once(trainer, model)
            raise Interrupted(signum, None if self.saver is None else model.steps)
        if trainer.should_stop:
            self._stepping = False

    def _handle(self, signum: int, _: FrameType | None) -> None:
        if os.getpid() != self._owner:  # a reading process: its parent decides
            return
        second, self.received = bool(self.received), signum
        if second or not self._stepping:
            raise Interrupted(signum)


def agreed(signum: int) -> int:
    """The signal that one of the processes has received, or 0."""
    if not (torch.distributed.is_available() and torch.distributed.is_initialized()):
        return signum
    device = "cuda" if torch.distributed.get_backend() == "nccl" else "cpu"
    received = torch.tensor(signum, device=device)
    torch.distributed.all_reduce(received, torch.distributed.ReduceOp.MAX)
    return int(received)
