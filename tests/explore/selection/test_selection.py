"""A source whose data distribution is known: all three methods must reach it."""

import pytest
import torch

from gan_lab.errors import UserError
from gan_lab.explore.selection.ddls import is_solid, langevin
from gan_lab.explore.selection.drs import acceptance, reject
from gan_lab.explore.selection.gain import measure_gain
from gan_lab.explore.selection.mh import metropolis
from gan_lab.explore.selection.source import Source
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

PRIORS = [Normal(3), Sphere(3), Uniform(3), TruncatedNormal(3), GaussianMixture(3), Bernoulli(3),
          Categorical(3), Product([Normal(2), Categorical(3)])]  # fmt: skip


def shifted(shift=0.8):
    """Samples N(0, 1), data N(shift, 1): the exact log-ratio is shift * x - shift^2 / 2."""

    def log_ratio(x, label):
        return shift * x[:, 0] - shift**2 / 2

    return Source(Normal(1), lambda z, label: z.clone(), log_ratio)


def methods(n=4000):
    source = shifted()
    return {
        "drs": reject(source, n, seed=1),
        "mh": metropolis(source, n, steps=30, seed=1),
        "ddls": langevin(source, n, steps=60, step=0.5, seed=1),
    }


@pytest.mark.parametrize("name", ["drs", "mh", "ddls"])
def test_an_exact_critic_turns_samples_into_data(name):
    found = methods()[name]
    x = found.kept.x[:, 0]
    # Five standard errors of 4,000 draws. DRS bounds a ratio that has no bound: its tail is cut.
    assert abs(float(x.mean()) - 0.8) < 0.08
    assert abs(float(x.std()) - 1.0) < 0.06
    assert torch.equal(found.kept.x, found.kept.z)


def test_a_critic_that_knows_nothing_keeps_the_generator():
    blind = Source(Normal(1), lambda z, label: z.clone(), lambda x, label: 0 * x[:, 0])
    for found in (reject(blind, 500), metropolis(blind, 500, steps=3)):
        assert found.accepted == pytest.approx(1.0, abs=1e-6)
    assert abs(float(langevin(blind, 4000, steps=20, step=0.3).kept.x.std()) - 1) < 0.06


def test_acceptance_is_the_ratio_over_its_maximum():
    ratio = torch.tensor([-3.0, -1.0, 0.0, 0.5], dtype=torch.float64)
    torch.testing.assert_close(acceptance(ratio, 0.5)[:3], (ratio - 0.5).exp()[:3])
    assert float(acceptance(ratio, 0.5)[3]) == pytest.approx(1.0, abs=1e-6)
    assert (acceptance(ratio, 0.5, gamma=2.0) < acceptance(ratio, 0.5)).all()


def test_strictness_keeps_fewer_and_better():
    source = shifted()
    mild, strict = (reject(source, 1000, percentile=p) for p in (20.0, 95.0))
    assert strict.accepted < mild.accepted
    assert strict.kept.log_ratio.mean() > mild.kept.log_ratio.mean()


def test_metropolis_begins_at_real_rows_and_ends_at_samples():
    source = shifted()
    found = metropolis(source, 200, steps=2, start=torch.full((50,), 40.0), seed=3)
    assert len(found.kept) == 200
    assert found.judged > 200 * 3  # chains that never moved began again
    judged = source.judge(found.kept.z, None)
    torch.testing.assert_close(judged.log_ratio, found.kept.log_ratio)


def test_labels_stay_with_their_samples():
    source = Source(
        Normal(2),
        lambda z, label: z + 100 * label[:, None],
        lambda x, label: -(x[:, 0] - 100 * label).square(),
        lambda n, rng: torch.randint(3, (n,), generator=rng),
    )
    for found in (
        reject(source, 50),
        metropolis(source, 50, steps=5, start=torch.zeros(9)),
        langevin(source, 50, steps=5),
    ):
        kept = found.kept
        torch.testing.assert_close(kept.x, kept.z + 100 * kept.label[:, None])


@pytest.mark.parametrize("prior", PRIORS, ids=lambda p: type(p).__name__)
def test_langevin_stays_on_the_support_of_every_prior(prior):
    source = Source(prior, lambda z, label: z.clone(), lambda x, label: 3 * x[:, 0])
    found = langevin(source, 40, steps=10, step=0.1)
    assert prior.log_prob(found.kept.z).isfinite().all()
    assert 0 < found.accepted <= 1


def test_only_priors_with_a_density_in_all_directions_are_solid():
    solid = {type(p).__name__ for p in PRIORS if is_solid(p)}
    assert solid == {"Normal", "Uniform", "TruncatedNormal", "GaussianMixture"}


def test_langevin_on_a_cube_reaches_the_tilted_density():
    # Uniform on [-1, 1] tilted by e^{2x}: the mean is coth(2) - 1/2.
    source = Source(Uniform(1), lambda z, label: z.clone(), lambda x, label: 2 * x[:, 0])
    found = langevin(source, 3000, steps=80, step=0.3)
    assert float(found.kept.x.mean()) == pytest.approx(0.5373, abs=0.04)


def test_same_seed_same_samples():
    first, second = methods(100), methods(100)
    assert all(torch.equal(first[k].kept.x, second[k].kept.x) for k in first)


def test_bad_numbers_are_refused():
    with pytest.raises(UserError, match="steps=0"):
        metropolis(shifted(), 10, steps=0)
    with pytest.raises(UserError, match="step=0"):
        langevin(shifted(), 10, step=0.0)
    with pytest.raises(UserError, match="percentile=101"):
        reject(shifted(), 10, percentile=101.0)


def test_rejection_without_a_bound_gives_up_in_words():
    spike = Source(Normal(1), lambda z, label: z.clone(), lambda x, label: 20 * x[:, 0].pow(2))
    with pytest.raises(UserError, match="method=mh"):
        reject(spike, 5000)


def test_gain_of_sharper_samples_is_precision():
    rng = torch.Generator().manual_seed(0)
    real, other, good = (torch.randn(500, 2, generator=rng) for _ in range(3))
    poor = torch.cat([good[:250], good[250:] + 8])
    gain = measure_gain(before=poor, after=good, real=real, other=other)
    assert gain.precision == pytest.approx(0.5, abs=0.06)
    assert gain.before.n_fake == gain.after.n_fake == gain.floor.n_fake == 500
    assert gain.after.precision == pytest.approx(gain.floor.precision, abs=0.06)
