"""Convolutional blocks for series (`spatial=1`) and images (`spatial=2`)."""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.utils import parametrizations

from gan_lab.components.activations import Activation, activation_named
from gan_lab.components.checks import check_at_least, check_choice
from gan_lab.components.conditioning import ConditionalNorm
from gan_lab.components.norms import CENTRED
from gan_lab.spec import UNLABELLED, Labels
from gan_lab.types import Label

UPSAMPLING = ("nearest", "linear", "transposed")

_CONVOLUTION: dict[tuple[int, bool], type[nn.Module]] = {
    (1, False): nn.Conv1d,
    (2, False): nn.Conv2d,
    (1, True): nn.ConvTranspose1d,
    (2, True): nn.ConvTranspose2d,
}


def convolution(
    inputs: int,
    outputs: int,
    spatial: int,
    *,
    kernel: int = 3,
    stride: int = 1,
    groups: int = 1,
    bias: bool = True,
    transposed: bool = False,
    spectral: bool = False,
    gain: float = 1.0,
) -> nn.Module:
    """Convolution padded by `(kernel - 1) // 2`, with He initialisation times `gain`.

    Source: He et al. 2015, eq. 15, for leaky slope 0.2.
    """
    padding = (kernel - 1) // 2
    make = _CONVOLUTION[spatial, transposed]
    layer = make(inputs, outputs, kernel, stride, padding, groups=groups, bias=bias)
    assert isinstance(layer.weight, Tensor)
    fan_in = inputs // groups * kernel**spatial / (stride**spatial if transposed else 1)
    nn.init.normal_(layer.weight, std=gain * (2 / ((1 + 0.2**2) * fan_in)) ** 0.5)
    return parametrizations.spectral_norm(layer) if spectral else layer


class ConvBlock(nn.Module):
    """Convolution, normalisation (conditional where there are labels), activation."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        spatial: int,
        *,
        kernel: int = 3,
        stride: int = 1,
        norm: str = "none",
        labels: Labels = UNLABELLED,
        activation: Activation | None = None,
        spectral: bool = False,
    ) -> None:
        """Compose the block; the activation is leaky ReLU unless given."""
        super().__init__()
        check_at_least(1, inputs=inputs, outputs=outputs)
        self.convolution = convolution(
            inputs,
            outputs,
            spatial,
            kernel=kernel,
            stride=stride,
            bias=norm not in CENTRED,
            spectral=spectral,
        )
        self.norm = ConditionalNorm(norm, outputs, spatial, labels)
        self.activation = (activation or activation_named("leaky_relu"))()

    def forward(
        self, x: Float[Tensor, "b i *s"], label: Label | None = None
    ) -> Float[Tensor, "b o *r"]:
        """Map `(b, inputs, *s)` to `(b, outputs, *r)`."""
        y: Tensor = self.activation(self.norm(self.convolution(x), label))
        return y


class Enlarge(nn.Module):
    """Double every spatial axis by interpolation, then cut it to `size`."""

    def __init__(self, size: tuple[int, ...], method: str = "nearest") -> None:
        """Cut to `size`, whose axes are at most twice those of the input."""
        super().__init__()
        mode = {"nearest": "nearest", "linear": ("linear", "bilinear")[len(size) - 1]}[method]
        self.size = size
        self.enlarge = nn.Upsample(scale_factor=2, mode=mode)

    def forward(self, x: Float[Tensor, "b c *s"]) -> Float[Tensor, "b c *r"]:
        """Map `(b, c, *s)` to `(b, c, *size)`."""
        return crop(self.enlarge(x), self.size)


class UpConv(nn.Module):
    """Double every spatial axis, cut it to `size`, and convolve: no norm, no activation.

    `nearest` and `linear` interpolate before a 3-wide convolution, which leaves no checkerboard
    (Odena et al. 2016); `transposed` is the 4-wide transposed convolution of DCGAN.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        size: tuple[int, ...],
        *,
        method: str = "nearest",
        bias: bool = True,
    ) -> None:
        """Compose the layer.

        Raises:
            UserError: If the method is unknown.
        """
        super().__init__()
        check_choice("upsample", method, UPSAMPLING)
        transposed = method == "transposed"
        self.size = size
        self.enlarge = nn.Identity() if transposed else Enlarge(size, method)
        self.convolution = convolution(
            inputs,
            outputs,
            len(size),
            kernel=4 if transposed else 3,
            stride=2 if transposed else 1,
            bias=bias,
            transposed=transposed,
        )

    def forward(self, x: Float[Tensor, "b i *s"]) -> Float[Tensor, "b o *r"]:
        """Map `(b, inputs, *s)` to `(b, outputs, *size)`."""
        return crop(self.convolution(self.enlarge(x)), self.size)


class UpBlock(nn.Module):
    """`UpConv`, normalisation (conditional where there are labels), activation."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        size: tuple[int, ...],
        *,
        method: str = "nearest",
        norm: str = "none",
        labels: Labels = UNLABELLED,
        activation: Activation | None = None,
    ) -> None:
        """Compose the block; the activation is leaky ReLU unless given."""
        super().__init__()
        self.rise = UpConv(inputs, outputs, size, method=method, bias=norm not in CENTRED)
        self.norm = ConditionalNorm(norm, outputs, len(size), labels)
        self.activation = (activation or activation_named("leaky_relu"))()

    def forward(
        self, x: Float[Tensor, "b i *s"], label: Label | None = None
    ) -> Float[Tensor, "b o *r"]:
        """Map `(b, inputs, *s)` to `(b, outputs, *size)`."""
        y: Tensor = self.activation(self.norm(self.rise(x), label))
        return y


class MinibatchStd(nn.Module):
    """Append one channel: the standard deviation over the batch, averaged over all features.

    A critic sees by it that generated samples resemble each other (Karras et al. 2018, sec. 3).
    """

    def forward(self, x: Float[Tensor, "b c *s"]) -> Float[Tensor, "b d *s"]:
        """Map `(b, c, *s)` to `(b, c + 1, *s)`."""
        spread = (x.var(0, correction=0) + 1e-8).sqrt().mean()
        return torch.cat([x, spread.to(x.dtype).expand(x.shape[0], 1, *x.shape[2:])], dim=1)


def crop(x: Float[Tensor, "b c *s"], size: tuple[int, ...]) -> Float[Tensor, "b c *r"]:
    """Keep the first `size` positions of every spatial axis."""
    for axis, n in enumerate(size, start=2):
        x = x.narrow(axis, 0, n)
    return x
