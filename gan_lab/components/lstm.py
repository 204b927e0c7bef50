"""Recurrent layers that take and give channels-first series."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gan_lab.components.carried import State
from gan_lab.components.checks import check_at_least, check_choice
from gan_lab.components.gates import GRUTrace, LSTMTrace, trace_gru, trace_lstm
from gan_lab.errors import UserError

_CELLS: dict[str, Callable[..., nn.RNNBase]] = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}


class Recurrent(nn.Module):
    r"""LSTM, GRU or plain recurrent layers over time.

    The cell and the state of the LSTM are

    $$ c_t = f_t \odot c_{t-1} + i_t \odot g_t, \qquad h_t = o_t \odot \tanh(c_t). $$

    Forget gates start open, with bias 1, so that gradients reach far back (Jozefowicz et al.
    2015). It computes in float32 under autocast: rounding errors would add up over time.
    """

    def __init__(
        self,
        inputs: int,
        hidden: int,
        *,
        cell: str = "lstm",
        layers: int = 1,
        bidirectional: bool = False,
        dropout: float = 0.0,
        twice_differentiable: bool = False,
    ) -> None:
        """Stack `layers` layers; `channels` is the number of channels that come out.

        Args:
            inputs: Channels of the input.
            hidden: Size of the state, per direction.
            cell: `lstm`, `gru` or `rnn`.
            layers: Number of layers.
            bidirectional: Whether to run through time both ways.
            dropout: Probability of dropping a feature between layers.
            twice_differentiable: Avoid cuDNN, which cannot differentiate a gradient penalty.

        Raises:
            UserError: If the cell is unknown or a size is below 1.
        """
        super().__init__()
        check_choice("cell", cell, _CELLS)
        check_at_least(1, inputs=inputs, hidden=hidden, layers=layers)
        self.cell = cell
        self.channels = hidden * (2 if bidirectional else 1)
        self.state_size = (2 if cell == "lstm" else 1) * layers * hidden
        self.twice_differentiable = twice_differentiable
        self.rnn = _CELLS[cell](
            inputs,
            hidden,
            num_layers=layers,
            batch_first=True,
            bidirectional=bidirectional,
            dropout=dropout if layers > 1 else 0.0,
        )
        if cell == "lstm":
            _open_forget_gates(self.rnn)

    def forward(
        self, x: Float[Tensor, "b c t"]
    ) -> tuple[Float[Tensor, "b h t"], Float[Tensor, "b h"]]:
        """Series `(b, c, t)` to states at every time `(b, h, t)` and the last state `(b, h)`.

        In two directions the last state of the backward one is that at the first time.
        """
        x = x.to(next(self.rnn.parameters()).dtype)
        with self._kernels(x), _full_precision(x):
            states, _ = self.rnn(x.transpose(1, 2))
        states = states.transpose(1, 2)
        if not self.rnn.bidirectional:
            return states, states[:, :, -1]
        ahead, back = states.chunk(2, dim=1)
        return states, torch.cat([ahead[:, :, -1], back[:, :, 0]], dim=1)

    def start(self, numbers: Float[Tensor, "b s"]) -> State:
        r"""First state from `(b, state_size)` numbers, each part `(b, layers, hidden)`.

        The output $h$ of a cell lies in $(-1, 1)$, so its numbers pass a tanh; cell states do not.
        """
        parts = numbers.view(len(numbers), -1, self.rnn.num_layers, self.rnn.hidden_size)
        hidden, *cell = parts.unbind(1)
        return (hidden.tanh(), *cell)

    def advance(
        self, x: Float[Tensor, "b c t"], state: State
    ) -> tuple[Float[Tensor, "b h t"], State]:
        """Series `(b, c, t)` that follows `state` to states `(b, h, t)` and the state after them.

        Raises:
            UserError: If the layers run both ways: the past does not know the future.
        """
        self._check_forward("carry a state")
        dtype = next(self.rnn.parameters()).dtype
        x = x.to(dtype)
        parts = tuple(part.to(dtype).transpose(0, 1).contiguous() for part in state)
        with self._kernels(x), _full_precision(x):
            states, after = self.rnn(x.transpose(1, 2), parts if self.cell == "lstm" else parts[0])
        after = after if self.cell == "lstm" else (after,)
        return states.transpose(1, 2), tuple(part.transpose(0, 1) for part in after)

    def trace(
        self, x: Float[Tensor, "b c t"], state: State
    ) -> tuple[LSTMTrace, ...] | tuple[GRUTrace, ...]:
        """Gates and states of every layer over time, computed from the cell's equations.

        Dropout between layers is left out.

        Raises:
            UserError: If the cell has no gates, or the layers run both ways.
        """
        self._check_forward("show gates")
        if self.cell == "rnn":
            raise UserError("cell is 'rnn', which has no gates; choose lstm or gru")
        if self.cell == "lstm":
            return trace_lstm(self.rnn, x, hidden=state[0], cell=state[1])
        return trace_gru(self.rnn, x, hidden=state[0])

    def _check_forward(self, purpose: str) -> None:
        if self.rnn.bidirectional:
            raise UserError(f"bidirectional layers cannot {purpose}; set bidirectional=false")

    def _kernels(self, x: Tensor) -> AbstractContextManager[None]:
        if self.twice_differentiable and x.is_cuda:
            return torch.backends.cudnn.flags(enabled=False)
        return nullcontext()


def _open_forget_gates(rnn: nn.RNNBase) -> None:
    for name, bias in rnn.named_parameters():
        if name.startswith("bias_ih"):
            bias.data[rnn.hidden_size : 2 * rnn.hidden_size] = 1.0


def _full_precision(x: Tensor) -> AbstractContextManager[None]:
    if torch.is_autocast_enabled(x.device.type):
        return torch.autocast(x.device.type, enabled=False)
    return nullcontext()
