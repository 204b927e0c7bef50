"""`gan-lab inspect`: look at a data set before training."""

import json
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console

from gan_lab.atomic import write_atomically
from gan_lab.cli.courses import Course, of_courses, stitched
from gan_lab.cli.findings import show
from gan_lab.errors import UserError

if TYPE_CHECKING:
    from PIL.Image import Image

    from gan_lab.data import DataModule, Samples
    from gan_lab.data.table.history import Content

USAGE = """\
gan-lab inspect: look at a data set before training.
usage: gan-lab inspect data=CHOICE [data.KEY=VALUE ...] [output=DIR]

  gan-lab inspect data=table data.path=prices.csv
  gan-lab inspect data=market

For series: missing values, constant and duplicate columns, dates that do not rise, and what the
configuration would do about them; per channel the verdict of ADF and KPSS, the order of
integration, autocorrelations, a season, and the transform to begin with.
Writes DIR/inspect/NAME/inspect.json and inspect.png; DIR is outputs.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 0, or 2 for a mistake in the input."""
    words = list(sys.argv[1:] if argv is None else argv)
    if {"-h", "--help"} & set(words):
        print(USAGE)
        return 0
    os.environ["HYDRA_FULL_ERROR"] = "1"
    from gan_lab.cli import messages

    try:
        inspect(words)
    except messages.Readable as error:
        return messages.report(error, words)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    return 0


def inspect(words: Sequence[str]) -> dict[str, Any]:
    """Look at the data of a configuration; print, write `inspect.json` and `inspect.png`.

    Args:
        words: Overrides of `conf/train.yaml`.

    Raises:
        UserError: If the data cannot be read at all.
    """
    from gan_lab.cli.build import make
    from gan_lab.cli.compose import compose
    from gan_lab.data.table import Table as UserTable

    config = compose(words)
    with Console(stderr=True).status("reading"):
        data: DataModule = make(config.data)
        seen = of_table(data) if isinstance(data, UserTable) else of_samples(data)
    facts, picture = seen
    folder = Path(config.output) / "inspect" / re.sub(r"\W+", "_", str(facts["name"]))
    show(facts)
    for path in save(facts, picture, folder):
        print(path)
    return facts


def save(facts: dict[str, Any], picture: "Image", folder: Path) -> list[Path]:
    """Write both files; returns their paths.

    Raises:
        UserError: If the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        content = json.dumps(_plain(facts), indent=2, allow_nan=False)
        write_atomically(folder / "inspect.json", f"{content}\n".encode())
        picture.save(folder / "inspect.png")
    except OSError as error:
        raise UserError(f"{folder} cannot be written: {error.strerror}") from error
    return [folder / "inspect.json", folder / "inspect.png"]


def of_table(data: Any) -> tuple[dict[str, Any], "Image"]:  # noqa: ANN401
    """Facts about a table of the user's, and their picture."""
    from gan_lab.data.table.cleaning import interpolated
    from gan_lab.data.table.module import name_of

    content: Content = data.examine()
    # Tests need complete series; what is missing is told beside them.
    whole = [interpolated(history) for history in content.histories]
    courses = [
        Course(h.values.T[None], np.arange(len(h)) if h.dates is None else h.dates.to_numpy())
        for h in whole
        if len(h) >= 4
    ]
    if not courses:
        raise UserError(f"{name_of(data.path)}: no series of 4 or more rows without gaps")
    rows = sum(len(history) for history in content.histories)
    facts = {
        "name": name_of(data.path),
        "kind": "table",
        "rows": rows,
        "series": [history.name for history in content.histories],
        "dates": None if content.calendar is None else _dates(content),
        "findings": [asdict(finding) for finding in content.findings],
        "refused": len(content.refused),
        "missing": dict(zip(content.names, content.missing, strict=True)),
    }
    facts, picture = of_courses(facts, courses, content.names)
    if _is_ohlc(content):
        facts["suggestion"] = "ohlc"
    return facts, picture


def of_samples(data: "DataModule") -> tuple[dict[str, Any], "Image"]:
    """Facts about any other data set, and their picture."""
    from gan_lab.render.samples import render_samples

    data.setup()
    spec, train = data.spec, data.train
    facts: dict[str, Any] = {
        "name": spec.name,
        "kind": spec.modality,
        "shape": list(spec.shape),
        "train": len(train),
        "held_out": len(data.held_out),
        "duplicates": _repeated(train.x.flatten(1).numpy()),
        "classes": _class_counts(train),
    }
    if spec.modality != "series":
        return facts, render_samples(train.x[:2000], spec, real=True, title=spec.name)
    names = spec.channel_names or tuple(f"x{i}" for i in range(spec.channels))
    return of_courses(facts, [stitched(train, data.held_out)], names)


def _dates(content: "Content") -> dict[str, str]:
    from gan_lab.calendar import iso

    assert content.calendar is not None
    known = [h.dates for h in content.histories if h.dates is not None]
    first, last = min(d[0] for d in known), max(d[-1] for d in known)
    ends = iso(type(known[0])([first, last]))
    return {"column": content.calendar.name, "first": ends[0], "last": ends[1],
            "step": content.calendar.step}  # fmt: skip


def _is_ohlc(content: "Content") -> bool:
    """Whether the table holds possible days of open, high, low and close."""
    import torch

    from gan_lab.transforms import OHLC

    named = OHLC("open", "high", "low", "close")
    try:
        for history in content.histories:
            named.fit(torch.from_numpy(history.values), content.names)
    except UserError:
        return False
    return True


def _class_counts(train: "Samples") -> dict[str, int]:
    if not train.spec.classes or train.label is None:
        return {}
    counts = train.label.bincount(minlength=len(train.spec.classes)).tolist()
    return dict(zip(train.spec.classes, counts, strict=True))


def _repeated(rows: np.ndarray) -> int:
    """Rows that equal an earlier one."""
    return len(rows) - len({row.tobytes() for row in rows})


def _plain(value: Any) -> Any:  # noqa: ANN401
    """JSON has no NaN: it becomes null."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value


if __name__ == "__main__":
    sys.exit(main())
