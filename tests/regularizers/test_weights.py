"""Orthogonal filters, clipped weights, and the spectral norm of layers."""

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations

from gan_lab.components.cnn import convolution
from gan_lab.components.perceptron import linear
from gan_lab.errors import UserError
from gan_lab.regularizers import Constraint
from gan_lab.regularizers.weights import clip_weights, orthogonal

X = torch.zeros(5, 1)


def matrix(layer):
    """The weight as (outputs, inputs x positions)."""
    transposed = isinstance(layer, nn.ConvTranspose1d | nn.ConvTranspose2d)
    weight = layer.weight.detach().double()
    return (weight.transpose(0, 1) if transposed else weight).flatten(1)


LAYERS = {
    "linear": lambda **options: linear(12, 7, **options),
    "wide": lambda **options: linear(5, 30, **options),
    "conv1d": lambda **options: convolution(4, 6, 1, kernel=5, **options),
    "conv2d": lambda **options: convolution(3, 8, 2, kernel=4, stride=2, **options),
    "transposed1d": lambda **options: convolution(
        4, 6, 1, kernel=4, stride=2, transposed=True, **options
    ),
    "transposed2d": lambda **options: convolution(
        4, 3, 2, kernel=4, stride=2, transposed=True, **options
    ),
}
EACH_LAYER = pytest.mark.parametrize("make", LAYERS.values(), ids=LAYERS.keys())


@EACH_LAYER
def test_orthogonal_is_the_sum_over_pairs_of_filters(make):
    layer = make()
    w = matrix(layer)
    expected = sum(
        (w[i] @ w[j]) ** 2 for i in range(len(w)) for j in range(len(w)) if i != j
    ).expand(5)
    value = orthogonal(network=nn.Sequential(layer), real=X)
    torch.testing.assert_close(value.double(), expected, rtol=1e-5, atol=1e-6)


def test_orthogonal_rows_of_any_length_cost_nothing():
    layer = parametrizations.orthogonal(nn.Linear(8, 6))
    network = nn.Sequential(layer, nn.BatchNorm1d(6), nn.Embedding(4, 6))
    assert orthogonal(network=network, real=X).abs().max() < 1e-10
    scaled = nn.Linear(8, 6)
    scaled.weight.data = torch.arange(1.0, 7.0).unsqueeze(1) * layer.weight.detach()
    assert orthogonal(network=scaled, real=X).abs().max() < 1e-8


def test_orthogonal_sums_over_layers_and_leaves_biases_alone():
    first, second = nn.Linear(3, 4), nn.Conv1d(2, 3, 3)
    both = orthogonal(network=nn.Sequential(first, second), real=X)
    alone = [orthogonal(network=layer, real=X) for layer in (first, second)]
    torch.testing.assert_close(both, sum(alone))
    first.bias.data.fill_(100.0)
    assert torch.equal(orthogonal(network=nn.Sequential(first, second), real=X), both)


def test_orthogonal_sees_the_weight_under_its_parametrization():
    layer = parametrizations.spectral_norm(nn.Linear(6, 6))
    layer.eval()
    value = orthogonal(network=layer, real=X)
    plain = nn.Linear(6, 6)
    plain.weight.data = layer.weight.detach()
    torch.testing.assert_close(value, orthogonal(network=plain, real=X))


def test_orthogonal_needs_a_layer():
    with pytest.raises(UserError, match="Tanh has no linear or convolution layer"):
        orthogonal(network=nn.Tanh(), real=X)


def test_clipping_moves_only_what_is_outside():
    network = nn.Sequential(nn.Linear(40, 40), nn.Linear(40, 1))
    before = [p.detach().clone() for p in network.parameters()]
    Constraint(lambda n: clip_weights(n, bound=0.05)).project(network)
    for old, new in zip(before, network.parameters(), strict=True):
        assert torch.equal(new, old.clamp(-0.05, 0.05))
        assert new.requires_grad
    assert all(old.abs().max() > 0.05 for old in before)
    with pytest.raises(UserError, match="bound is 0"):
        clip_weights(network, bound=0.0)


@EACH_LAYER
def test_spectral_norm_brings_the_largest_singular_value_to_one(make):
    layer = make(spectral=True)
    before = torch.linalg.matrix_norm(matrix(make()), 2)
    for _ in range(200):
        _ = layer.weight
    layer.eval()
    values = torch.linalg.svdvals(matrix(layer))
    assert abs(before - 1) > 0.05
    torch.testing.assert_close(values[0], torch.tensor(1.0).double(), rtol=1e-4, atol=0)


@EACH_LAYER
def test_spectral_norm_follows_a_weight_that_moves(make):
    layer = make(spectral=True)
    for _ in range(200):
        layer.parametrizations.weight.original.data.mul_(1.01)
        _ = layer.weight
    layer.eval()
    torch.testing.assert_close(
        torch.linalg.matrix_norm(matrix(layer), 2), torch.tensor(1.0).double(), rtol=1e-4, atol=0
    )
