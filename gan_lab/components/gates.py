"""What happens inside recurrent cells: gates and states at every step, for plots."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn


@dataclass(frozen=True)
class LSTMTrace:
    r"""One LSTM layer over time: $c_t = f_t c_{t-1} + i_t g_t$, $h_t = o_t \tanh c_t$.

    Attributes:
        input: Input gates $i$ in (0, 1), `(b, h, t)`, as all others.
        forget: Forget gates $f$ in (0, 1).
        output: Output gates $o$ in (0, 1).
        candidate: What could enter, $g$ in (-1, 1).
        cell: Cell state $c$.
        hidden: What the layer puts out, $h$.
    """

    input: Float[Tensor, "b h t"]
    forget: Float[Tensor, "b h t"]
    output: Float[Tensor, "b h t"]
    candidate: Float[Tensor, "b h t"]
    cell: Float[Tensor, "b h t"]
    hidden: Float[Tensor, "b h t"]


@dataclass(frozen=True)
class GRUTrace:
    r"""One GRU layer over time: $h_t = u_t h_{t-1} + (1 - u_t) n_t$.

    Attributes:
        reset: Reset gates in (0, 1), `(b, h, t)`, as all others.
        update: Update gates $u$ in (0, 1); at 1 the state stays.
        candidate: What could enter, $n$ in (-1, 1).
        hidden: What the layer puts out, $h$.
    """

    reset: Float[Tensor, "b h t"]
    update: Float[Tensor, "b h t"]
    candidate: Float[Tensor, "b h t"]
    hidden: Float[Tensor, "b h t"]


def trace_lstm(
    rnn: nn.RNNBase,
    x: Float[Tensor, "b c t"],
    *,
    hidden: Float[Tensor, "b l h"],
    cell: Float[Tensor, "b l h"],
) -> tuple[LSTMTrace, ...]:
    """Traces of all layers on a series `(b, c, t)` from the states before it."""
    traces: list[LSTMTrace] = []
    for layer in range(rnn.num_layers):
        h, c, steps = hidden[:, layer], cell[:, layer], []
        weights = _weights(rnn, layer)
        for column in x.unbind(2):
            i, f, g, o = (_affine(column, weights[0]) + _affine(h, weights[1])).chunk(4, dim=1)
            i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
            c = f * c + i * g
            h = o * c.tanh()
            steps.append((i, f, o, g, c, h))
        traces.append(LSTMTrace(*(torch.stack(part, 2) for part in zip(*steps, strict=True))))
        x = traces[-1].hidden
    return tuple(traces)


def trace_gru(
    rnn: nn.RNNBase, x: Float[Tensor, "b c t"], *, hidden: Float[Tensor, "b l h"]
) -> tuple[GRUTrace, ...]:
    """Traces of all layers on a series `(b, c, t)` from the state before it."""
    traces: list[GRUTrace] = []
    for layer in range(rnn.num_layers):
        h, steps = hidden[:, layer], []
        weights = _weights(rnn, layer)
        for column in x.unbind(2):
            r, u, n = _affine(column, weights[0]).chunk(3, dim=1)
            r_past, u_past, n_past = _affine(h, weights[1]).chunk(3, dim=1)
            r, u = (r + r_past).sigmoid(), (u + u_past).sigmoid()
            n = (n + r * n_past).tanh()
            h = u * h + (1 - u) * n
            steps.append((r, u, n, h))
        traces.append(GRUTrace(*(torch.stack(part, 2) for part in zip(*steps, strict=True))))
        x = traces[-1].hidden
    return tuple(traces)


def _weights(rnn: nn.RNNBase, layer: int) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    named = dict(rnn.named_parameters())
    of_input, of_state = (
        (named[f"weight_{side}_l{layer}"], named[f"bias_{side}_l{layer}"]) for side in ("ih", "hh")
    )
    return of_input, of_state


def _affine(x: Tensor, weights: tuple[Tensor, Tensor]) -> Tensor:
    return nn.functional.linear(x, *weights)
