"""A small classifier for any modality: the judge that tells what a sample shows."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gan_lab.errors import UserError
from gan_lab.spec import DataSpec

CONVOLUTION: dict[int, type[nn.Module]] = {1: nn.Conv1d, 2: nn.Conv2d}
NORM: dict[int, type[nn.Module]] = {1: nn.BatchNorm1d, 2: nn.BatchNorm2d}


class Classifier(nn.Module):
    """Samples to one logit per class.

    Images and series pass two convolution stages (convolution, batch norm, ReLU, halved by a
    strided second convolution), are averaged to at most seven cells a side and read by a linear
    layer; points pass an MLP of the same width.

    Args:
        spec: What the data look like; it must have classes.
        width: Channels of the first stage; the second has twice as many.
        dropout: Share of the features that is dropped before the last layer.

    Raises:
        UserError: If the data have no classes.
    """

    def __init__(self, spec: DataSpec, *, width: int = 32, dropout: float = 0.3) -> None:
        super().__init__()
        if spec.num_classes < 2:
            raise UserError(f"{spec.name} has no classes: a classifier needs two or more")
        axes = len(spec.spatial)
        body = self._points(spec, width) if axes == 0 else self._grid(spec, width, axes)
        self.body = nn.Sequential(*body, nn.Flatten(), nn.Dropout(dropout))
        with torch.no_grad():
            features = self.body.eval()(torch.zeros(1, *spec.shape)).shape[1]
        self.head = nn.Linear(features, spec.num_classes)
        self.train()

    def forward(self, x: Float[Tensor, "b c *s"]) -> Float[Tensor, "b k"]:
        """Logits of the classes."""
        logits: Tensor = self.head(self.body(x))
        return logits

    def _points(self, spec: DataSpec, width: int) -> list[nn.Module]:
        hidden = 4 * width
        return [nn.Linear(spec.channels, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU()]

    def _grid(self, spec: DataSpec, width: int, axes: int) -> list[nn.Module]:
        layers: list[nn.Module] = []
        before = spec.channels
        for channels in (width, 2 * width):
            for stride in (1, 2):
                convolution = CONVOLUTION[axes](before, channels, 3, stride, 1, bias=False)
                layers += [convolution, NORM[axes](channels), nn.ReLU()]
                before = channels
        cells = tuple(min(7, -(-size // 4)) for size in spec.spatial)
        pool = nn.AdaptiveAvgPool2d(cells) if axes == 2 else nn.AdaptiveAvgPool1d(cells[0])
        return [*layers, pool]
