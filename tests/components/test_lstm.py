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
