import pytest
import torch
from torch import nn

from gan_lab.model.ema import EMA


def test_half_life_halves():
    ema = EMA(nn.Linear(1, 1), half_life=1000.0, ramp=0.0)
    assert ema.beta(1000, 1000) == pytest.approx(0.5)
    assert ema.beta(100, 1000) ** 10 == pytest.approx(0.5)


def test_ramp_shortens_the_memory_early_on():
    ema = EMA(nn.Linear(1, 1), half_life=1000.0, ramp=0.1)
    assert ema.beta(64, 64) < 0.01
    assert ema.beta(64, 640) == pytest.approx(0.5)
    assert ema.beta(64, 10**9) == pytest.approx(0.5 ** (64 / 1000))


def test_update_is_the_weighted_mean_and_copies_buffers():
    network = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2))
    ema = EMA(network, half_life=100.0, ramp=0.0)
    before = ema.network[0].weight.clone()
    with torch.no_grad():
        network[0].weight.add_(1.0)
    network(torch.randn(8, 2))
    ema.update(network, images=50, images_seen=50)
    beta = 0.5**0.5
    expected = beta * before + (1 - beta) * network[0].weight
    torch.testing.assert_close(ema.network[0].weight, expected)
    assert torch.equal(ema.network[1].running_mean, network[1].running_mean)


def test_average_converges_to_a_still_network():
    network = nn.Linear(3, 3)
    ema = EMA(nn.Linear(3, 3), half_life=10.0, ramp=0.0)
    for step in range(40):
        ema.update(network, images=10, images_seen=10 * (step + 1))
    torch.testing.assert_close(ema.network.weight, network.weight, rtol=0, atol=1e-6)


def test_it_never_trains():
    ema = EMA(nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2)))
    ema.train()
    assert not any(module.training for module in ema.modules())
    assert not any(parameter.requires_grad for parameter in ema.parameters())
