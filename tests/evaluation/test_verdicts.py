"""The four questions on samples whose answers are known."""

import json
from dataclasses import replace

import pytest
import torch

from gan_lab.data.digits8 import Digits8
from gan_lab.errors import UserError
from gan_lab.evaluation import Evaluation, evaluate_samples


def answers(evaluation):
    return {v.question: v.answer for v in evaluation.verdicts}


def collapsed(samples):
    rng = torch.Generator().manual_seed(0)
    noise = 0.01 * torch.randn(samples.x.shape, generator=rng)
    return replace(samples, x=samples.x[:1] + noise)


def copies(samples, data):
    return replace(samples, x=data.train.x[: len(samples)].clone())


def test_fresh_points_pass(evaluated):
    assert answers(evaluated) == {"faithful": "yes", "covers": "yes", "novel": "yes"}
    assert evaluated.score("modes_covered").value == 8
    assert evaluated.details["modes"]["covered"] == 8


def test_copied_points_are_called_copies(ring, fresh_ring):
    evaluation = evaluate_samples(copies(fresh_ring, ring), ring)
    assert answers(evaluation) == {"faithful": "yes", "covers": "yes", "novel": "no"}
    assert evaluation.verdict("novel").text.startswith("Copying found")
    assert evaluation.score("close_to_train").value == 1
    assert [p.distance for p in evaluation.pairs] == [0.0] * 16
    assert all(torch.equal(ring.train.x[p.train], ring.train.x[p.sample]) for p in evaluation.pairs)


def test_collapsed_points_do_not_cover(ring, fresh_ring):
    evaluation = evaluate_samples(collapsed(fresh_ring), ring)
    assert answers(evaluation)["covers"] == "no"
    assert evaluation.score("modes_covered").value == 1
    assert "Modes found: 1" in evaluation.verdict("covers").text


def test_noisy_points_are_not_faithful(ring, fresh_ring):
    noise = torch.randn(fresh_ring.x.shape, generator=torch.Generator().manual_seed(0))
    evaluation = evaluate_samples(replace(fresh_ring, x=noise), ring)
    assert answers(evaluation)["faithful"] == "no"


def test_fresh_series_pass(var, fresh_var):
    evaluation = evaluate_samples(fresh_var, var)
    expected = {"faithful": "yes", "covers": "yes", "dynamics": "yes", "novel": "yes"}
    assert answers(evaluation) == expected
    assert {s.family for s in evaluation.scores} == {"faithful", "covers", "dynamics", "novel"}


def test_reversed_series_lose_their_dynamics_alone(var, fresh_var):
    evaluation = evaluate_samples(replace(fresh_var, x=fresh_var.x.flip(-1)), var)
    assert answers(evaluation) | {"novel": "yes"} == {
        "faithful": "yes", "covers": "yes", "dynamics": "no", "novel": "yes"
    }  # fmt: skip
    assert not evaluation.score("cross_correlation").like_real
    assert evaluation.score("acf").like_real


def test_constant_series_lose_their_dynamics(var, fresh_var):
    flat = fresh_var.x.mean(dim=2, keepdim=True).expand_as(fresh_var.x).contiguous()
    evaluation = evaluate_samples(replace(fresh_var, x=flat), var)
    assert answers(evaluation)["dynamics"] == "no"
    assert evaluation.score("acf").value == 1
    assert evaluation.score("granger_f1").value == 0


def test_images(tmp_path):
    data = Digits8(held_out=0.5)
    data.setup()
    fresh = data.held_out.select(torch.arange(0, len(data.held_out), 2))
    data.held_out = data.held_out.select(torch.arange(1, len(data.held_out), 2))
    evaluation = evaluate_samples(fresh, data, features="flatten")
    assert answers(evaluation) == {"faithful": "yes", "covers": "yes", "novel": "yes"}
    half = fresh.select((fresh.label < 3).nonzero().flatten())
    some = evaluate_samples(half, data, features="flatten")
    assert answers(some)["covers"] == "no"
    assert some.score("class_balance").value == pytest.approx(0.7, abs=0.1)


def test_an_evaluation_survives_json(evaluated):
    plain = json.loads(json.dumps(evaluated.to_dict(), allow_nan=False))
    again = Evaluation.from_dict(plain)
    assert again.scores == evaluated.scores
    assert again.verdicts == evaluated.verdicts
    assert again.to_dict() == plain
    with pytest.raises(UserError, match="evaluate the run again"):
        Evaluation.from_dict({})


def test_the_same_seed_gives_the_same_numbers(ring, fresh_ring, evaluated):
    assert evaluate_samples(fresh_ring, ring, name="mine").to_dict() == evaluated.to_dict()


def test_samples_that_cannot_be_scored(ring, fresh_ring):
    broken = replace(fresh_ring, x=fresh_ring.x.index_fill(0, torch.tensor([7]), torch.nan))
    with pytest.raises(UserError, match="1 of 500 samples hold NaN or infinity, the first is n"):
        evaluate_samples(broken, ring)
    with pytest.raises(UserError, match="expected 20 or more"):
        evaluate_samples(fresh_ring.select(torch.arange(3)), ring)
    with pytest.raises(UserError, match="features=resnet: expected one of classifier"):
        evaluate_samples(fresh_ring, ring, features="resnet")
