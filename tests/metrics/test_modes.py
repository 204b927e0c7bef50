import math

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import given

from gan_lab.data.points import Grid
from gan_lab.errors import UserError
from gan_lab.metrics.modes import class_modes, kl_to_uniform, mode_report

AXIS = torch.arange(-4.0, 5.0, 2.0)
CENTRES = torch.cartesian_prod(AXIS, AXIS)


def test_the_centres_themselves_are_perfect():
    report = mode_report(CENTRES, CENTRES, 0.05)
    assert (report.n, report.covered, report.high_quality) == (25, 25, 1.0)
    assert report.counts == (1,) * 25
    assert report.kl == pytest.approx(0, abs=1e-12)


def test_one_mode_alone_is_log_m_from_uniform():
    report = mode_report(CENTRES[7].repeat(100, 1), CENTRES, 0.05)
    assert report.covered == 1
    assert report.counts[7] == 100
    assert report.kl == pytest.approx(math.log(25))


@given(k=st.integers(1, 25))
def test_k_equal_modes_are_log_m_over_k_from_uniform(k):
    assert mode_report(CENTRES[:k], CENTRES, 0.05).kl == pytest.approx(math.log(25 / k), abs=1e-12)


def test_kl_is_the_divergence_from_the_samples_to_uniform_not_its_reverse():
    """p = (3/4, 1/4): sum p log 2p; the reverse would be infinite with an empty mode."""
    expected = 0.75 * math.log(1.5) + 0.25 * math.log(0.5)
    assert kl_to_uniform(torch.tensor([30, 10])) == pytest.approx(expected)
    assert kl_to_uniform(torch.tensor([30, 0])) == pytest.approx(math.log(2))


def test_quality_ends_at_the_radius_and_takes_the_nearest_mode():
    offset = torch.tensor([[0.149, 0.0], [0.151, 0.0], [0.11, 0.11], [1.9, 0.0]])
    report = mode_report(CENTRES[0] + offset, CENTRES, 0.05)
    assert report.high_quality == 0.5  # the first at its mode, the last at the next mode's
    assert report.counts[0] == 1
    assert report.counts[5] == 1
    assert mode_report(CENTRES[0] + offset, CENTRES, 0.05, radius=4.0).high_quality == 1


def test_samples_between_the_modes_count_neither_as_modes_nor_in_kl():
    bridge = torch.full((30, 2), 1.0)
    report = mode_report(torch.cat([CENTRES, bridge]), CENTRES, 0.05)
    assert report.high_quality == 25 / 55
    assert report.kl == pytest.approx(0, abs=1e-12)


def test_nothing_at_any_mode_has_no_divergence():
    report = mode_report(torch.full((4, 2), 1.0), CENTRES, 0.05)
    assert (report.covered, report.high_quality) == (0, 0.0)
    assert math.isnan(report.kl)


def test_at_least_asks_for_more_than_a_stray_sample():
    samples = torch.cat([CENTRES, CENTRES[:3].repeat(19, 1)])
    assert mode_report(samples, CENTRES, 0.05).covered == 25
    assert mode_report(samples, CENTRES, 0.05, at_least=20).covered == 3


def test_the_population_scores_its_own_null():
    r"""Quality is $1 - e^{-9/2}$, mean KL $(m-1)/2n$ = .0048; bounds at five standard errors."""
    points, _ = Grid().draw(100 * 2500, torch.Generator().manual_seed(0))
    reports = [mode_report(part, CENTRES, 0.05, at_least=20) for part in points.split(2500)]
    quality = sum(r.high_quality for r in reports) / len(reports)
    truth = 1 - math.exp(-4.5)
    assert quality == pytest.approx(truth, abs=5 * math.sqrt(truth * (1 - truth) / len(points)))
    # 2 n KL is about chi-square with m - 1 degrees: standard deviation sqrt(2 (m - 1)) / 2n.
    kl = sum(r.kl for r in reports) / len(reports)
    assert kl == pytest.approx(24 / 5000, abs=5 * math.sqrt(48) / 5000 / math.sqrt(len(reports)))
    assert all(r.covered == 25 for r in reports)


def test_distances_of_far_points_keep_their_digits():
    """At 1e4 a distance by |x|^2 - 2xy + |y|^2 in float32 is off by more than sigma."""
    far = CENTRES + 1e4
    assert mode_report(far + 0.01, far, 0.05).high_quality == 1


def test_classes_are_counted_as_modes():
    report = class_modes(torch.tensor([3, 3, 3, 0]), 5)
    assert report.counts == (1, 0, 0, 3, 0)
    assert (report.n, report.covered, report.high_quality) == (4, 2, 1.0)
    expected = 0.75 * math.log(0.75 * 5) + 0.25 * math.log(0.25 * 5)
    assert report.kl == pytest.approx(expected)
    assert class_modes(torch.tensor([3, 3, 3, 0]), 5, at_least=2).covered == 1


def test_all_thousand_stacked_digits_are_uniform():
    report = class_modes(torch.arange(1000).repeat(26), 1000)
    assert report.covered == 1000
    assert report.kl == pytest.approx(0, abs=1e-12)


@given(counts=st.lists(st.integers(0, 100), min_size=1, max_size=30).filter(sum))
def test_kl_lies_between_zero_and_log_m(counts):
    value = kl_to_uniform(torch.tensor(counts))
    assert 0 <= value <= math.log(len(counts)) + 1e-12


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mode_report(torch.zeros(0, 2), CENTRES, 0.05), "no samples"),
        (lambda: mode_report(CENTRES, torch.zeros(0, 2), 0.05), "no modes"),
        (lambda: mode_report(CENTRES, CENTRES, 0.0), "above 0"),
        (lambda: mode_report(CENTRES, CENTRES, 0.05, radius=-1.0), "above 0"),
        (lambda: mode_report(CENTRES, CENTRES, 0.05, at_least=0), "at_least"),
        (lambda: class_modes(torch.tensor([0, 5]), 5), "expected 0 to 4"),
        (lambda: class_modes(torch.tensor([-1, 2]), 5), "expected 0 to 4"),
        (lambda: class_modes(torch.zeros(0, dtype=torch.long), 5), "no samples"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(UserError, match=message):
        call()
