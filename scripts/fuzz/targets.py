"""What is fuzzed: our own parsers. Each may refuse with a `UserError`, and may do nothing else."""

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from gan_lab.data.table.cleaning import Policy
from gan_lab.data.table.examine import Choice, examine
from gan_lab.data.table.reading import Form, read
from gan_lab.errors import UserError
from gan_lab.export.checkpoints import SUMS, read_sums
from gan_lab.export.folder import read_config, read_spec, read_whole
from gan_lab.export.sizes import header_of
from gan_lab.export.targets import require_known_targets

FOLDER = Path(tempfile.mkdtemp(prefix="gan_lab_fuzz_"))


@contextmanager
def refusals_only() -> Iterator[None]:
    """Let a `UserError` of one line pass; everything else is a finding."""
    try:
        yield
    except UserError as error:
        if "\n" in str(error) or len(str(error)) > 2000:
            raise AssertionError(f"not one short line: {str(error)[:300]!r}") from error


def put(name: str, content: bytes) -> Path:
    """The content as a file."""
    path = FOLDER / name
    path.write_bytes(content)
    return path


def table(content: bytes) -> None:
    """A CSV file, read and examined; what was accepted is finite."""
    with refusals_only():
        source = read(put("table.csv", content), Form())
        found = examine([source], Choice(), Policy(missing="interpolate", constant="keep"), 2)
        if not found.refused:
            assert all(abs(h.values).max(initial=0) < float("inf") for h in found.histories)


def config(content: bytes) -> None:
    """`config.yaml` of a generator, and of a run."""
    with refusals_only():
        require_known_targets(read_config(put("config.yaml", content)), "config.yaml")


def spec(content: bytes) -> None:
    """`spec.json`; what was accepted comes back the same."""
    with refusals_only():
        found = read_spec(put("spec.json", content))
        again = put("again.json", json.dumps(found.to_dict()).encode())
        assert read_spec(again) == found


def sums(content: bytes) -> None:
    """The manifest of the checkpoints."""
    with refusals_only():
        put(SUMS, content)
        read_sums(FOLDER)


def header(content: bytes) -> None:
    """The header of a safetensors file."""
    with refusals_only():
        read_whole(put("x.safetensors", content), header_of)


TARGETS: dict[str, Callable[[bytes], None]] = {
    f.__name__: f for f in (table, config, spec, sums, header)
}
SEEDS: dict[str, tuple[bytes, ...]] = {
    "table": (
        b"date,a,b\n2024-01-01,1.5,2\n2024-01-02,2.5,3\n2024-01-03,1,1\n",
        b"a;b\n1,5;2\n2,5;3\n",
        b"\xef\xbb\xbfyear\ta\n2001\t1e3\n2002\tinf\n",
    ),
    "config": (
        b"format_version: 2\ngenerator: {_target_: gan_lab.networks.mlp.Generator, width: 8}\n"
        b"latent: {_target_: gan_lab.latent.normal.Normal, dim: 3}\nattributes: []\n",
        b"a: &x [1]\nb: *x\n",
    ),
    "spec": (
        b'{"name": "x", "modality": "series", "channels": 2, "spatial": [4], "scale": [1.0], '
        b'"offset": [0.0], "transform": {"_target_": "gan_lab.transforms.log.FittedLog", '
        b'"channels": 2, "columns": [0]}}',
        b'{"name": "i", "modality": "images", "channels": 3, "spatial": [8, 8], '
        b'"bounds": [0, 255], "integer": true}',
    ),
    "sums": (b"0" * 64 + b"  last.ckpt\n",),
    "header": (
        b"\x3f\0\0\0\0\0\0\0" + b'{"w":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}}      '
        + bytes(24),
    ),
}  # fmt: skip
