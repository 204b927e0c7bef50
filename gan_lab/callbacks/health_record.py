"""`health.json`: the signals of a run and the verdicts on them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gan_lab.atomic import write_atomically
from gan_lab.errors import UserError
from gan_lab.metrics.health import Diagnosis, Signals, State

FILE = "health.json"


class Record:
    """Signals of a run, and a verdict wherever the state changed.

    Args:
        path: The file; what it already holds is taken up.
        every: Generator steps between two signals.

    Raises:
        UserError: If the file is damaged.
    """

    def __init__(self, path: Path, every: int = 1) -> None:
        self.path, self.every = path, every
        self.history: list[Signals] = []
        self.verdicts: list[Diagnosis] = []
        self.latest: Diagnosis | None = None
        if path.exists():
            self._read()

    def add(self, signals: Signals) -> None:
        """Take up signals; layers are kept for the last ones only."""
        if self.history:
            self.history[-1] = self.history[-1].without_layers()
        self.history.append(signals)

    def judge(self, verdict: Diagnosis) -> bool:
        """Take up a verdict; True if the state is a new one."""
        changed = self.latest is None or self.latest.state is not verdict.state
        self.latest = verdict
        if changed:
            self.verdicts.append(verdict)
        return changed

    def cut(self, steps: int) -> None:
        """Drop what was found after `steps`."""
        self.history = [s for s in self.history if s.step <= steps]
        self.verdicts = [v for v in self.verdicts if v.step <= steps]
        self.latest = self.verdicts[-1] if self.verdicts else None

    def write(self) -> None:
        """Replace the file.

        Raises:
            UserError: If the folder cannot be written.
        """
        write_atomically(self.path, f"{json.dumps(self.to_dict())}\n".encode())

    def to_dict(self) -> dict[str, Any]:
        """Plain values; a number that is not finite is None, as JSON knows none."""
        plain: dict[str, Any] = _finite(
            {
                "every": self.every,
                "latest": None if self.latest is None else _plain(self.latest),
                "verdicts": [_plain(v) for v in self.verdicts],
                "history": [s.to_dict() for s in self.history],
            }
        )
        return plain

    def load(self, plain: Mapping[str, Any]) -> None:
        """Take up what `to_dict` gave."""
        self.every = plain["every"]
        self.history = [Signals.from_dict(s) for s in plain["history"]]
        self.verdicts = [_verdict(v) for v in plain["verdicts"]]
        self.latest = _verdict(plain["latest"]) if plain["latest"] else None

    def _read(self) -> None:
        try:
            self.load(json.loads(self.path.read_text()))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UserError(
                f"{self.path} cannot be read as a record of health ({error}); delete it"
            ) from error


def _plain(verdict: Diagnosis) -> dict[str, Any]:
    return {**vars(verdict), "state": str(verdict.state)}


def _verdict(plain: dict[str, Any]) -> Diagnosis:
    return Diagnosis(**{**plain, "state": State(plain["state"])})


def _finite(value: Any) -> Any:  # noqa: ANN401
    """Numbers that JSON does not know, as None."""
    if isinstance(value, dict):
        return {k: _finite(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(v) for v in value]
    return None if isinstance(value, float) and not abs(value) < float("inf") else value
