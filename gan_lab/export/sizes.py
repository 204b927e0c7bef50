"""What files of strangers may ask for: checked from their headers, before anything is loaded."""

import json
import math
import pickletools
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar, cast

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from gan_lab.errors import UserError

MOST_HEADER = 4 * 2**20
MOST_PICKLE = 64 * 2**20
MOST_MEMBERS = 100_000
MOST_SMALL, MOST_WIDE = 1024, 65_536
"""Whole numbers in the node of a prior, whose means may form a square, and of a network."""
SPARE_NUMBERS, SPARE_CALLS, TIMES = 2**18, 5_000, 20
KNOWN = frozenset(
    [
        "collections.OrderedDict",
        "torch._utils._rebuild_tensor_v2",
        "torch._utils._rebuild_tensor_v3",
        "torch._utils._rebuild_parameter",
        "torch.Size",
        "torch.device",
        "torch._utils._rebuild_tensor",
        "torch.serialization._get_layout",
    ]
)
T = TypeVar("T")


def header_of(file: Path) -> dict[str, tuple[int, ...]]:
    """Shape of every tensor in a safetensors file, from its header alone.

    Raises:
        ValueError: If the header is damaged, or does not fit the size of the file.
        OSError: If the file cannot be read.
    """
    size = _size(file)
    with file.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        if size < 8 or length > min(size - 8, MOST_HEADER):
            raise ValueError(f"its header claims {length:,} bytes, the file has {size:,}")
        try:
            entries = json.loads(stream.read(length))
            shapes = {
                str(name): tuple(int(n) for n in entry["shape"])
                for name, entry in entries.items()
                if name != "__metadata__"
            }
        except (TypeError, KeyError, AttributeError, RecursionError, OverflowError) as error:
            raise ValueError("its header is damaged") from error
    if sum(math.prod(shape) for shape in shapes.values()) > size:
        raise ValueError(f"its header claims more numbers than the {size:,} bytes of the file")
    return shapes


def check_checkpoint(file: Path) -> None:
    """Check the zip directory of a checkpoint and the names in its pickle; nothing is loaded.

    torch reads members that are compressed, so that a small file could fill the memory; its own
    files are not. The pickle may name what tensors and plain values need, and nothing else.

    Raises:
        ValueError: If it is no checkpoint of torch, or holds more than values.
        OSError: If the file cannot be read.
    """
    size = _size(file)
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            _check_members(members, size)
            pickles = [m for m in members if m.filename.endswith("data.pkl")]
            if len(pickles) != 1 or pickles[0].file_size > MOST_PICKLE:
                raise ValueError("it holds no data.pkl of a checkpoint")
            _check_names(archive.read(pickles[0]))
    except (zipfile.BadZipFile, NotImplementedError, EOFError) as error:
        raise ValueError(f"it is no checkpoint of torch ({error})") from error


def check_values(state: object) -> None:
    """Check that no tensor of a loaded state is larger than what is stored of it.

    A stride of 0 makes any size of a few bytes; the first copy of it would fill the memory.

    Raises:
        ValueError: If one is.
    """
    for value in _every(state):
        if isinstance(value, Tensor) and value.layout == torch.strided:
            stored = value.untyped_storage().nbytes()
            if value.numel() * value.element_size() > stored:
                raise ValueError(f"a tensor claims {value.numel():,} numbers, {stored:,} bytes")


def check_numbers(node: object, where: str, most: int) -> None:
    """Check that no whole number in a node of a stranger's configuration asks for too much.

    Raises:
        UserError: If one does.
    """
    for key, value in _named(node):
        if key != "seed" and isinstance(value, int) and abs(value) > most:
            raise UserError(
                f"{where}: {key} is {_digits(value)}, more than {most:,}; trust=True builds it "
                "anyway: only do so if you trust the author of the file"
            )


def require_size(build: Callable[[], T], shapes: Mapping[str, tuple[int, ...]], where: str) -> None:
    """Build without memory, and stop as soon as it asks for far more than its weights hold.

    Args:
        build: Makes the network.
        shapes: Shapes of its weights in their file.
        where: File and key, for the message.

    Raises:
        UserError: If it does.
    """
    numbers = sum(math.prod(shape) for shape in shapes.values())
    with _limited(where, numbers, len(shapes)), torch.device("meta"):
        build()


@contextmanager
def _limited(where: str, numbers: int, tensors: int) -> Iterator[None]:
    limit = _Limit(TIMES * numbers + SPARE_NUMBERS, TIMES * tensors + SPARE_CALLS)
    try:
        with limit:
            yield
    except _TooLargeError as error:
        raise UserError(
            f"{where}: this asks for a network far larger than the {numbers:,} numbers of its "
            "weights; the folder is damaged, or not made by gan_lab"
        ) from error


class _TooLargeError(BaseException):
    """Passes through whatever builds the network."""


class _Limit(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts the numbers and the calls of everything that is computed inside."""

    def __init__(self, numbers: int, calls: int) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.numbers, self.calls = numbers, calls

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None  # noqa: ANN401
    ) -> Any:  # fmt: skip  # noqa: ANN401
        """Compute, and count."""
        result = func(*args, **(kwargs or {}))
        self.calls -= 1
        self.numbers -= result.numel() if isinstance(result, Tensor) else 0
        if min(self.calls, self.numbers) < 0:
            raise _TooLargeError
        return result


def _digits(value: int) -> str:
    return f"{value:,}" if abs(value) < 10**30 else "a number of more than 30 digits"


def _size(file: Path) -> int:
    if file.exists() and not file.is_file():  # a pipe or a device could be read without end
        raise ValueError("it is no file")
    return file.stat().st_size


def _check_members(members: list[zipfile.ZipInfo], size: int) -> None:
    if len(members) > MOST_MEMBERS:
        raise ValueError(f"it holds {len(members):,} members")
    packed = [m.filename for m in members if m.compress_type != zipfile.ZIP_STORED]
    if packed:
        raise ValueError(f"its member {packed[0]!r} is compressed, as torch never does")
    claimed = sum(m.file_size for m in members)
    if claimed > size:
        raise ValueError(f"its members claim {claimed:,} bytes, the file has {size:,}")


def _check_names(pickled: bytes) -> None:
    try:
        for opcode, argument, _ in pickletools.genops(pickled):
            if opcode.name in ("STACK_GLOBAL", "INST", "OBJ", "NEWOBJ_EX", "EXT1", "EXT2", "EXT4"):
                raise ValueError(f"its pickle uses {opcode.name}, which plain values do not need")
            name = str(argument).replace(" ", ".")
            if opcode.name == "GLOBAL" and not (name in KNOWN or _is_storage(name)):
                raise ValueError(f"its pickle names {name}; plain values and tensors do not")
    except (IndexError, UnicodeDecodeError, OverflowError, MemoryError) as error:
        raise ValueError("its pickle is damaged") from error


def _is_storage(name: str) -> bool:
    kind = name.removeprefix("torch.")
    return kind.isidentifier() and (
        kind.endswith("Storage") or isinstance(getattr(torch, kind, None), torch.dtype)
    )


def _every(value: object) -> Iterator[object]:
    """Each value inside containers once, however often it is referred to."""
    seen: set[int] = set()
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        yield item
        if isinstance(item, Mapping):
            waiting += item.values()
        elif isinstance(item, list | tuple | set):
            waiting += list(cast("list[object]", item))


def _named(value: object, name: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _named(item, str(key))
    elif isinstance(value, list):
        for item in value:
            yield from _named(item, name)
    else:
        yield name, value
