"""Inception-v3 as FID defines it, through torch-fidelity: for those who have the weights."""

import hashlib
import importlib
import pickle
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from types import ModuleType

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gan_lab.errors import UserError

FILE = "weights-inception-2015-12-05-6726825d.pth"
URL = f"https://github.com/toshas/torch-fidelity/releases/download/v0.2.0/{FILE}"
SHA_PREFIX = "6726825d"
PACKAGE = "torch_fidelity.feature_extractor_inceptionv3"
SECONDS = 10.0


class InceptionFeatures:
    """The 2048 pooled features of FID's network, of images in model range.

    Grey images are repeated to three channels; values are rounded to whole pixels, 0 to 255, and
    resized inside the network as TensorFlow 1 did. A Fréchet distance on them is comparable with a
    published FID only at its numbers of images, 50,000 in most papers.

    Args:
        weights: File with the weights, a plain dictionary of tensors; by default torch's hub
            folder, into which they are downloaded once.

    Raises:
        UserError: If torch-fidelity is missing, or the weights are and cannot be downloaded.

    Source: Heusel et al., "GANs trained by a two time-scale update rule", 2017.
    """

    name = "inception_v3_2048"

    def __init__(self, weights: Path | None = None) -> None:
        package = _package()
        self._path = weights if weights is not None else published_weights()
        _check_plain(self._path)
        self.network: nn.Module = package.FeatureExtractorInceptionV3(
            "inception-v3-compat", ["2048"], feature_extractor_weights_path=str(self._path)
        )
        self._forward: Callable[[Tensor], tuple[Tensor, ...]] = self.network

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the file with the weights."""
        return hashlib.sha256(self._path.read_bytes()).hexdigest()

    def __call__(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b 2048"]:
        """`(b, 2048)`.

        Raises:
            UserError: If the images have neither one nor three channels.
        """
        if x.shape[1] not in (1, 3):
            raise UserError(f"inception sees images of 1 or 3 channels, not {x.shape[1]}")
        pixels = ((x.float().clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
        return self._forward(pixels.expand(-1, 3, -1, -1))[0]


def published_weights() -> Path:
    """The weights in torch's hub folder; they are downloaded if they are not there.

    Raises:
        UserError: If there is no network, or the file is not the published one.
    """
    path = Path(torch.hub.get_dir()) / "checkpoints" / FILE
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with _timeout(SECONDS):
                torch.hub.download_url_to_file(URL, str(path), SHA_PREFIX, progress=False)
        except (OSError, RuntimeError) as error:
            raise UserError(
                f"inception needs weights that are not here, and {URL} cannot be reached; "
                f"put the file at {path}, or use features=efficientnet, whose weights come with a "
                "package"
            ) from error
    if not hashlib.sha256(path.read_bytes()).hexdigest().startswith(SHA_PREFIX):
        raise UserError(f"{path} is not the published file; remove it and download {URL} again")
    return path


def _package() -> ModuleType:
    try:
        return importlib.import_module(PACKAGE)
    except ModuleNotFoundError as error:
        raise UserError(
            "inception needs torch-fidelity; run: pip install torch-fidelity"
        ) from error


def _check_plain(path: Path) -> None:
    """The package unpickles the file: only one that holds nothing but tensors may get there."""
    try:
        torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, pickle.UnpicklingError) as error:
        raise UserError(f"{path} holds no plain weights: {str(error).splitlines()[0]}") from error


@contextmanager
def _timeout(seconds: float) -> Iterator[None]:
    """No connection waits longer."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
