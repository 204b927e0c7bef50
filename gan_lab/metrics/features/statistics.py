"""Moments of real features, computed once and remembered on disk."""

import hashlib
from pathlib import Path

import torch
from jaxtyping import Float
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from gan_lab.atomic import write_atomically
from gan_lab.cache import cache_folder
from gan_lab.metrics.features.extractor import Extractor, extract, tensor_digest
from gan_lab.metrics.frechet import Moments, moments

FORMAT = "moments 1"


def real_moments(
    extractor: Extractor, x: Float[Tensor, "n c *s"], *, folder: Path | None = None
) -> Moments:
    """Mean and covariance of the features of real rows, from the cache when they are known.

    The key is a hash of all that determines them: every byte of the rows, the extractor's name
    and weights, and the format of the file.

    Args:
        extractor: What computes the features.
        x: Real rows in model range, `(n, c, *s)`.
        folder: Where to remember; `statistics` in `gan_lab.cache.cache_folder()` by default.

    Raises:
        UserError: If there are fewer than two rows or the folder cannot be written.
    """
    folder = cache_folder() / "statistics" if folder is None else folder
    path = folder / f"{statistics_key(extractor, x)}.safetensors"
    known = _read(path)
    if known is not None:
        return known
    computed = moments(extract(extractor, x))
    _write(path, computed)
    return computed


def statistics_key(extractor: Extractor, x: Float[Tensor, "n c *s"]) -> str:
    """SHA-256 of the rows, the extractor and the format."""
    parts = (FORMAT, extractor.name, extractor.digest, tensor_digest(x))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _read(path: Path) -> Moments | None:
    try:
        stored = load(path.read_bytes())
        return Moments(int(stored["n"]), stored["mean"], stored["covariance"])
    except (OSError, SafetensorError, KeyError):
        # A torn file is as good as none: it is written again.
        return None


def _write(path: Path, value: Moments) -> None:
    content = save(
        {
            "n": torch.tensor(value.n),
            "mean": value.mean.contiguous(),
            "covariance": value.covariance.contiguous(),
        }
    )
    write_atomically(path, content)
