import math

import pytest
import torch

from gan_lab.components.attention import CausalAttention, Transformer
from gan_lab.components.carried import Causal
from gan_lab.errors import UserError


def nothing(layer, x):
    return (x.new_zeros(len(x), layer.heads, 0, layer.size),) * 2


def test_attention_equals_its_sum():
    layer = CausalAttention(4, heads=2, window=3).double()
    x = torch.randn(1, 6, 4).double()
    query, key, value = (part.view(6, 2, 2) for part in layer.read(x[0]).chunk(3, dim=1))
    mixed = torch.zeros(6, 2, 2).double()
    for t in range(6):
        for h in range(2):
            near = range(max(t - 2, 0), t + 1)
            slope = 2.0 ** (-8 * (h + 1) / 2)
            score = [query[t, h] @ key[s, h] / math.sqrt(2) - slope * (t - s) for s in near]
            weight = torch.stack(score).softmax(0)
            mixed[t, h] = sum(w * value[s, h] for w, s in zip(weight, near, strict=True))
    y, _ = layer.advance(x, nothing(layer, x))
    torch.testing.assert_close(y[0], layer.write(mixed.flatten(1)))


def test_output_sees_the_past_within_reach_and_no_future():
    net = Transformer(2, 8, layers=2, heads=2, window=3).double()
    x = torch.randn(1, 2, 12, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(net(x)[0, 0, 8], x)
    seen = slope.abs().sum((0, 1)) > 0
    assert seen.nonzero().flatten().tolist() == [4, 5, 6, 7, 8]


def test_pieces_with_a_carried_state_equal_the_whole():
    net = Transformer(3, 8, layers=2, heads=2, window=5)
    x = torch.randn(2, 3, 30)
    state, pieces = net.start(x.flatten(1)), []
    for piece in x.split([1, 2, 20, 7], dim=2):
        features, state = net.advance(piece, state)
        pieces.append(features)
    torch.testing.assert_close(torch.cat(pieces, 2), net(x), rtol=0, atol=1e-5)
    assert all(part.shape == (2, 2, 4, 4) for part in state)


def test_same_steps_give_the_same_features_wherever_they_stand():
    net = Transformer(2, 8, layers=2, heads=2, window=3)
    x = torch.randn(1, 2, 20)
    torch.testing.assert_close(net(x)[:, :, 10:], net(x[:, :, 6:])[:, :, 4:], rtol=0, atol=1e-5)


def test_second_derivative_matches_finite_differences():
    net = Transformer(2, 4, layers=1, heads=2, window=2).double()
    x = torch.randn(1, 2, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradgradcheck(net, (x,))


def test_is_a_causal_layer():
    assert isinstance(Transformer(1, 4), Causal)


def test_heads_must_divide_the_width():
    with pytest.raises(UserError, match="expected heads to divide width"):
        Transformer(1, 6, heads=4)
