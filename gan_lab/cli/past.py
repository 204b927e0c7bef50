"""What the rows of a file say before the first generated step: levels, dates, a whole past."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gan_lab.errors import UserError

if TYPE_CHECKING:
    from gan_lab.data.table.past import Past
    from gan_lab.export.portable import PortableGenerator
    from gan_lab.spec import DataSpec

READER = "gan_lab.data.table.Table"


def past_of(key: str, text: str, spec: "DataSpec", run: Path, least: int) -> "Past":
    """The past that a file holds, read as the run's training data were.

    Args:
        key: Key of the command line, for messages.
        text: Path of the file.
        spec: Of the training data.
        run: The run folder.
        least: Rows that are needed.

    Raises:
        UserError: If the file does not suit the generator.
    """
    from gan_lab.data.table.past import read_past

    if spec.modality != "series":
        raise UserError(f"{key}={text}: this generator makes {spec.modality}, which have no past")
    try:
        return read_past(Path(text).expanduser(), spec, settings_of(run), least)
    except UserError as error:
        raise UserError(f"{key}: {error}") from error


def settings_of(run: Path) -> dict[str, Any]:
    """How the run's table was read; nothing where its data are no table of the user's."""
    import yaml

    file = run / "config.yaml"
    try:
        config = yaml.safe_load(file.read_text()) if file.is_file() else {}
    except (OSError, yaml.YAMLError):
        return {}
    data = config.get("data") if isinstance(config, dict) else None
    return data if isinstance(data, dict) and data.get("_target_") == READER else {}


def begun(generator: "PortableGenerator", start: str, run: Path) -> "PortableGenerator":
    """The same generator, whose series go on from given levels instead of the training data's end.

    Args:
        generator: What to draw from.
        start: One number per channel, such as `[100,101]`, or a CSV or Parquet file whose last
            rows are taken.
        run: The run folder.

    Raises:
        UserError: If the generator needs no levels, or these do not fit.
    """
    spec = generator.spec
    if not spec.known_steps:
        raise UserError("start: this generator makes values, not changes; leave start out")
    if Path(start).expanduser().is_file():
        past = past_of("start", start, spec, run, spec.known_steps)
        return replace(generator, spec=past.followed(spec, spec.spatial[0]))
    anchor = (tuple(numbers(start, "start")),)
    if len(anchor) != spec.known_steps or len(anchor[0]) != spec.channels:
        raise UserError(
            f"start={start}: expected {spec.known_steps} rows of {spec.channels} numbers: "
            f"{', '.join(spec.channel_names)}"
        )
    return replace(generator, spec=replace(spec, anchor=anchor))


def numbers(text: str, key: str = "label") -> list[float]:
    """Numbers as typed, such as `0.5` or `[0.5,-1]`.

    Raises:
        UserError: If a part is no number.

    >>> numbers("[0.5, -1]")
    [0.5, -1.0]
    """
    try:
        return [float(part) for part in text.strip("[]() ").split(",")]
    except ValueError as error:
        raise UserError(f"{key}={text}: expected numbers, such as {key}=[0.5,-1]") from error
