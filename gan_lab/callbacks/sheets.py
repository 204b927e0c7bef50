"""Where pictures of a run go: files in its folder, images in TensorBoard."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytorch_lightning as pl
import torch
from jaxtyping import Float
from PIL import Image
from pytorch_lightning.loggers import TensorBoardLogger
from torch import Tensor

from gan_lab.atomic import write_atomically
from gan_lab.callbacks.clock import Model
from gan_lab.errors import UserError
from gan_lab.types import Label

CHUNK = 256


def samples_folder(trainer: pl.Trainer) -> Path:
    """The folder of pictures, created on demand."""
    folder = Path(trainer.default_root_dir) / "samples"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def save_picture(picture: Image.Image, path: Path) -> None:
    """Write a PNG so that a viewer never sees half a file.

    Raises:
        UserError: If the folder cannot be written.
    """
    content = io.BytesIO()
    picture.save(content, format="PNG")
    write_atomically(path, content.getvalue())


def show(trainer: pl.Trainer, tag: str, picture: Image.Image, step: int) -> None:
    """Send a picture to TensorBoard at x = generator steps."""
    for logger in trainer.loggers:
        if isinstance(logger, TensorBoardLogger):
            logger.experiment.add_image(tag, np.asarray(picture), step, dataformats="HWC")


def generate(
    model: Model,
    z: Float[Tensor, "b d"],
    label: Label | None,
    *,
    ema: bool = True,
) -> Float[Tensor, "b c *s"]:
    """Samples `(b, c, *s)` on the CPU, made in small parts, with random numbers left as found."""
    with own_noise(model.device):
        parts = [
            model.generate(part, part_label, ema=ema).float().cpu()
            for part, part_label in zip(torch.split(z, CHUNK), _split(label, len(z)), strict=True)
        ]
    return torch.cat(parts)


def is_conditional(model: Model) -> bool:
    """Whether the generator obeys labels: it refuses to work without them."""
    if not model.spec.labels:
        return False
    z = model.prior.sample(1, torch.Generator().manual_seed(0))
    try:
        generate(model, z, None)
    except UserError:
        return True
    return False


@contextmanager
def own_noise(device: torch.device) -> Iterator[None]:
    """Fixed random numbers inside, the global state untouched outside."""
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(0)
        yield


def _split(label: Tensor | None, n: int) -> list[Tensor | None]:
    return [None] * -(-n // CHUNK) if label is None else list(torch.split(label, CHUNK))
