"""`RUN key=value ...` for the commands that need no hydra."""

import difflib
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

from gan_lab.errors import UserError

Options = TypeVar("Options")


def command(
    argv: Sequence[str] | None, options: type[Options], usage: str, work: Callable[[Options], None]
) -> int:
    """Parse, work, and turn a `UserError` into one line and exit code 2.

    Args:
        argv: Words of the command line; None takes them from `sys.argv`.
        options: Frozen dataclass with a field `run` and one field per key.
        usage: Text for `--help`.
        work: The command.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    if {"-h", "--help"} & set(words):
        print(usage)
        return 0
    try:
        work(parse(words, options))
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    return 0


def parse(words: Sequence[str], options: type[Options]) -> Options:
    """Words to an instance of the dataclass `options`.

    Raises:
        UserError: If a key is unknown or a value has the wrong type.
    """
    hints = get_type_hints(options)
    values: dict[str, Any] = {}
    for word in undashed(words):
        key, equals, text = word.partition("=")
        if not equals or Path(word).exists() or not re.fullmatch(r"[a-z_]+", key):
            key, text = "run", word
        if key not in hints:
            raise UserError(_unknown(key, [f.name for f in fields(options)]))  # type: ignore[arg-type]
        if key in values:
            raise UserError(f"{key} is given twice: {values[key]} and {text}")
        values[key] = _convert(key, text, hints[key])
    return options(**values)


def undashed(words: Sequence[str]) -> list[str]:
    """Flags as keys: `--key value` and `--key=value` become `key=value`.

    Raises:
        UserError: If a flag has no value.

    >>> undashed(["run", "--fail-below", "frechet:20", "--n=3"])
    ['run', 'fail_below=frechet:20', 'n=3']
    """
    plain, waiting = [], ""
    for word in words:
        if waiting:
            plain.append(f"{waiting}={word}")
            waiting = ""
        elif re.match(r"--[a-z]", word):
            key, equals, text = word[2:].partition("=")
            waiting = "" if equals else key.replace("-", "_")
            plain += [f"{key.replace('-', '_')}={text}"] if equals else []
        else:
            plain.append(word)
    if waiting:
        raise UserError(f"--{waiting.replace('_', '-')} has no value; give it one: {waiting}=VALUE")
    return plain


def _convert(key: str, text: str, hint: Any) -> Any:  # noqa: ANN401
    kinds = get_args(hint) or (hint,)
    if text.lower() in ("null", "none") and type(None) in kinds:
        return None
    kind = next(k for k in kinds if k is not type(None))
    if kind is bool:
        if text.lower() not in ("true", "false"):
            raise UserError(f"{key}={text}: expected true or false")
        return text.lower() == "true"
    try:
        return kind(text)
    except ValueError as error:
        wanted = {int: "a whole number", float: "a number"}.get(kind, kind.__name__)
        raise UserError(f"{key}={text}: expected {wanted}") from error


def _unknown(key: str, keys: Sequence[str]) -> str:
    close = difflib.get_close_matches(key, keys, n=1, cutoff=0.5)
    hint = f"did you mean {close[0]!r}? " if close else ""
    return f"no key {key!r}; {hint}keys: {', '.join(keys)}"
