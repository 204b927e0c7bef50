import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations

from gan_lab.metrics.health.layers import TopSingular, weights_of


def test_singular_value_of_a_convolution_and_on_a_second_call():
    top, weight = TopSingular(), nn.Conv2d(3, 5, 3).weight
    want = float(torch.linalg.svdvals(weight.detach().flatten(1))[0])
    found = [top("a", weight) for _ in range(30)]
    assert found[-1] == pytest.approx(want, rel=1e-4)
    assert all(value <= want * (1 + 1e-5) for value in found)


def test_global_random_numbers_are_left_alone():
    before = torch.random.get_rng_state()
    TopSingular()("a", torch.ones(3, 3))
    assert torch.equal(before, torch.random.get_rng_state())


def test_a_weight_under_spectral_norm_is_the_one_that_is_used():
    network = nn.Sequential(parametrizations.spectral_norm(nn.Linear(4, 6)), nn.Linear(6, 1))
    network.eval()
    state = {k: v.clone() for k, v in network.state_dict().items()}
    found = dict(weights_of(network))
    assert set(found) == {"0.weight", "0.bias", "1.weight", "1.bias"}
    assert torch.equal(found["0.weight"], network[0].weight)
    assert all(torch.equal(v, state[k]) for k, v in network.state_dict().items())


def test_a_recovered_weight_gets_a_finite_value_again():
    top = TopSingular()
    top("a", torch.full((2, 2), torch.nan))
    assert top("a", torch.eye(2)) == pytest.approx(1.0)
