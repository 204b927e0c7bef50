"""Text of strangers to plain values: no code, no aliases, no depth and size that exhaust memory."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from gan_lab.errors import UserError

MOST_BYTES = 16 * 2**20
"""A configuration or data spec with more is none: weights lie in files of their own."""
MOST_DEPTH, MOST_WORDS = 64, 300


class _Plain(yaml.SafeLoader):
    """Reads mappings, lists and scalars; aliases, which can multiply without end, are refused."""

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:  # noqa: ANN401
        """Compose one node that is no alias."""
        if self.check_event(yaml.AliasEvent):
            line = self.peek_event().start_mark.line + 1  # type: ignore[no-untyped-call]
            raise yaml.YAMLError(f"line {line} refers to another part of the file (*name)")
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise yaml.YAMLError("it is nested too deeply")
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def from_yaml(content: bytes) -> Any:  # noqa: ANN401
    """Values of a YAML file.

    Raises:
        ValueError: If it is no YAML, too large, too deep, or holds aliases.
    """
    _require_modest(content)
    try:
        return yaml.load(content.decode(), Loader=_Plain)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    except (yaml.YAMLError, OverflowError) as error:
        raise ValueError(in_short(error)) from error


def from_json(content: bytes) -> Any:  # noqa: ANN401
    """Values of a JSON file; NaN and infinities are no JSON.

    Raises:
        ValueError: If it is no JSON, too large or too deep.
    """
    _require_modest(content)
    try:
        return json.loads(content, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def to_yaml(content: Mapping[str, Any], where: Path) -> bytes:
    """Plain values as YAML; JSON turns tuples and subclasses of str into what it can hold.

    Raises:
        UserError: If a value is not plain; names the file `where`.
    """
    try:
        plain = json.loads(json.dumps(content))
    except (TypeError, ValueError) as error:
        raise UserError(f"{where} can hold plain values only: {error}") from error
    return yaml.safe_dump(plain, sort_keys=False).encode()


def in_short(error: BaseException) -> str:
    """What an error says, on one line, and not without end."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= MOST_WORDS else f"{text[:MOST_WORDS]}..."


def without_places(value: Any) -> Any:  # noqa: ANN401
    """The same values with the last part alone of absolute paths, which may tell a user's name.

    >>> without_places({"path": "/home/me/prices.csv", "size": 64})
    {'path': 'prices.csv', 'size': 64}
    """
    if isinstance(value, Mapping):
        return {key: without_places(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [without_places(item) for item in value]
    if isinstance(value, str) and (os.path.isabs(value) or value.startswith("~")):
        return Path(value).name
    return value


def _require_modest(content: bytes) -> None:
    if len(content) > MOST_BYTES:
        raise ValueError(f"it has more than {MOST_BYTES // 2**20} MiB")


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")
