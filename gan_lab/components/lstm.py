"""Recurrent layers that take and give channels-first series."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gan_lab.components.checks import check_at_least, check_choice

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
        self.channels = hidden * (2 if bidirectional else 1)
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
