import pytest
import torch
from statsmodels.tsa.api import VAR

from gan_lab.errors import UserError
from gan_lab.metrics.temporal.fdr import benjamini_hochberg, rejection_rate
from gan_lab.metrics.temporal.granger import granger_conditional, granger_pairs
from gan_lab.metrics.temporal.graph import compare_graphs, granger_graph, spearman
from gan_lab.metrics.temporal.reason import Reason

EDGES = {(0, 1): 0.4, (1, 2): 0.4, (0, 3): -0.4, (3, 4): 0.4}


def system(n, steps, seed=0):
    """A chain of five channels with correlated noise; row i, column j: i drives j."""
    a = 0.5 * torch.eye(5, dtype=torch.float64)
    for (i, j), strength in EDGES.items():
        a[i, j] = strength
    root = torch.linalg.cholesky(0.5 * torch.eye(5, dtype=torch.float64) + 0.5)
    rng = torch.Generator().manual_seed(seed)
    x = torch.randn(n, steps + 50, 5, generator=rng, dtype=torch.float64) @ root.T
    for t in range(1, steps + 50):
        x[:, t] += x[:, t - 1] @ a
    return x[:, 50:].mT


def true_edges():
    edge = torch.zeros(5, 5, dtype=torch.bool)
    for i, j in EDGES:
        edge[i, j] = True
    return edge


@pytest.mark.parametrize("steps", [24, 64])
def test_the_conditional_graph_is_the_true_one(steps):
    assert torch.equal(granger_graph(system(500, steps), 1).edge, true_edges())


def test_pairs_alone_draw_edges_that_are_not_there():
    significant = benjamini_hochberg(granger_pairs(system(1, 5000), 1).p_value[0])
    assert significant.sum() > 10


@pytest.mark.parametrize("lag", [1, 2])
def test_one_window_agrees_with_a_vector_autoregression(lag):
    x = system(1, 200)
    ours = granger_conditional(x, lag)
    fit = VAR(x[0].T.numpy()).fit(lag)
    for cause in range(5):
        for effect in range(5):
            if cause != effect:
                theirs = fit.test_causality(effect, cause, kind="f").test_statistic
                assert ours.f[cause, effect].item() == pytest.approx(theirs, rel=1e-9)


def test_two_channels_leave_nothing_to_condition_on():
    x = system(1, 100)[:, :2]
    assert torch.allclose(granger_conditional(x, 2).f, granger_pairs(x, 2).f[0], equal_nan=True)


def test_a_duplicate_channel_is_left_out_and_harms_no_other():
    x = system(50, 64)
    doubled = torch.cat([x, x[:, :1]], dim=1)
    test = granger_conditional(doubled, 1)
    assert torch.allclose(test.f[:5, :5], granger_conditional(x, 1).f, equal_nan=True)
    assert (test.reason[5, :5] == Reason.COLLINEAR).all()
    assert test.f[5].isnan().all() and test.f[:, 5].isnan().all()


def test_a_constant_channel_and_a_hole_have_their_reasons():
    x = system(20, 64)
    x[:, 1], x[3, 2, 5] = 7.0, float("nan")
    test = granger_conditional(x, 1)
    assert test.reason[0, 1] == Reason.CONSTANT
    assert test.reason[0, 2] == Reason.NON_FINITE
    assert test.f[0, 3].isfinite()


def test_time_reversal_is_seen_by_the_strengths():
    x, fresh = system(300, 64), system(300, 64, seed=1)
    real = granger_graph(x, 1)
    same = compare_graphs(real, granger_graph(fresh, 1))
    reversed_ = compare_graphs(real, granger_graph(x.flip(2), 1))
    assert same.f1 == same.jaccard == 1.0
    assert same.strength_gap < 0.2 < 1 < reversed_.strength_gap
    assert reversed_.spearman < same.spearman


def test_scale_and_shift_of_a_channel_change_nothing():
    x = system(20, 64)
    moved = x * torch.tensor([1, 10, 0.1, -3, 1e3]).double()[:, None] + 5
    a, b = granger_conditional(x, 2), granger_conditional(moved, 2)
    assert torch.allclose(a.f, b.f, rtol=1e-9, equal_nan=True)
    a, b = granger_pairs(x, 2), granger_pairs(moved, 2)
    assert torch.allclose(a.f, b.f, rtol=1e-9, equal_nan=True)


@pytest.mark.parametrize("test", [granger_pairs, granger_conditional])
def test_edge_cases(test):
    assert (test(torch.randn(1, 2, 6), 3).reason.sum(0) > 0).any()
    assert test(torch.randn(2, 1, 30), 1).f.isnan().all()
    assert test(torch.randn(2, 2, 30), 1).f.dtype == torch.float64
    with pytest.raises(UserError, match="lag = 0"):
        test(torch.randn(2, 2, 30), 0)


def test_benjamini_hochberg_by_hand():
    """Ordered p against .05 k / 4: .01 < .0125, .04 > .025, .03 <= .0375 is the largest."""
    p = torch.tensor([[0.03, 0.01], [float("nan"), 0.9], [0.03, float("nan")]])
    assert benjamini_hochberg(p).tolist() == [[True, True], [False, False], [True, False]]
    assert not benjamini_hochberg(torch.tensor([0.5, 0.6])).any()
    assert not benjamini_hochberg(torch.full((3,), float("nan"))).any()


def test_rejection_rate_counts_the_defined_tests():
    p = torch.tensor([[0.01, 0.5], [float("nan"), 0.04], [0.2, 0.03]])
    assert rejection_rate(p).tolist() == pytest.approx([1 / 2, 2 / 3])


def test_spearman_against_scipy():
    from scipy.stats import spearmanr

    a = torch.tensor([1.0, 2, 2, 5, 3, 3, 3, 0], dtype=torch.float64)
    b = torch.tensor([2.0, 1, 4, 4, 3, 9, 3, 1], dtype=torch.float64)
    assert spearman(a, b).item() == pytest.approx(spearmanr(a, b).statistic)


def test_graphs_of_other_sizes_do_not_compare():
    with pytest.raises(UserError, match="5 and 2 channels"):
        compare_graphs(granger_graph(system(5, 30), 1), granger_graph(system(5, 30)[:, :2], 1))


def test_empty_graphs_agree():
    x = torch.randn(3, 2, 30)
    graph = granger_graph(x, 1, least_strength=1e9)
    assert compare_graphs(graph, graph).f1 == 1.0
    assert compare_graphs(graph, graph).jaccard == 1.0
