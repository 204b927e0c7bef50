"""Errors of hydra and OmegaConf as one line that says what to type instead."""

import difflib
import re
import sys
import traceback
from collections.abc import Iterable, Sequence

from hydra.errors import (
    ConfigCompositionException,
    HydraException,
    InstantiationException,
    MissingConfigException,
    OverrideParseException,
)
from omegaconf import DictConfig
from omegaconf.errors import MissingMandatoryValue, OmegaConfBaseException

from gan_lab.cli.completion import choices, groups
from gan_lab.cli.compose import compose
from gan_lab.errors import UserError

Readable = (UserError, HydraException, OmegaConfBaseException, OSError)


def report(error: BaseException, argv: Sequence[str]) -> int:
    """Print an error, with its traceback under `debug=true`; returns the exit code 2."""
    if any(re.fullmatch(r"\+*debug=(true|1|yes|on)", a, re.IGNORECASE) for a in argv):
        traceback.print_exception(error)
    print(f"error: {readable(error, argv)}", file=sys.stderr)
    return 2


def readable(error: BaseException, argv: Sequence[str] = ()) -> str:
    """One line: what is wrong, the closest valid word, the valid words."""
    if isinstance(error, MissingConfigException):
        return _missing_choice(error, argv)
    if isinstance(error, InstantiationException):
        return _instantiation(error)
    if isinstance(error, ConfigCompositionException):
        return _composition(error, argv)
    if isinstance(error, OverrideParseException):
        return f"cannot read {error.override!r}; expected KEY=VALUE, with quotes around spaces"
    if isinstance(error, MissingMandatoryValue):
        key = getattr(error, "full_key", None) or str(error).partition(": ")[2]
        return f"{key} has no value; give it one: {key}=VALUE"
    if isinstance(error, OmegaConfBaseException):
        return _first_line(error) + _where(error)
    return _first_line(error)


def suggest(word: str, valid: Iterable[str]) -> str:
    """`did you mean 'x'? ` or nothing.

    >>> suggest("spher", ["normal", "sphere"])
    "did you mean 'sphere'? "
    """
    close = difflib.get_close_matches(word, list(valid), n=1, cutoff=0.5)
    return f"did you mean {close[0]!r}? " if close else ""


def _missing_choice(error: MissingConfigException, argv: Sequence[str]) -> str:
    missing = error.missing_cfg_file or ""
    group, _, choice = str(missing).rpartition("/")
    options = list(error.options or []) or choices(group)
    if not group:
        return _first_line(error)
    source = "" if any(f"{group}=" in a for a in argv) else " (named in a yaml file)"
    hint = suggest(choice, options)
    return f"{group}={choice}: no such choice{source}; {hint}choices: {', '.join(options)}"


def _composition(error: ConfigCompositionException, argv: Sequence[str]) -> str:
    text = str(error)
    cause = error.__cause__ or error
    unknown = re.search(r"Could not override '([^']+)'", text)
    if unknown:
        return _unknown_key(unknown[1].lstrip("+~"), argv)
    in_file = re.match(r"In '([^']+)': (\w+) raised", text)
    full_key = re.search(r"full_key: (\S+)", f"{text}\n{cause}")
    if "' not in '" in f"{text}{cause}" and full_key:
        where = f"{in_file[1]}.yaml: " if in_file else ""
        return where + _unknown_key(full_key[1], argv)
    merging = re.search(r"Error merging override (.*)", text)
    if merging:
        return f"{merging[1]}: {_first_line(cause)}"
    if in_file and full_key:
        return f"{in_file[1]}.yaml: {full_key[1]}: {text.splitlines()[1]}"
    return " ".join(line.strip() for line in text.splitlines() if line.strip())


def _unknown_key(key: str, argv: Sequence[str]) -> str:
    parent, _, name = key.rpartition(".")
    keys = _keys_of(parent, argv)
    if parent and not keys:
        return _unknown_key(parent, argv)
    prefix = f"{parent}." if parent else ""
    close = difflib.get_close_matches(name, keys, n=1, cutoff=0.5)
    hint = f"did you mean '{prefix}{close[0]}'? " if close else ""
    where = f"keys of {parent}" if parent else "keys"
    return f"no key '{key}'; {hint}{where}: {', '.join(keys)}"


def _keys_of(parent: str, argv: Sequence[str]) -> list[str]:
    known = {*groups()} - {"experiment"}
    chosen = [a for a in argv if a.partition("=")[0] in known and "," not in a]
    try:
        node: object = compose(chosen, _config_dir(argv))
    except (HydraException, OmegaConfBaseException):
        return []
    for part in filter(None, parent.split(".")):
        if not (isinstance(node, DictConfig) and part in node):
            return []
        node = node._get_node(part)
    if not isinstance(node, DictConfig):
        return []
    return [str(k) for k in node if not str(k).startswith("_")] + ["experiment"] * (not parent)


def _config_dir(argv: Sequence[str]) -> str | None:
    for word, following in zip(argv, [*argv[1:], ""], strict=True):
        flag, _, value = word.partition("=")
        if flag in ("--config-dir", "-cd"):
            return value or following
    return None


def _instantiation(error: InstantiationException) -> str:
    text, cause = str(error), error.__cause__
    key = re.search(r"full_key: (\S+)", text)
    where = f"{key[1]}: " if key else ""
    if isinstance(cause, UserError):
        return str(cause)
    target = re.search(r"(?:target|of|locating target) '([^']+)'", text)
    unexpected = re.search(r"unexpected keyword argument '([^']+)'", str(cause))
    if target and unexpected:
        return where + unexpected_argument(target[1], unexpected[1])
    missing = re.match(r"Error (?:locating target|loading) '([^']+)'", text)
    if missing:
        return f"{where}cannot import _target_ {missing[1]!r}: {_first_line(_deepest(error))}"
    if cause is None:
        return where + _first_line(error)
    return f"{where}{type(cause).__name__}: {_first_line(cause)}"


def unexpected_argument(target: str, name: str) -> str:
    """What a class takes instead of the argument `name`; `target` is its dotted path."""
    import inspect

    from hydra.utils import get_object

    names = [p for p in inspect.signature(get_object(target)).parameters if p != "self"]
    short = target.removeprefix("gan_lab.")
    return f"{short} takes no {name!r}; {suggest(name, names)}it takes: {', '.join(names)}"


def _deepest(error: BaseException) -> BaseException:
    while error.__cause__ is not None:
        error = error.__cause__
    return error


def _where(error: BaseException) -> str:
    full_key = getattr(error, "full_key", None)
    return f" (key: {full_key})" if full_key else ""


def _first_line(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'file'}: {error.strerror.lower()}"
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
