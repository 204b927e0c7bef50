import pytest
import torch
from torch import nn

from gan_lab.components.perceptron import MLP, Perceptron
from gan_lab.errors import UserError

CORNERS = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
XOR = torch.tensor([0.0, 1.0, 1.0, 0.0])


def accuracy(network, steps):
    optimizer = torch.optim.Adam(network.parameters(), lr=0.05)
    for _ in range(steps):
        loss = nn.functional.binary_cross_entropy_with_logits(network(CORNERS)[:, 0], XOR)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return ((network(CORNERS)[:, 0] > 0).float() == XOR).float().mean().item()


def test_one_hidden_layer_solves_xor_and_a_single_perceptron_cannot():
    """No line separates XOR: a perceptron is right on three corners at most (Minsky & Papert)."""
    assert accuracy(MLP(2, 1, width=8, depth=1, activation=nn.Tanh), steps=200) == 1
    assert accuracy(Perceptron(2, 1, activation=nn.Identity), steps=200) <= 0.75


def first_gradient(activation, depth):
    network = MLP(16, 1, width=64, depth=depth, activation=activation)
    network(torch.randn(32, 16)).sum().backward()
    return network.hidden[0].linear.weight.grad.norm().item()


def test_gradient_vanishes_with_depth_under_sigmoid_but_not_under_relu():
    """A sigmoid's slope is 1/4 at most, so that each layer shrinks the gradient."""
    assert first_gradient(nn.Sigmoid, 20) < 1e-4 * first_gradient(nn.Sigmoid, 2)
    assert first_gradient(nn.ReLU, 20) > 1e-2 * first_gradient(nn.ReLU, 2)


def test_he_initialisation_keeps_the_scale_at_any_depth():
    x = torch.randn(256, 64)
    y = MLP(64, 64, width=256, depth=20)(x)
    assert 0.3 < y.std() / MLP(64, 64, width=256, depth=1)(x).std() < 3


def test_perceptron_is_the_activated_affine_map():
    neuron = Perceptron(2, 1)
    neuron.linear.load_state_dict(
        {"weight": torch.tensor([[1.0, -2.0]]), "bias": torch.tensor([3.0])}
    )
    expected = torch.sigmoid(torch.tensor([[1.0 - 4.0 + 3.0]]))
    torch.testing.assert_close(neuron(torch.tensor([[1.0, 2.0]])), expected)


def test_spectral_norm_bounds_the_stretch_of_each_layer():
    network = MLP(8, 8, width=8, depth=3, spectral=True)
    for _ in range(50):
        network(torch.randn(1, 8))
    network.eval()
    a, b = torch.randn(2, 100, 8)
    stretch = (network(a) - network(b)).norm(dim=1) / (a - b).norm(dim=1)
    assert stretch.max() <= 1 + 1e-3


def test_dropout_acts_in_training_only():
    network = MLP(4, 4, dropout=0.5)
    x = torch.randn(2, 4)
    assert not torch.equal(network(x), network(x))
    network.eval()
    assert torch.equal(network(x), network(x))


@pytest.mark.parametrize(("arguments", "match"), [({"width": 0}, "width"), ({"depth": -1}, "dep")])
def test_sizes_are_checked(arguments, match):
    with pytest.raises(UserError, match=match):
        MLP(2, 2, **arguments)
