"""Scores that train networks: who may ask for them, and what they say of known samples."""

from dataclasses import replace

import pytest
import torch

from gan_lab.data.digits8 import Digits8
from gan_lab.errors import UserError
from gan_lab.evaluation import costly, evaluate_samples
from gan_lab.evaluation.costly import costly_scores, wanted
from gan_lab.evaluation.recovery import recovery_score
from gan_lab.evaluation.repeats import of_seeds
from gan_lab.evaluation.sets import gather
from gan_lab.export.portable import PortableGenerator
from gan_lab.latent import Normal


@pytest.fixture
def points(ring, fresh_ring):
    return gather(fresh_ring, ring, name="mine", weights="samples", seed=0)


@pytest.fixture
def series(var, fresh_var):
    return gather(fresh_var, var, name="mine", weights="samples", seed=0)


def test_names_that_do_not_suit_are_refused_before_any_work(points, ring, fresh_ring):
    with pytest.raises(UserError, match="scores=discriminative: it is for series"):
        evaluate_samples(fresh_ring, ring, costly=["discriminative"])
    with pytest.raises(UserError, match="scores=fid: expected some of discriminative"):
        wanted(points, ["fid"])
    with pytest.raises(UserError, match="needs the generator"):
        wanted(points, ["recovery"])
    assert wanted(points, ["all"]) == wanted(points, []) == []


def test_all_are_those_that_suit(series):
    assert wanted(series, ["all"]) == ["discriminative", "predictive"]
    assert wanted(series, ["predictive"]) == ["predictive"]


def test_a_seed_interval_is_that_of_the_mean():
    found = of_seeds([1.0, 2.0, 3.0], [1.0, 1.0, 1.0], 7)
    assert (found.value, found.floor, found.n) == (2.0, 1.0, 7)
    assert found.interval[1] - 2 == pytest.approx(4.303 / 3**0.5)
    assert found.floor_interval == (1.0, 1.0)


def test_scores_of_series_have_floors_and_receipts(series, monkeypatch):
    asked = []

    def quick(a, b, *, runs):
        asked.append((a, b))
        gap = float((a.mean() - b.mean()).abs())
        return type("Found", (), {"scores": tuple(gap + 0.01 * k for k in range(runs))})

    monkeypatch.setattr(costly, "discriminative_score", quick)
    (score,) = costly_scores(series, ["discriminative"], lambda name: None)
    assert [len(x) for pair in asked for x in pair] == [score.receipt.n_real] * 4
    assert asked[0][0].min() >= 0 and asked[0][0].max() <= 1
    assert score.like_real


@pytest.mark.slow
def test_samples_that_teach_as_well_as_real_rows_and_samples_that_do_not():
    data = Digits8(held_out=0.4)
    data.setup()
    real = data.held_out.select(torch.arange(0, len(data.held_out), 2))
    data.held_out = data.held_out.select(torch.arange(1, len(data.held_out), 2))
    noise = replace(real, x=torch.randn(real.x.shape, generator=torch.Generator().manual_seed(0)))
    for samples, like_real in ((real, True), (noise, False)):
        sets = gather(samples, data, name="mine", weights="samples", seed=0)
        (score,) = costly_scores(sets, ["trained_on_samples"], lambda name: None)
        assert score.like_real is like_real
        assert score.floor > 0.8


class Remembers(torch.nn.Module):
    """The training row nearest to the latent, pulled a little towards it."""

    def __init__(self, rows):
        super().__init__()
        self.rows = torch.nn.Parameter(rows, requires_grad=False)

    def forward(self, z, label=None):
        near = torch.cdist(z, self.rows).mul(-2000).softmax(dim=1)
        return near @ self.rows


@pytest.mark.slow
def test_a_generator_that_makes_only_its_rows_is_seen(ring, points, tmp_path):
    rows = ring.train.x[:64]
    train = replace(ring.train, x=rows, label=None)
    sets = replace(points, train=train)
    generator = PortableGenerator(
        Remembers(rows), Normal(2), ring.spec, {"generator": {"conditional": False}}, tmp_path
    )
    score = recovery_score(sets, generator)
    assert score.value > 0.9
    assert not score.like_real
