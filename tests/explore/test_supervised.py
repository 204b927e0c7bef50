import math

import pytest
import torch

from gan_lab.errors import UserError
from gan_lab.explore.disentanglement import dci, mutual_information_gap
from gan_lab.explore.groups import centred_within
from gan_lab.explore.rescoring import rescore, spearman_rows
from gan_lab.explore.supervised import attribute_boundary, conditional, label_boundary

AMOUNTS = torch.linspace(-2, 2, 5)


def latents(n=2000, d=6, seed=0):
    return torch.randn(n, d, generator=torch.Generator().manual_seed(seed))


def unit(*values):
    return torch.nn.functional.normalize(torch.tensor(values, dtype=torch.float64), dim=0)


TRUTH = unit(3.0, -1, 0, 2, 0, 1)


def cosine(a, b):
    return float((a.double() * b.double()).sum() / a.norm() / b.norm())


def test_the_boundary_of_a_linear_attribute_is_its_gradient():
    z = latents()
    found = attribute_boundary(z, z.double() @ TRUTH * 5 + 2)
    assert cosine(found.vector, TRUTH) > 1 - 1e-4
    assert found.score > 0.99
    assert found.used == 2000


def test_only_the_order_of_an_attribute_counts():
    z = latents()
    height = z.double() @ TRUTH
    plain, wild = attribute_boundary(z, height), attribute_boundary(z, (3 * height).exp())
    assert torch.allclose(plain.vector, wild.vector, atol=1e-9)


def test_noise_has_a_score_of_about_zero():
    z = latents()
    assert abs(attribute_boundary(z, latents(seed=9)[:, 0]).score) < 0.02


def test_what_the_label_alone_decides_does_not_blur_the_rest():
    z = latents(600)
    group = torch.arange(600) % 3
    value = z.double() @ TRUTH + 50.0 * group
    within, blind = attribute_boundary(z, value, group), attribute_boundary(z, value)
    assert within.score > 0.95 > 0.4 > blind.score
    assert cosine(within.vector, TRUTH) > cosine(blind.vector, TRUTH)


def test_samples_without_a_value_are_left_out():
    z = latents()
    value = z.double() @ TRUTH
    value[::2] = float("nan")
    found = attribute_boundary(z, value)
    assert found.used == 1000
    assert cosine(found.vector, TRUTH) > 1 - 1e-3
    with pytest.raises(UserError, match="40 samples have a value"):
        attribute_boundary(z[:40], value[1::2][:40])
    with pytest.raises(UserError, match="the same in all samples"):
        attribute_boundary(z, torch.ones(2000))


def test_the_boundary_of_a_label():
    z = latents(4000)
    found = label_boundary(z, z.double() @ TRUTH > 1.0)
    assert cosine(found.vector, TRUTH) > 0.99
    assert found.score > 0.9
    with pytest.raises(UserError, match="only 2 samples on one side"):
        label_boundary(z, torch.arange(4000) < 2)


def test_a_conditional_direction_is_the_projection():
    v, b = TRUTH, torch.stack([unit(1.0, 1, 0, 0, 0, 0), unit(0.0, 0, 1, 1, 0, 0)])
    expected = v - b.T @ torch.linalg.inv(b @ b.T) @ b @ v
    found = conditional(v, b)
    assert torch.allclose(found, expected / expected.norm(), atol=1e-12)
    assert (b @ found).abs().max() < 1e-12
    doubled = torch.cat([b, b[:1]])
    assert torch.allclose(conditional(v, doubled), found, atol=1e-10)
    with pytest.raises(UserError, match="nothing is left"):
        conditional(v, torch.stack([v]))


def test_spearman_of_rows_against_scipy():
    from scipy.stats import spearmanr

    value = latents(7, 5).double()
    value[0, 1] = value[0, 2]
    found = spearman_rows(value, AMOUNTS)
    expected = [spearmanr(row, AMOUNTS).statistic for row in value.numpy()]
    assert found.tolist() == pytest.approx(expected)
    assert spearman_rows(torch.ones(1, 5), AMOUNTS).tolist() == [0.0]


def test_rescoring_reads_slope_order_and_turns():
    rising, bent = AMOUNTS * 3.0 + 1, torch.tensor([0.0, 1.0, 2.0, 1.5, 3.0])
    up = rescore(rising.expand(4, -1), AMOUNTS, spread=2.0)
    assert (up.correlation, up.monotone, up.used) == (pytest.approx(1.0), 1.0, 4)
    assert up.effect == pytest.approx(1.5)
    down = rescore(-rising.expand(4, -1), AMOUNTS, spread=2.0)
    assert (down.correlation, down.monotone) == (pytest.approx(-1.0), 1.0)
    mixed = rescore(torch.stack([rising, bent, torch.ones(5)]), AMOUNTS, spread=2.0)
    assert mixed.monotone == pytest.approx(1 / 3)
    assert mixed.correlation == pytest.approx((1.0 + 0.9 + 0.0) / 3)
    nan = rescore(torch.full((2, 5), float("nan")), AMOUNTS, spread=2.0)
    assert nan.used == 0
    assert nan.correlation != nan.correlation


def test_means_within_groups():
    group = torch.tensor([0, 0, 1, 1, 2])
    rows = torch.tensor([[1.0], [3.0], [5.0], [9.0], [7.0]])
    assert centred_within(rows, group).flatten().tolist() == [-1.0, 1.0, -2.0, 2.0, 0.0]
    assert float(centred_within(rows, None).sum()) == pytest.approx(0.0)


def test_codes_that_are_the_factors_have_full_scores():
    factors = latents(2000, 3)
    codes = factors[:, [2, 0, 1]] * torch.tensor([2.0, -1.0, 0.5])
    found = dci(codes, factors)
    assert found.disentanglement > 0.97
    assert found.completeness > 0.97
    assert found.informativeness > 0.999
    assert found.importance.argmax(0).tolist() == [1, 2, 0]
    assert mutual_information_gap(codes, factors) > 0.9


def test_mixed_codes_inform_as_well_but_do_not_disentangle():
    factors = latents(2000, 3)
    mix = torch.tensor([[1.0, 1, 1], [1, -1, 0.9], [1, 0.2, -1.3]]) / 3**0.5
    found = dci(factors @ mix.T, factors)
    assert found.informativeness > 0.99
    assert found.disentanglement < 0.3
    assert mutual_information_gap(factors @ mix.T, factors) < 0.2


def test_a_factor_spread_over_two_codes_costs_what_its_entropy_says():
    # f1 = (c1 + c2) / 2, f2 = (c1 - c2) / 2, f3 = c3: c1 and c2 each serve two of three factors.
    f = latents(4000, 3)
    codes = torch.stack([f[:, 0] + f[:, 1], f[:, 0] - f[:, 1], f[:, 2]], 1)
    found = dci(codes, f)
    half = 1 - math.log(2) / math.log(3)
    weight = 2 * 2**0.5
    expected = (weight * half + 1) / (weight + 1)
    assert found.disentanglement == pytest.approx(expected, abs=0.03)
    assert found.completeness == pytest.approx((2 * half + 1) / 3, abs=0.03)


def test_codes_that_know_nothing_have_no_scores():
    found = dci(latents(2000, 3), latents(2000, 2, seed=5))
    assert found.informativeness < 0.02
    assert mutual_information_gap(latents(2000, 3), latents(2000, 2, seed=5)) < 0.02


def test_the_gap_of_a_code_that_tells_half():
    # One code is the factor; the other its sign: of 20 bins it tells 1 bit of log2(20).
    factor = latents(20_000, 1)
    codes = torch.cat([factor, factor.sign() + 1e-6 * latents(20_000, 1, seed=3)], 1)
    expected = 1 - torch.tensor(2.0).log() / torch.tensor(20.0).log()
    assert mutual_information_gap(codes, factor) == pytest.approx(float(expected), abs=0.01)


def test_constant_factors_and_few_rows_are_refused():
    with pytest.raises(UserError, match="factor 2 is constant"):
        dci(latents(500, 2), torch.cat([latents(500, 1), torch.ones(500, 1)], 1))
    with pytest.raises(UserError, match="expected 200 or more"):
        dci(latents(50, 2), latents(50, 1))
    with pytest.raises(UserError, match="two codes"):
        mutual_information_gap(latents(500, 1), latents(500, 1))
