"""Build objects from `_target_` nodes without running code that the file chose.

A configuration that came with downloaded weights may name anything importable. Only classes that
this package defines as networks, priors or data are built, unless the caller trusts the file.
"""

import importlib
from collections.abc import Mapping
from typing import Any

from gan_lab.errors import UserError

ALLOWED = ("gan_lab.networks", "gan_lab.latent")
"""Packages whose classes a generator folder may name."""


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
    except (TypeError, ValueError, RuntimeError) as error:
        raise UserError(f"{where}: {node['_target_']} does not accept this: {error}") from error


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
    if not isinstance(found, type) or not _inside(found.__module__, packages):
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
