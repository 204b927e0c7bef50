"""Well-known image sets that torchvision downloads: they need a network once."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from gan_lab.data.base import DataModule, Rows, Samples
from gan_lab.data.pixels import pixel_spec, to_model_range
from gan_lab.data.reader import image_reader
from gan_lab.errors import UserError

_PATIENCE = 30.0


class Downloaded(DataModule):
    """Base of the sets that torchvision keeps under `root`.

    Args:
        root: Folder of the files.
        download: Whether to download what is missing.
        options: Arguments of `DataModule`.
    """

    def __init__(
        self,
        root: str | Path = "data",
        download: bool = True,
        **options: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(**options)
        self.root = Path(root).expanduser()
        self.download = download

    def fetch(self, dataset: str, **arguments: Any) -> Any:  # noqa: ANN401
        """Build a data set of `torchvision.datasets`.

        Raises:
            UserError: If its files are neither there nor downloadable.
        """
        import torchvision.datasets

        build: Callable[..., Any] = getattr(torchvision.datasets, dataset)
        try:
            with _patience(_PATIENCE):
                return build(root=str(self.root), download=self.download, **arguments)
        except (RuntimeError, OSError, ImportError) as error:
            todo = (
                "connect to the network, or put the files there yourself"
                if self.download
                else "set data.download=true, or put the files there yourself"
            )
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise UserError(
                f"{dataset} is not in data.root={self.root.absolute()} and could not be had "
                f"({reason}); {todo}"
            ) from error


class MNIST(Downloaded):
    """60,000 grey digits `(1, 28, 28)` in ten classes. Source: LeCun, Cortes & Burges."""

    def load(self) -> Samples:
        """Read the training set, downloading it if need be."""
        return _in_memory("mnist", self.fetch("MNIST", train=True))


class FashionMNIST(Downloaded):
    """60,000 grey pieces of clothing `(1, 28, 28)` in ten classes. Source: Xiao et al. 2017."""

    def load(self) -> Samples:
        """Read the training set, downloading it if need be."""
        return _in_memory("fashion_mnist", self.fetch("FashionMNIST", train=True))


class CIFAR10(Downloaded):
    """50,000 colour photographs `(3, 32, 32)` in ten classes. Source: Krizhevsky 2009."""

    def load(self) -> Samples:
        """Read the training set, downloading it if need be."""
        return _in_memory("cifar10", self.fetch("CIFAR10", train=True))


class CelebA(Downloaded):
    """162,770 faces in colour, cropped to a square, without labels. Source: Liu et al. 2015.

    Args:
        root: Folder of the files.
        download: Whether to download what is missing; needs the package gdown.
        size: Height and width of the images that networks see.
        in_memory: `auto` reads from disk while training if the images need more than 2 GiB.
        options: Arguments of `DataModule`.

    Raises:
        UserError: If an argument is out of range.
    """

    def __init__(
        self,
        root: str | Path = "data",
        download: bool = True,
        size: int = 64,
        in_memory: bool | str = "auto",
        **options: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(root, download, **options)
        self.reader = image_reader(size, "cover", "rgb", "error", in_memory)

    def load(self) -> Rows:
        """Read the training partition, downloading it if need be."""
        faces = self.fetch("CelebA", split="train")
        folder = self.root / "celeba" / "img_align_celeba"
        return self.reader.read("celeba", [folder / name for name in faces.filename], None, ())


def _in_memory(name: str, dataset: Any) -> Samples:  # noqa: ANN401
    images = torch.as_tensor(dataset.data)
    pixels: Tensor = images.unsqueeze(1) if images.ndim == 3 else images.permute(0, 3, 1, 2)
    classes = tuple(str(label) for label in dataset.classes)
    spec = pixel_spec(name, pixels.shape[1], (pixels.shape[2], pixels.shape[3]), classes)
    return Samples(to_model_range(pixels), torch.as_tensor(dataset.targets).long(), spec)


@contextmanager
def _patience(seconds: float) -> Iterator[None]:
    """Let sockets give up after `seconds`: torchvision itself sets no time limit."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
