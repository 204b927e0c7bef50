import math

import pytest
import torch

from gan_lab.errors import UserError
from gan_lab.explore.closeness import nrmse, psnr
from gan_lab.explore.inversion import choose, invert, joined, ordered
from gan_lab.explore.typical import Likely, Typical
from gan_lab.latent import (
    Bernoulli,
    Categorical,
    GaussianMixture,
    Normal,
    Product,
    Sphere,
    TruncatedNormal,
    Uniform,
)
from gan_lab.networks import lstm, mlp
from gan_lab.spec import DataSpec

PRIORS = [
    Normal(6), Uniform(6), TruncatedNormal(6), GaussianMixture(6, components=4), Sphere(6),
    Categorical(7), Bernoulli(5), Bernoulli(12), Product([Normal(4), Categorical(3), Uniform(2)]),
    Product([Sphere(4), Bernoulli(8)]),
]  # fmt: skip


def draw(prior, n, seed=1):
    return prior.sample(n, torch.Generator().manual_seed(seed))


def matrix(m, d, seed=0):
    return torch.randn(m, d, generator=torch.Generator().manual_seed(seed)) / math.sqrt(d)


def linear(a, offset=0.3):
    return lambda z: (z @ a.T + offset)[:, None]


def test_linear_generator_gives_the_ridge_solution():
    a, m, d, weight = matrix(12, 5), 12, 5, 0.2
    target = torch.randn(4, 1, m)
    found = invert(
        linear(a),
        Normal(d),
        target,
        weight=weight,
        penalty=Likely(Normal(d)),
        polish=60,
        steps=60,
        pool=64,
    )
    # d/dz of |Az + o - x|^2 / m + w |z|^2 / (2 d) is zero here; noise variance w m / (2 d).
    gram = a.T @ a + weight * m / (2 * d) * torch.eye(d)
    exact = torch.linalg.solve(gram, a.T @ (target[:, 0] - 0.3).T).T
    # A loss in float32 tells latents apart down to the root of its rounding, about 3e-4.
    assert torch.allclose(found.z, exact, atol=1e-3)


def test_without_penalty_it_is_the_pseudo_inverse():
    a = matrix(12, 5)
    target = torch.randn(3, 1, 12)
    found = invert(linear(a), Normal(5), target, weight=0.0, polish=60, pool=64)
    exact = (target[:, 0] - 0.3) @ torch.linalg.pinv(a).T
    assert torch.allclose(found.z, exact, atol=1e-3)
    assert torch.allclose(found.error, (found.x - target).square().mean((1, 2)))


@pytest.mark.parametrize("prior", PRIORS, ids=lambda p: f"{type(p).__name__}{p.dim}")
def test_own_samples_are_recovered_on_the_support(prior):
    truth = draw(prior, 6)
    decode = linear(matrix(16, prior.dim))
    found = invert(decode, prior, decode(truth), weight=0.0, steps=80, polish=60, pool=64)
    assert not prior.log_prob(found.z).isneginf().any()
    assert torch.allclose(found.z, truth, atol=2e-3)
    assert found.error.max() < 1e-6


def test_every_category_is_tried():
    # The category decides the sign, and the pool of 3 draws cannot hold all of it by chance.
    prior = Product([Categorical(40), Normal(2)])
    decode = linear(matrix(20, 42, seed=3) * 4)
    truth = draw(prior, 8)
    found = invert(decode, prior, decode(truth), restarts=1, pool=3, weight=0.0)
    assert torch.equal(found.z[:, :40], truth[:, :40])


def valleys(z):
    """Two valleys in |z| <= 4: the deep one at -2, a shallow one at about 2."""
    return torch.stack([(z[:, 0] ** 2 - 4) / 4, 0.3 * (z[:, 0] + 2), z[:, 1]], 1)


def test_restarts_escape_a_local_minimum():
    prior, target = Normal(2), torch.zeros(1, 3)
    trapped = torch.tensor([[2.0, 0.0]])
    few = dict(weight=0.0, pool=16, learning_rate=0.05)
    alone = invert(valleys, prior, target, restarts=1, start=trapped, **few)
    many = invert(valleys, prior, target, restarts=8, start=trapped, **few)
    assert alone.error.item() > 0.05
    assert many.error.item() < 1e-8
    assert many.z[0, 0].item() == pytest.approx(-2, abs=1e-3)


def test_far_targets_stay_on_the_prior_only_with_the_penalty():
    prior, decode = Normal(16), linear(matrix(16, 16))
    far = decode(6 * draw(prior, 5))
    free, kept, held = (
        invert(decode, prior, far, weight=w, steps=60, pool=64) for w in (0.0, 1.0, 1000.0)
    )
    assert free.percentile.min() == 100
    # All draws up to percentile 97.5 are free.
    assert held.percentile.max() < 98
    assert (held.percentile <= kept.percentile).all()
    assert (free.error < kept.error).all()
    assert (kept.error < held.error).all()


def test_the_penalty_is_zero_for_typical_draws_and_grows_on_both_sides():
    for prior in (Normal(16), Uniform(16), TruncatedNormal(16), GaussianMixture(16)):
        penalty = Typical(prior)
        share = (penalty(draw(prior, 2000)) == 0).float().mean().item()
        assert share == pytest.approx(0.95, abs=0.02)
    out = torch.ones(1, 16) * torch.tensor([[0.1], [1.5], [2.0]])
    low, high, higher = Typical(Normal(16))(out).tolist()
    assert low > 0 and 0 < high < higher
    assert Typical(Sphere(4))(draw(Sphere(4), 9)).max() == 0
    assert Typical(Categorical(4))(torch.full((1, 4), 0.25)).item() == 0


def test_rows_do_not_depend_on_one_another():
    prior = Normal(4)
    decode = linear(matrix(9, 4))
    target = decode(draw(prior, 5)).tanh()
    together = invert(decode, prior, target, steps=40, pool=64)
    alone = invert(decode, prior, target[2:3], steps=40, pool=64)
    assert torch.allclose(together.z[2], alone.z[0], atol=1e-3)


def test_the_same_seed_gives_the_same_bits_and_the_trace_falls():
    decode = linear(matrix(9, 4))
    target = torch.randn(3, 1, 9)
    first, again = (invert(decode, Normal(4), target, seed=5, steps=30, pool=64) for _ in range(2))
    assert torch.equal(first.z, again.z)
    assert (first.trace.diff(dim=0) <= 0).all()
    assert torch.allclose(first.trace[-1], first.loss)


def test_features_count():
    # Values cannot tell the sign of z; the feature can.
    def decode(z):
        return torch.stack([z[:, 0].square(), 0.01 * z[:, 0]], 1)

    truth = torch.tensor([[-1.5], [0.7]])
    found = invert(
        decode, Normal(1), decode(truth), features=lambda x: 100 * x[:, 1:], weight=0.0, restarts=4
    )
    assert torch.allclose(found.z, truth, atol=1e-2)


def test_an_lstm_is_inverted():
    torch.manual_seed(1)
    lstm, head = torch.nn.LSTM(4, 8, batch_first=True), torch.nn.Linear(8, 2)

    def decode(z):
        return head(lstm(z[:, None].expand(-1, 6, -1))[0]).mT

    target = decode(draw(Normal(4), 4)).detach()
    found = invert(decode, Normal(4), target, steps=60, polish=60, weight=0.0, pool=128)
    assert found.error.max() < 1e-5


def test_progress_reaches_the_end_in_order():
    told = []
    invert(linear(matrix(3, 2)), Normal(2), torch.zeros(2, 1, 3), steps=5, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_choose_and_order():
    prior, decode = Normal(2), linear(torch.eye(2), 0.0)
    target = torch.tensor([[[0.5, 0.5]], [[1.0, -1.0]]])
    good = invert(decode, prior, target, steps=20)
    bad = invert(decode, prior, target, steps=0, polish=0, pool=2, restarts=1)
    padded = ordered(joined([good, good]), torch.tensor([1, 2]))
    assert torch.equal(padded.z, good.z[[1, 0]])
    long = [bad.trace[-1:].expand(len(good.trace), -1)]
    winner = choose([type(bad)(bad.z, bad.x, bad.error, bad.percentile, bad.loss, *long), good])
    assert winner.label.tolist() == [1, 1]
    assert torch.equal(winner.z, good.z)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"restarts": 0}, "restarts=0"),
        ({"steps": -1}, "steps=-1"),
        ({"weight": -1.0}, "weight=-1"),
        ({"start": torch.zeros(2, 3)}, "start has shape"),
        ({"target": torch.full((2, 1, 3), math.nan)}, "not finite"),
        ({"target": torch.zeros(2, 1, 4)}, "generator makes"),
        ({"target": torch.zeros(0, 1, 3)}, "targets=0"),
    ],
)
def test_bad_input_is_named(change, words):
    arguments = {"target": torch.zeros(2, 1, 3)} | change
    with pytest.raises(UserError, match=words):
        invert(linear(matrix(3, 2)), Normal(2), **arguments)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["images", "series"])
def test_samples_of_the_frameworks_networks_are_recovered(kind):
    if kind == "images":
        spec = DataSpec("toy", "images", 1, (8, 8))
        network = mlp.Generator(spec, 16, width=32, conditional=False)
    else:
        spec = DataSpec("toy", "series", 2, (12,))
        network = lstm.Generator(spec, 16, width=16, conditional=False)
    network.eval().requires_grad_(False)
    x = network(draw(Normal(16), 20))
    found = invert(network, Normal(16), x, steps=60, polish=120, pool=256)
    good = psnr(found.error, spec) >= 35 if kind == "images" else nrmse(found.error, x) <= 0.03
    assert good.float().mean() >= 0.95
