import torch

from gan_lab.explore.codes import all_codes, code_count, discrete, neighbours
from gan_lab.explore.descent import descend, rate_at
from gan_lab.explore.matching import Matching, balanced
from gan_lab.explore.starts import pool_of
from gan_lab.latent import Bernoulli, Categorical, Normal, Product

MIXED = Product([Bernoulli(2), Normal(2), Categorical(3)])


def test_codes_are_all_different_and_all_can_be_drawn():
    codes = all_codes(MIXED)
    assert len(codes) == code_count(MIXED) == 12
    assert len(codes.unique(dim=0)) == 12
    assert discrete(MIXED).tolist() == [True, True, False, False, True, True, True]
    assert (codes[:, 2:4] == 0).all()
    assert not MIXED.log_prob(codes).isneginf().any()
    assert code_count(Normal(3)) == 1


def test_neighbours_differ_in_one_part():
    z = MIXED.sample(1, torch.Generator().manual_seed(0))
    others = neighbours(MIXED, z)[0]
    assert len(others) == 2 + 3
    changed = (others != z).float()
    assert changed[:2].sum(1).tolist() == [1, 1]
    assert sorted(changed[2:, 4:].sum(1).tolist()) == [0, 2, 2]
    assert not MIXED.log_prob(others).isneginf().any()


def test_the_pool_gives_every_code_a_turn_and_the_nearest_first():
    def decode(z):
        return z.clone()

    pool = pool_of(decode, MIXED, 50, seed=0)
    assert len(pool.z) == 60
    matching = Matching(decode, torch.zeros_like, 0.0)
    near = pool.nearest(matching, pool.x[7:8], 12)[0]
    assert len(near[:, [0, 1, 4, 5, 6]].unique(dim=0)) == 12
    assert (near == pool.z[7]).all(1).any()


def test_the_rate_rises_once_and_ends_at_zero():
    rates = [rate_at(k, 50) for k in range(50)]
    assert max(rates) == 1.0
    assert rates[-1] == 0.0
    top = rates.index(1.0)
    assert rates[:top] == sorted(rates[:top])
    assert rates[top:] == sorted(rates[top:], reverse=True)


def test_only_the_better_starts_go_on():
    calls = []

    def decode(z):
        calls.append(len(z))
        return z.clone()

    matching = Matching(decode, torch.zeros_like, 0.0)
    start = torch.tensor([[[4.0], [0.5], [3.0], [-2.0]]])
    fixed = torch.zeros(1, dtype=torch.bool)
    z, trace = descend(matching, Normal(1), torch.zeros(1, 1), start, 40, 0.1, fixed=fixed)
    assert calls[0] == 4 and calls[-1] == 1
    assert sum(calls) < 0.5 * 4 * 40
    assert z.abs().item() < 0.05
    assert trace[0].item() == 0.25


def test_balanced_features_count_as_much_as_values():
    x = torch.randn(4000, 1, 6)

    def features(x):
        return 30 * x[:, 0, :2]

    share = balanced(features, 2.0, x)
    matching = Matching(lambda z: z, torch.zeros_like, 0.0, features, share)
    a, b = x[:2000], x[2000:]
    values = Matching(lambda z: z, torch.zeros_like, 0.0).errors(a, b).mean()
    assert (matching.errors(a, b).mean() / values).item() - 1 > 1.9
    assert (matching.errors(a, b).mean() / values).item() - 1 < 2.1
