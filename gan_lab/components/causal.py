"""Temporal convolutional network: dilated convolutions that never look ahead."""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.utils import parametrizations

from gan_lab.components.activations import Activation, activation_named
from gan_lab.components.carried import State
from gan_lab.components.checks import check_at_least
from gan_lab.components.cnn import convolution
from gan_lab.errors import UserError


class CausalConv(nn.Module):
    r"""$y_t = b + \sum_{j=0}^{k-1} W_j x_{t - j d}$: a convolution over the present and the past.

    Source: van den Oord et al. 2016 (WaveNet), sec. 2.1.

    Attributes:
        memory: Past steps that it reads, $(k - 1) d$.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        *,
        kernel: int = 2,
        dilation: int = 1,
        gain: float = 1.0,
        weight_norm: bool = False,
        spectral: bool = False,
    ) -> None:
        """Start with He initialisation times `gain`, for leaky slope 0.2.

        Raises:
            UserError: If a size is below 1, or both norms are asked for.
        """
        super().__init__()
        check_at_least(1, inputs=inputs, outputs=outputs, kernel=kernel, dilation=dilation)
        if weight_norm and spectral:
            raise UserError("weight_norm and spectral are both true; choose one")
        self.inputs, self.memory = inputs, (kernel - 1) * dilation
        layer = nn.Conv1d(inputs, outputs, kernel, dilation=dilation)
        std = gain * (2 / ((1 + 0.2**2) * inputs * kernel)) ** 0.5
        nn.init.normal_(layer.weight, std=std)
        if weight_norm:
            parametrizations.weight_norm(layer)
        if spectral:
            parametrizations.spectral_norm(layer)
        self.convolution = layer

    def advance(
        self, x: Float[Tensor, "b i t"], past: Float[Tensor, "b i m"]
    ) -> tuple[Float[Tensor, "b o t"], Float[Tensor, "b i m"]]:
        """Series after its `past`, the last `memory` steps before it, to outputs and the new past.

        Any number of steps may come; `(b, inputs, t)` gives `(b, outputs, t)`.
        """
        joined = torch.cat([past, x], dim=2)
        return self.convolution(joined), joined[:, :, joined.shape[2] - self.memory :]


class TemporalBlock(nn.Module):
    r"""Residual block of two causal convolutions, $y = x + f(x)$, without normalisation.

    The branch starts small, by $L^{-1/2}$ for L blocks, so that the signal keeps its scale.
    Source: Bai et al. 2018, "An empirical evaluation of generic convolutional and recurrent
    networks", sec. 3.3, with the activation before each convolution and no dropout.
    """

    def __init__(
        self,
        channels: int,
        *,
        kernel: int = 2,
        dilation: int = 1,
        blocks: int = 1,
        activation: Activation | None = None,
        weight_norm: bool = False,
        spectral: bool = False,
    ) -> None:
        """Compose the branch; `blocks` is the number of such blocks in the whole network."""
        super().__init__()
        act = activation or activation_named("leaky_relu")
        self.activations = nn.ModuleList([act(), act()])
        self.convolutions = nn.ModuleList(
            CausalConv(
                channels, channels, kernel=kernel, dilation=dilation, gain=gain,
                weight_norm=weight_norm, spectral=spectral,
            )
            for gain in (1.0, blocks**-0.5)
        )  # fmt: skip

    def advance(
        self, x: Float[Tensor, "b c t"], state: State
    ) -> tuple[Float[Tensor, "b c t"], State]:
        """Map `(b, channels, t)` to the same shape; the state holds both convolutions' past."""
        y, carried = x, []
        layers = zip(self.activations, self.convolutions, state, strict=True)
        for activation, convolve, past in layers:
            assert isinstance(convolve, CausalConv)
            y, past = convolve.advance(activation(y), past)
            carried.append(past)
        return x + y, tuple(carried)


def steps_back(levels: int, kernel: int) -> int:
    r"""Past steps that an output of a `TCN` sees, $2 (k - 1)(2^L - 1)$.

    >>> steps_back(levels=4, kernel=2)
    30
    """
    return 2 * (kernel - 1) * ((1 << levels) - 1)


class TCN(nn.Module):
    r"""Causal blocks with the dilations $1, 2, 4, \dots, 2^{L-1}$.

    An output sees its own step and the `steps_back` before it.

    Attributes:
        channels: Channels that come out.
        state_size: 0; the first state is silence.
    """

    def __init__(
        self,
        inputs: int,
        width: int,
        *,
        levels: int = 4,
        kernel: int = 2,
        activation: str = "leaky_relu",
        weight_norm: bool = False,
        spectral: bool = False,
    ) -> None:
        """Stack `levels` blocks of `width` channels.

        Raises:
            UserError: If a size is below 1 or the activation unknown.
        """
        super().__init__()
        check_at_least(1, inputs=inputs, width=width, levels=levels, kernel=kernel)
        act = activation_named(activation)
        self.channels, self.state_size = width, 0
        self.enter = convolution(inputs, width, 1, kernel=1, spectral=spectral)
        self.blocks = nn.ModuleList(
            TemporalBlock(
                width, kernel=kernel, dilation=2**level, blocks=levels,
                activation=act, weight_norm=weight_norm, spectral=spectral,
            )
            for level in range(levels)
        )  # fmt: skip
        self.activation = act()

    def start(self, numbers: Float[Tensor, "b s"]) -> State:
        """Silence before the first step; of `numbers` only the batch counts."""
        return tuple(
            numbers.new_zeros(len(numbers), layer.inputs, layer.memory)
            for layer in self.modules()
            if isinstance(layer, CausalConv)
        )

    def advance(
        self, x: Float[Tensor, "b i t"], state: State
    ) -> tuple[Float[Tensor, "b h t"], State]:
        """Series `(b, inputs, t)` to features `(b, channels, t)` and the state after them."""
        y = self.enter(x)
        carried: State = ()
        for level, block in enumerate(self.blocks):
            assert isinstance(block, TemporalBlock)
            y, past = block.advance(y, state[2 * level : 2 * level + 2])
            carried = carried + past
        features: Tensor = self.activation(y)
        return features, carried

    def forward(self, x: Float[Tensor, "b i t"]) -> Float[Tensor, "b h t"]:
        """Features of a series that begins here."""
        return self.advance(x, self.start(x.flatten(1)))[0]
