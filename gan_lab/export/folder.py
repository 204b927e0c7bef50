"""The files of a generator folder and what they must hold."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from safetensors import SafetensorError

from gan_lab import __version__
from gan_lab.errors import UserError
from gan_lab.export.migrations import FORMAT_VERSION, migrated
from gan_lab.export.plain import MOST_BYTES, from_json, from_yaml, in_short
from gan_lab.spec import DataSpec

WEIGHTS, CONFIG, SPEC = "generator.safetensors", "config.yaml", "spec.json"

T = TypeVar("T")


def find_folder(path: Path) -> Path:
    """The generator folder at `path`, or inside the run folder at `path`.

    Raises:
        UserError: If there is none.
    """
    for folder in (path / "generator", path):
        if (folder / CONFIG).is_file() and (folder / SPEC).is_file():
            return folder
    raise UserError(
        f"{path} is no generator: expected a folder with {CONFIG}, {SPEC} and {WEIGHTS}, "
        "or a run folder that has finished training"
    )


def read_config(file: Path) -> dict[str, Any]:
    """Content of `config.yaml`, of an earlier format brought to the present one.

    Raises:
        UserError: If it is damaged or of a later format.
    """
    config = read_file(file, from_yaml)
    if not isinstance(config, dict):
        raise UserError(f"{file} is damaged: expected keys and values")
    version = config.get("format_version")
    if isinstance(version, bool) or version not in range(1, FORMAT_VERSION + 1):
        raise UserError(
            f"{file} has format_version {version!r}, this gan_lab {__version__} reads "
            f"1 to {FORMAT_VERSION}; use the version that wrote it: "
            f"{config.get('gan_lab', 'unknown')}"
        )
    config = migrated(config)
    for key, kind in (("generator", dict), ("latent", dict), ("attributes", list)):
        if not isinstance(config.get(key), kind):
            raise UserError(f"{file} is damaged: {key} is missing, or no {kind.__name__}")
    return config


def read_spec(file: Path) -> DataSpec:
    """Content of `spec.json`.

    Raises:
        UserError: If it is damaged.
    """
    values = read_file(file, from_json)
    try:
        return DataSpec.from_dict(values)
    except (
        TypeError, ValueError, AttributeError, OverflowError, RecursionError, UserError
    ) as error:  # fmt: skip
        raise UserError(f"{file} is damaged: {in_short(error)}") from error


def read_file(file: Path, parse: Callable[[bytes], T]) -> T:
    """What `parse` makes of the content of a small `file`.

    Raises:
        UserError: If the file is missing, unreadable or damaged.
    """
    return read_whole(file, lambda path: parse(_head(path)))


def read_whole(file: Path, read: Callable[[Path], T]) -> T:
    """What `read` makes of `file`.

    Raises:
        UserError: If the file is missing, unreadable or damaged.
    """
    try:
        return read(file)
    except FileNotFoundError as error:
        raise UserError(f"{file} is missing; export the generator again") from error
    except (OSError, ValueError, MemoryError, SafetensorError) as error:
        raise UserError(f"{file} is damaged or unreadable: {in_short(error)}") from error


def _head(file: Path) -> bytes:
    """The content, or just more than a small file may have."""
    with file.open("rb") as stream:
        return stream.read(MOST_BYTES + 1)
