import pytest
import torch
from torch import nn

from gan_lab.components.lstm import Recurrent
from gan_lab.errors import UserError


def test_lstm_equals_its_cell_run_step_by_step():
    block = Recurrent(3, 5)
    cell = nn.LSTMCell(3, 5)
    cell.load_state_dict({n.removesuffix("_l0"): p for n, p in block.rnn.named_parameters()})
    x = torch.randn(2, 3, 7)
    h, c = torch.zeros(2, 5), torch.zeros(2, 5)
    expected = []
    for t in range(7):
        h, c = cell(x[:, :, t], (h, c))
        expected.append(h)
    states, last = block(x)
    torch.testing.assert_close(states, torch.stack(expected, dim=2))
    torch.testing.assert_close(last, h)


def test_lstm_equations():
    block = Recurrent(1, 1)
    for parameter in block.parameters():
        parameter.data.zero_()
    block.rnn.bias_ih_l0.data = torch.tensor([1.0, 2.0, 0.5, -1.0])
    i, f, g, o = torch.tensor([1.0, 2.0, 0.5, -1.0])
    c = torch.zeros(())
    for _ in range(3):
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    _, last = block(torch.randn(1, 1, 3))
    torch.testing.assert_close(last[0, 0], o.sigmoid() * c.tanh())


def test_forward_layer_is_causal_and_backward_is_anticausal():
    block = Recurrent(2, 4, bidirectional=True)
    x = torch.randn(1, 2, 9)
    y = x.clone()
    y[:, :, 5] += 1
    changed = (block(x)[0] != block(y)[0])[0]
    assert not changed[:4, :5].any()
    assert changed[:4, 5:].all()
    assert changed[4:, :6].all()
    assert not changed[4:, 6:].any()


def test_last_state_of_both_directions_has_seen_all_times():
    block = Recurrent(2, 4, bidirectional=True)
    x = torch.randn(1, 2, 9, requires_grad=True)
    for unit in range(8):
        (slope,) = torch.autograd.grad(block(x)[1][0, unit], x)
        assert (slope.abs().sum(1) > 0).all()


def test_forget_gate_starts_open():
    bias = Recurrent(2, 4, layers=2).rnn.bias_ih_l1
    assert torch.equal(bias[4:8], torch.ones(4))
    assert not (bias[:4] == 1).any()


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_second_derivative_matches_finite_differences(cell):
    block = Recurrent(2, 3, cell=cell, twice_differentiable=True).double()
    x = torch.randn(1, 2, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradgradcheck(lambda v: block(v)[1], (x,))


def test_autocast_leaves_the_recurrence_in_float32():
    block = Recurrent(2, 3)
    x = torch.randn(1, 2, 50)
    with torch.autocast("cpu", torch.bfloat16):
        states, _ = block(x)
    assert torch.equal(states, block(x)[0])


def test_unknown_cell_lists_the_known():
    with pytest.raises(UserError, match="expected one of lstm, gru, rnn"):
        Recurrent(2, 3, cell="mamba")


def random_state(block, rows):
    return block.start(torch.randn(rows, block.state_size))


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_pieces_with_a_carried_state_equal_the_whole(cell):
    block = Recurrent(3, 5, cell=cell, layers=2)
    x, state = torch.randn(2, 3, 11), random_state(block, 2)
    whole, after = block.advance(x, state)
    pieces = []
    for piece in x.split([1, 4, 6], dim=2):
        states, state = block.advance(piece, state)
        pieces.append(states)
    torch.testing.assert_close(torch.cat(pieces, 2), whole, rtol=0, atol=1e-6)
    for carried, expected in zip(state, after, strict=True):
        torch.testing.assert_close(carried, expected, rtol=0, atol=1e-6)


def test_plain_forward_starts_at_zero():
    block = Recurrent(3, 5)
    x = torch.randn(2, 3, 7)
    assert torch.equal(block.advance(x, block.start(torch.zeros(2, 10)))[0], block(x)[0])


def test_rows_of_a_state_can_be_picked():
    block = Recurrent(3, 5, layers=2)
    x, state = torch.randn(4, 3, 6), random_state(block, 4)
    states, _ = block.advance(x, state)
    one, _ = block.advance(x[2:3], tuple(part[2:3] for part in state))
    torch.testing.assert_close(one, states[2:3])


def test_chosen_first_states_lie_where_the_cell_can_be():
    block = Recurrent(3, 5, layers=2)
    hidden, cell = block.start(torch.full((1, block.state_size), 9.0))
    assert hidden.shape == cell.shape == (1, 2, 5)
    assert hidden.abs().max() <= 1
    assert (cell == 9).all()


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_trace_ends_in_the_states_of_the_plain_forward(cell):
    block = Recurrent(3, 5, cell=cell, layers=2).double()
    x, state = torch.randn(2, 3, 7).double(), random_state(block, 2)
    state = tuple(part.double() for part in state)
    first, second = block.trace(x, state)
    torch.testing.assert_close(second.hidden, block.advance(x, state)[0], rtol=0, atol=1e-12)
    for gate in (first.forget, second.input) if cell == "lstm" else (first.reset, second.update):
        assert gate.shape == (2, 5, 7)
        assert 0 < gate.min() < gate.max() < 1


def test_traced_gates_obey_the_equations_of_the_cell():
    block = Recurrent(2, 3).double()
    x = torch.randn(2, 2, 6).double()
    (trace,) = block.trace(x, block.start(torch.zeros(2, 6).double()))
    torch.testing.assert_close(trace.hidden, trace.output * trace.cell.tanh())
    entered = (trace.input * trace.candidate)[:, :, 1:]
    torch.testing.assert_close(
        trace.cell[:, :, 1:], trace.forget[:, :, 1:] * trace.cell[:, :, :-1] + entered
    )


def test_only_forward_layers_carry_a_state_and_only_gated_cells_show_gates():
    x = torch.randn(1, 2, 3)
    both = Recurrent(2, 3, bidirectional=True)
    with pytest.raises(UserError, match="cannot carry a state; set bidirectional=false"):
        both.advance(x, random_state(both, 1))
    plain = Recurrent(2, 3, cell="rnn")
    with pytest.raises(UserError, match="has no gates; choose lstm or gru"):
        plain.trace(x, random_state(plain, 1))
