"""Build objects from `_target_` nodes without running code that the file chose.

A configuration that came with downloaded weights may name anything importable. Only classes that
this package defines as networks, priors or data are built, unless the caller trusts the file.
"""

import importlib
import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gan_lab.errors import UserError
from gan_lab.export.folder import read_whole
from gan_lab.export.plain import in_short
from gan_lab.export.sizes import MOST_SMALL, MOST_WIDE, check_numbers, header_of, require_size

ALLOWED = ("gan_lab.networks", "gan_lab.latent")
"""Packages whose classes a generator folder may name."""
MAKERS = ("gan_lab.networks.autoencoder.mlp_critic", "gan_lab.networks.autoencoder.dcgan_critic")
"""Functions of these packages that make a network, and may be named too."""


def build(
    node: object,
    *,
    trust: bool,
    where: str,
    packages: tuple[str, ...] = ALLOWED,
    **arguments: object,
) -> Any:  # noqa: ANN401
    """Call the class that `node["_target_"]` names with the node's other keys and `arguments`.

    Nested nodes, in lists too, are built first.

    Args:
        node: A mapping with the key `_target_`.
        trust: Whether to import from any package and call anything callable.
        where: The file and key, for messages.
        packages: Packages whose classes may be named without trust.
        arguments: Further keyword arguments.

    Raises:
        UserError: If the node is malformed, names something that is not allowed, or its
            arguments do not fit.
    """
    if not isinstance(node, Mapping) or not isinstance(node.get("_target_"), str):
        raise UserError(f"{where} has no _target_; expected the name of a class")
    target = resolve(node["_target_"], trust=trust, where=where, packages=packages)
    values = {
        str(key): _value(value, trust=trust, where=f"{where}.{key}", packages=packages)
        for key, value in node.items()
        if key not in ("_target_", "_partial_", "_convert_")
    }
    try:
        return target(**{**values, **arguments})
    except (
        TypeError, ValueError, RuntimeError, AttributeError, ArithmeticError, MemoryError
    ) as error:  # fmt: skip
        name = node["_target_"]
        raise UserError(f"{where}: {name} does not accept this: {in_short(error)}") from error
    except UserError as error:
        raise UserError(f"{where}: {error}") from error


def build_sized(
    node: object,
    weights: Path,
    *,
    trust: bool,
    where: str,
    **arguments: Any,  # noqa: ANN401
) -> Any:  # noqa: ANN401
    """`build` for a network whose weights lie in a file: its size is compared with theirs first.

    Args:
        node: A mapping with the key `_target_`.
        weights: The safetensors file.
        trust: See `build`; the size is then not checked.
        where: The file and key, for messages.
        arguments: Further keyword arguments.

    Raises:
        UserError: As `build`, or if the weights are damaged, or the network is far larger.
    """
    if not trust:
        check_numbers(node, where, MOST_WIDE)
        shapes = read_whole(weights, header_of)
        require_size(lambda: build(node, trust=False, where=where, **arguments), shapes, where)
    return build(node, trust=trust, where=where, **arguments)


def build_small(node: object, *, trust: bool, where: str) -> Any:  # noqa: ANN401
    """`build` for a prior, which has no weights that would tell its size.

    Raises:
        UserError: As `build`, or if a number in the node is too large.
    """
    if not trust:
        check_numbers(node, where, MOST_SMALL)
    return build(node, trust=trust, where=where)


def with_defaults(node: Mapping[str, Any]) -> dict[str, Any]:
    """The node with the plain defaults of the constructors that it and its nodes name.

    >>> with_defaults({"_target_": "gan_lab.latent.categorical.Categorical", "dim": 3})
    {'_target_': 'gan_lab.latent.categorical.Categorical', 'dim': 3, 'blend': False}
    """
    values = {key: _with_defaults(value) for key, value in node.items()}
    target = resolve(str(node["_target_"]), trust=True, where="the configuration")
    known = inspect.signature(target).parameters.items()
    defaults = {name: p.default for name, p in known if _is_plain(p.default)}
    return {**values, **{k: v for k, v in defaults.items() if k not in values}}


def _with_defaults(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, Mapping):
        if "_target_" in value:
            return with_defaults(value)
        return {key: _with_defaults(item) for key, item in value.items()}
    return [_with_defaults(item) for item in value] if isinstance(value, list) else value


def _is_plain(value: object) -> bool:
    if isinstance(value, tuple | list):
        return all(_is_plain(item) for item in value)
    return value is None or isinstance(value, bool | int | float | str)


def resolve(name: str, *, trust: bool, where: str, packages: tuple[str, ...] = ALLOWED) -> Any:  # noqa: ANN401
    """The class called `name`; its module is imported only if it is allowed.

    Raises:
        UserError: If the name is not allowed or does not exist.
    """
    module_name, _, attribute = name.rpartition(".")
    plain = all(part.isidentifier() for part in name.split("."))
    if not plain or not (trust or _inside(module_name, packages)):
        raise _refused(name, where, packages)
    try:
        found = getattr(importlib.import_module(module_name), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise UserError(f"{where}: {name} cannot be imported: {error}") from error
    if trust and callable(found):
        return found
    made = name in MAKERS and _inside(module_name, packages)
    if not made and not (isinstance(found, type) and _inside(found.__module__, packages)):
        raise _refused(name, where, packages)
    return found


def _value(value: object, *, trust: bool, where: str, packages: tuple[str, ...]) -> Any:  # noqa: ANN401
    if isinstance(value, Mapping):
        if "_target_" in value:
            return build(value, trust=trust, where=where, packages=packages)
        pairs = ((k, v, f"{where}.{k}") for k, v in value.items())
        return {k: _value(v, trust=trust, where=at, packages=packages) for k, v, at in pairs}
    if isinstance(value, list):
        items = ((v, f"{where}.{i}") for i, v in enumerate(value))
        return [_value(v, trust=trust, where=at, packages=packages) for v, at in items]
    return value


def _inside(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def _refused(name: str, where: str, packages: tuple[str, ...]) -> UserError:
    return UserError(
        f"{where} names {name!r}, which is not a class of {' or '.join(packages)}; "
        "trust=True runs it anyway: only do so if you trust the author of the file"
    )
