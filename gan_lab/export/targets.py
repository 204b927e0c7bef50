"""Which classes and functions a run folder of a stranger may name: the whole tree is looked at."""

import importlib
from collections.abc import Iterator, Mapping
from types import FunctionType
from typing import Any

from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from gan_lab.errors import UserError
from gan_lab.export.node import MAKERS

CLASSES = tuple(
    f"gan_lab.{name}"
    for name in (
        "data", "latent", "networks", "components", "objectives", "regularizers", "augment",
        "model", "callbacks", "schedule", "transforms",
    )
)  # fmt: skip
FUNCTIONS = ("gan_lab.objectives", "gan_lab.regularizers", "gan_lab.augment")
TORCH: dict[str, type | tuple[type, ...]] = {
    "torch.nn": nn.Module,
    "torch.optim": (Optimizer, LRScheduler),
}


def require_known_targets(config: object, where: str) -> None:
    """Check every `_target_` of a configuration before any of them is used.

    A name is allowed if it *is* a class that one of our packages defines, a function that
    `FUNCTIONS` define, or a module or optimizer of torch; what a name merely passes through, as in
    `torch.nn.functional.torch.load`, does not count.

    Args:
        config: Mappings, lists and values.
        where: The file, for messages.

    Raises:
        UserError: Names the first key whose target is not allowed, or that holds `${...}`.
    """
    found = list(_walk(config, ""))
    for key, value in found:
        if isinstance(value, str) and "${" in value:
            raise _refused(where, key, value, "takes its value from elsewhere; runs hold values")
    targets = [(k, v) for k, v in found if k.rpartition(".")[2] == "_target_"]
    for key, value in targets:
        if not (isinstance(value, str) and _may_be_imported(value)):
            raise _refused(where, key, value, "is no class that a run of gan_lab names")
    for key, value in targets:
        if not _is_allowed(value):
            raise _refused(where, key, value, "is no class that a run of gan_lab names")


def _may_be_imported(name: str) -> bool:
    module = name.rpartition(".")[0]
    parts = all(part.isidentifier() for part in name.split("."))
    return parts and _inside(module, (*CLASSES, *TORCH))


def _is_allowed(name: str) -> bool:
    module_name, _, attribute = name.rpartition(".")
    try:
        found = getattr(importlib.import_module(module_name), attribute)
    except (ImportError, AttributeError, ValueError):
        return False
    if isinstance(found, FunctionType):
        return name in MAKERS or _inside(found.__module__, FUNCTIONS)
    if not isinstance(found, type):
        return False
    ours = _inside(found.__module__, CLASSES)
    return ours or any(
        _inside(found.__module__, (package,)) and issubclass(found, kinds)
        for package, kinds in TORCH.items()
    )


def _walk(value: Any, key: str) -> Iterator[tuple[str, Any]]:  # noqa: ANN401
    """Every key with its value; keys of keys are joined by points."""
    yield key, value
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _walk(item, f"{key}.{name}".lstrip("."))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _walk(item, f"{key}.{index}".lstrip("."))


def _inside(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def _refused(where: str, key: str, value: object, why: str) -> UserError:
    return UserError(
        f"{where}: {key} {value!r} {why}; trust=true runs it anyway: only do so if you trust the "
        "author of the file"
    )
