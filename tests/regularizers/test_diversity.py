"""Mode seeking and feature matching: what the generator pays for sameness and for bias."""

import pytest
import torch

from gan_lab.errors import UserError
from gan_lab.regularizers import Judge
from gan_lab.regularizers.feature_matching import feature_matching
from gan_lab.regularizers.mode_seeking import mode_seeking


@pytest.mark.parametrize("scale", [0.1, 1.0, 4.0])
def test_mode_seeking_of_an_isotropic_generator_is_the_inverse_of_its_scale(scale):
    z = torch.randn(32, 6, dtype=torch.float64)
    value = mode_seeking(generator=lambda z: scale * z, z=z, epsilon=0.0)
    torch.testing.assert_close(value, torch.full((32,), 1 / scale).double())


def test_mode_seeking_of_a_linear_generator_by_hand():
    a, z = torch.randn(15, 4), torch.randn(8, 4)
    value = mode_seeking(generator=lambda z: (z @ a.T).unflatten(1, (3, 5)), z=z)
    for k in range(8):
        step = z[k] - z[k - 1]
        expected = step.abs().mean() / ((a @ step).abs().mean() + 1e-5)
        torch.testing.assert_close(value[k], expected)


def test_a_collapsed_generator_has_a_finite_value_and_equal_latents_cost_nothing():
    z = torch.ones(4, 3)
    assert mode_seeking(generator=lambda z: z * 0, z=z).eq(0).all()
    value = mode_seeking(generator=lambda z: z * 0, z=torch.eye(4))
    torch.testing.assert_close(value, torch.full((4,), 0.5e5))


def test_mode_seeking_needs_two_samples():
    with pytest.raises(UserError, match="batch_size"):
        mode_seeking(generator=lambda z: z, z=torch.ones(1, 3))


def test_mode_seeking_compares_under_one_label():
    label = torch.tensor([0.0, 100.0, 0.0, 100.0]).unsqueeze(1)
    z = torch.randn(4, 3)
    plain = mode_seeking(generator=lambda z: z, z=z)
    torch.testing.assert_close(mode_seeking(generator=lambda z: z + label, z=z), plain, rtol=1e-3,
                               atol=1e-4)  # fmt: skip


def test_feature_matching_of_equal_batches_is_zero(make_game):
    game = make_game()
    judge = Judge(game.critic)
    assert feature_matching(critic=judge, real=game.real, fake=game.real).eq(0).all()
    turned = game.real.flip(0)
    value = feature_matching(critic=judge, real=game.real, fake=turned)
    torch.testing.assert_close(value, torch.zeros(6), atol=1e-10, rtol=0)


def test_feature_matching_by_hand(make_game):
    turn = make_game(dtype=torch.float64).turn("generator")
    value = feature_matching(**vars(turn))
    gap = turn.critic.features(turn.real).mean(0) - turn.critic.features(turn.fake).mean(0)
    torch.testing.assert_close(value, (gap @ gap).expand(6))


def test_feature_matching_pulls_the_generator_towards_the_mean(make_game):
    game = make_game(batch=64)
    optimizer = torch.optim.SGD(game.generator.parameters(), lr=0.01)
    before = feature_matching(**vars(game.turn("generator"))).mean()
    before.backward()
    optimizer.step()
    assert feature_matching(**vars(game.turn("generator"))).mean() < before


def test_feature_matching_says_when_the_critic_hides_its_features():
    x = torch.zeros(4, 3)
    with pytest.raises(UserError, match="features"):
        feature_matching(critic=Judge(torch.nn.Flatten()), real=x, fake=x)
