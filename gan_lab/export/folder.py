"""The files of a generator folder and what they must hold."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from safetensors import SafetensorError

from gan_lab import __version__
from gan_lab.errors import UserError
from gan_lab.spec import DataSpec

FORMAT_VERSION = 1
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
    """Content of `config.yaml`.

    Raises:
        UserError: If it is damaged or of another format.
    """
    config = read_file(file, lambda content: yaml.safe_load(content.decode()))
    if not isinstance(config, dict):
        raise UserError(f"{file} is damaged: expected keys and values")
    version = config.get("format_version")
    if version != FORMAT_VERSION:
        raise UserError(
            f"{file} has format_version {version!r}, this gan_lab {__version__} reads "
            f"{FORMAT_VERSION}; use the version that wrote it: {config.get('gan_lab', 'unknown')}"
        )
    for key in ("generator", "latent"):
        if not isinstance(config.get(key), dict):
            raise UserError(f"{file} is damaged: {key} is missing")
    return config


def read_spec(file: Path) -> DataSpec:
    """Content of `spec.json`.

    Raises:
        UserError: If it is damaged.
    """
    values = read_file(file, json.loads)
    try:
        return DataSpec.from_dict(values)
    except (TypeError, ValueError, AttributeError, UserError) as error:
        raise UserError(f"{file} is damaged: {error}") from error


def read_file(file: Path, parse: Callable[[bytes], T]) -> T:
    """What `parse` makes of the content of `file`.

    Raises:
        UserError: If the file is missing, unreadable or damaged.
    """
    try:
        return parse(file.read_bytes())
    except FileNotFoundError as error:
        raise UserError(f"{file} is missing; export the generator again") from error
    except (OSError, ValueError, yaml.YAMLError, SafetensorError) as error:
        reason = " ".join(str(error).split())
        raise UserError(f"{file} is damaged or unreadable: {reason}") from error
