import pytest
import torch

from gan_lab.components.carried import Causal
from gan_lab.components.causal import TCN, CausalConv, TemporalBlock, steps_back
from gan_lab.errors import UserError


def advance(layer, x):
    return layer.advance(x, layer.start(x.flatten(1)))[0]


def test_causal_convolution_equals_its_sum():
    layer = CausalConv(2, 3, kernel=3, dilation=2).double()
    x = torch.randn(1, 2, 9).double()
    y, _ = layer.advance(x, torch.zeros(1, 2, 4).double())
    weight, bias = layer.convolution.weight, layer.convolution.bias
    for t in range(9):
        # Tap k - 1 of the stored kernel meets the present, tap 0 the step furthest back.
        terms = [weight[:, :, 2 - j] @ x[0, :, t - 2 * j] for j in range(3) if t >= 2 * j]
        torch.testing.assert_close(y[0, :, t], bias + sum(terms))


@pytest.mark.parametrize(("levels", "kernel"), [(1, 2), (3, 2), (2, 3)])
def test_an_output_sees_exactly_its_receptive_field(levels, kernel):
    net = TCN(2, 6, levels=levels, kernel=kernel, activation="elu").double()
    back = steps_back(levels, kernel)
    t = back + 3
    x = torch.randn(1, 2, t + 4, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(net(x)[0, :, t].sum(), x)
    seen = slope.abs().sum((0, 1)) > 0
    assert seen.nonzero().flatten().tolist() == list(range(t - back, t + 1))


@pytest.mark.parametrize("weight_norm", [False, True])
def test_pieces_with_a_carried_state_equal_the_whole(weight_norm):
    net = TCN(3, 5, levels=3, kernel=3, weight_norm=weight_norm)
    x = torch.randn(2, 3, 40)
    state, pieces = net.start(x.flatten(1)), []
    for piece in x.split([1, 2, 30, 7], dim=2):
        features, state = net.advance(piece, state)
        pieces.append(features)
    torch.testing.assert_close(torch.cat(pieces, 2), net(x), rtol=0, atol=1e-5)


def test_first_state_is_forgotten_after_the_receptive_field():
    net = TCN(3, 5, levels=3, kernel=2)
    x = torch.randn(1, 3, 30)
    other = tuple(torch.randn_like(part) for part in net.start(x.flatten(1)))
    gap = (net.advance(x, other)[0] - net(x)).abs().amax((0, 1))
    back = steps_back(3, 2)
    assert (gap[:back] > 0).all()
    assert gap[back:].max() == 0


def test_kernel_of_one_has_no_memory():
    net = TCN(2, 4, levels=2, kernel=1)
    x = torch.randn(2, 2, 5)
    assert all(part.shape[2] == 0 for part in net.start(x.flatten(1)))
    torch.testing.assert_close(net(x)[:, :, 3:4], net(x[:, :, 3:4]))


@pytest.mark.parametrize("option", [{}, {"weight_norm": True}, {"spectral": True}])
def test_second_derivative_matches_finite_differences(option):
    net = TCN(2, 3, levels=2, activation="tanh", **option).double().eval()
    x = torch.randn(1, 2, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradgradcheck(net, (x,))


def test_signal_keeps_its_scale_at_any_depth():
    x = torch.randn(16, 3, 300)
    for levels in (1, 7):
        assert 0.3 < TCN(3, 64, levels=levels)(x).std() < 3


def test_is_a_causal_layer():
    assert isinstance(TCN(1, 2), Causal)


def test_wrong_arguments_are_named():
    with pytest.raises(UserError, match="levels is 0"):
        TCN(1, 2, levels=0)
    with pytest.raises(UserError, match="choose one"):
        TemporalBlock(2, weight_norm=True, spectral=True)
