"""A small causal Transformer in plain matrix products, so that it can be differentiated twice."""

import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from gan_lab.components.carried import State
from gan_lab.components.checks import check_at_least
from gan_lab.components.perceptron import linear
from gan_lab.errors import UserError


class CausalAttention(nn.Module):
    r"""Every step attends to itself and to the `window - 1` steps before it.

    $$ y_t = \sum_{s} \mathrm{softmax}_s\Bigl(\frac{q_t^\top k_s}{\sqrt{e}} - m_h (t - s)\Bigr) v_s,
    \qquad t - w < s \le t $$

    The slope $m_h$ of a head, $2^{-8h/H}$, stands for the position (ALiBi, Press et al. 2022): only
    distances count, so that a series may be longer than those of training. Fused kernels have no
    second derivative; these products have.
    """

    def __init__(self, width: int, *, heads: int = 4, window: int = 16) -> None:
        """Give every head `width / heads` channels.

        Raises:
            UserError: If a size is below 1, or the heads do not divide the width.
        """
        super().__init__()
        check_at_least(1, width=width, heads=heads, window=window)
        if width % heads:
            raise UserError(f"width is {width} and heads {heads}; expected heads to divide width")
        self.heads, self.window, self.size = heads, window, width // heads
        self.read = nn.Linear(width, 3 * width)
        self.write = nn.Linear(width, width)
        slopes = 2.0 ** (-8 * torch.arange(1, heads + 1) / heads)
        self.slopes: Tensor
        self.register_buffer("slopes", slopes.view(heads, 1, 1))

    def advance(
        self, x: Float[Tensor, "b t w"], state: State
    ) -> tuple[Float[Tensor, "b t w"], State]:
        """Steps `(b, t, width)` after the keys and values `(b, heads, m, e)` of those before."""
        query, key, value = (
            part.unflatten(2, (self.heads, self.size)).transpose(1, 2)
            for part in self.read(x).chunk(3, dim=2)
        )
        key, value = (torch.cat([a, b], dim=2) for a, b in zip(state, (key, value), strict=True))
        weight = self._scores(query, key).softmax(dim=3).to(value.dtype)
        y: Tensor = self.write((weight @ value).transpose(1, 2).flatten(2))
        kept = max(key.shape[2] - self.window + 1, 0)
        return y, (key[:, :, kept:], value[:, :, kept:])

    def _scores(
        self, query: Float[Tensor, "b h t e"], key: Float[Tensor, "b h m e"]
    ) -> Float[Tensor, "b h t m"]:
        steps, known = query.shape[2], key.shape[2]
        place = torch.arange(known, device=query.device)
        distance = place[known - steps :, None] - place
        hidden: Bool[Tensor, "t m"] = (distance < 0) | (distance >= self.window)
        scores = query @ key.transpose(2, 3) / math.sqrt(self.size) - self.slopes * distance
        return scores.masked_fill(hidden, -math.inf)


class TransformerBlock(nn.Module):
    """Attention, then a perceptron at every step; each reads normalised steps and adds to them.

    Source: Vaswani et al. 2017, with the normalisation before each part (Xiong et al. 2020).
    """

    def __init__(self, width: int, *, heads: int, window: int, blocks: int) -> None:
        """Compose the block; what `blocks` of them add starts small."""
        super().__init__()
        self.attention = CausalAttention(width, heads=heads, window=window)
        self.attention.write.weight.data.mul_(blocks**-0.5)
        self.norms = nn.ModuleList([nn.LayerNorm(width), nn.LayerNorm(width)])
        self.perceptron = nn.Sequential(
            linear(width, 2 * width), nn.GELU(), linear(2 * width, width, gain=0.5 * blocks**-0.5)
        )

    def advance(
        self, x: Float[Tensor, "b t w"], state: State
    ) -> tuple[Float[Tensor, "b t w"], State]:
        """Map `(b, t, width)` to the same shape."""
        first, second = self.norms
        y, state = self.attention.advance(first(x), state)
        x = x + y
        return x + self.perceptron(second(x)), state


class Transformer(nn.Module):
    """Causal blocks with a bounded memory.

    Attributes:
        channels: Channels that come out.
        state_size: 0; before the first step there is nothing to attend to.
    """

    def __init__(
        self, inputs: int, width: int, *, layers: int = 2, heads: int = 4, window: int = 16
    ) -> None:
        """Stack `layers` blocks of `width` channels.

        Raises:
            UserError: If a size is below 1, or the heads do not divide the width.
        """
        super().__init__()
        check_at_least(1, inputs=inputs, width=width, layers=layers)
        self.channels, self.state_size = width, 0
        self.enter = linear(inputs, width)
        self.blocks = nn.ModuleList(
            TransformerBlock(width, heads=heads, window=window, blocks=layers)
            for _ in range(layers)
        )
        self.norm = nn.LayerNorm(width)

    def start(self, numbers: Float[Tensor, "b s"]) -> State:
        """No keys and no values; of `numbers` only the batch counts."""
        attention = [m for m in self.modules() if isinstance(m, CausalAttention)]
        return tuple(
            numbers.new_zeros(len(numbers), layer.heads, 0, layer.size)
            for layer in attention
            for _ in ("keys", "values")
        )

    def advance(
        self, x: Float[Tensor, "b i t"], state: State
    ) -> tuple[Float[Tensor, "b h t"], State]:
        """Series `(b, inputs, t)` to features `(b, channels, t)` and the state after them."""
        y = self.enter(x.transpose(1, 2))
        carried: State = ()
        for level, block in enumerate(self.blocks):
            assert isinstance(block, TransformerBlock)
            y, past = block.advance(y, state[2 * level : 2 * level + 2])
            carried = carried + past
        features: Tensor = self.norm(y)
        return features.transpose(1, 2), carried

    def forward(self, x: Float[Tensor, "b i t"]) -> Float[Tensor, "b h t"]:
        """Features of a series that begins here."""
        return self.advance(x, self.start(x.flatten(1)))[0]
