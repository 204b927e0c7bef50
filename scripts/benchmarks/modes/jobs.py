"""One seed of one method as a job, and the file of what was measured."""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf
from recipes import Method

from gan_lab.cli.compose import compose
from gan_lab.errors import UserError

# What changes no number, and the seed, which a record names by itself.
APART = ("seed", "name", "output", "debug", "dry_run", "callbacks")

Record = dict[str, Any]


@dataclass(frozen=True)
class Job:
    """Train and score one seed.

    Attributes:
        data: Word of the data set.
        experiment: The recipe that all methods start from.
        method: Word of the method.
        seed: Seed of the run.
        overrides: Words for `compose`, the experiment's and the method's together.
        method_words: The method's part of them.
        trains: Whether there is anything to train; the real data are only scored.
        base: Digest of the recipe without the method.
        digest: Digest of the settings of this method, whatever the seed.
    """

    data: str
    experiment: str
    method: str
    seed: int
    overrides: tuple[str, ...]
    method_words: tuple[str, ...]
    trains: bool
    base: str
    digest: str

    def is_answered_by(self, record: Record) -> bool:
        """Whether a record is of this very method, seed and settings."""
        same = ("data", "experiment", "method", "seed", "base", "digest")
        return all(record[key] == getattr(self, key) for key in same)


def jobs(
    data: str,
    experiment: str,
    methods: dict[str, Method],
    seeds: Sequence[int],
    words: Sequence[str],
) -> Iterator[Job]:
    """Every method for the first seed, then for the next: a benchmark cut short is balanced.

    Args:
        data: Word of the data set.
        experiment: The recipe that all methods start from.
        methods: What to compare.
        seeds: Seeds of the runs.
        words: Further overrides for all methods.
    """
    common = (f"experiment={experiment}", "trainer.threads=1", *words)
    base = digest(common)
    digests = {name: digest((*common, *(m.words or ()))) for name, m in methods.items()}
    for seed in seeds:
        for name, method in methods.items():
            own = method.words or ()
            overrides, trains = (*common, *own, f"seed={seed}"), method.words is not None
            mark = digests[name]
            yield Job(data, experiment, name, seed, overrides, own, trains, base, mark)


def digest(overrides: Iterable[str]) -> str:
    """Twelve digits of the SHA-256 of a configuration, less what changes no number."""
    config = OmegaConf.to_container(compose([*overrides, "seed=0"]), resolve=True)
    assert isinstance(config, dict)
    kept = {key: value for key, value in config.items() if key not in APART}
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()[:12]


def read(file: Path) -> list[Record]:
    """All records of a file, oldest first; none where there is no file.

    Raises:
        UserError: If a line other than a torn last one cannot be read.
    """
    lines = file.read_text().splitlines() if file.exists() else []
    records = []
    for number, line in enumerate(lines, 1):
        try:
            records.append(json.loads(line))
        except ValueError:
            if number < len(lines):
                raise UserError(f"{file}, line {number}: no JSON; mend or delete it") from None
    return records


def append(file: Path, record: Record) -> None:
    """Add one line, on a line of its own even after a torn one, and make it safe on the disk."""
    file.parent.mkdir(parents=True, exist_ok=True)
    torn = file.exists() and file.stat().st_size and not file.read_bytes().endswith(b"\n")
    if torn:
        file.write_bytes(file.read_bytes().rpartition(b"\n")[0] + b"\n")
    with file.open("a") as stream:
        stream.write(json.dumps(record) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
