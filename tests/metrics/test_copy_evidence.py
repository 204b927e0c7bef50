import pytest
import torch

from gan_lab.metrics.copy_evidence import CopyEvidence, beta_binomial, side_test


def evidence(held_out, fake):
    zero = torch.zeros(len(fake), dtype=torch.long)
    return CopyEvidence(held_out, fake, zero, fake, zero, 0.0, 1, len(held_out))


def test_the_null_of_the_close_share_is_that_of_resampled_held_out_rows():
    """Split one pool of distances at random into control and pseudo-samples, many times."""
    rng = torch.Generator().manual_seed(0)
    pool = torch.rand(500, generator=rng).double()
    law = beta_binomial(300, 2, 199)
    counts = torch.zeros(301)
    for _ in range(3000):
        order = pool[torch.randperm(500, generator=rng)]
        counts[evidence(order[:200], order[200:]).close] += 1
    assert law.sum() == pytest.approx(1.0)
    # Largest gap of two distribution functions, 3,000 draws: below 1.63 / sqrt(3000) at 1 %.
    assert (counts.cumsum(0) / 3000 - law.cumsum(0)).abs().max() < 1.63 / 3000**0.5


def test_the_p_value_counts_as_many_or_more():
    held_out = torch.arange(1.0, 201.0).double()  # the 2nd of 200 is the 1st percentile: 2.0
    fake = torch.tensor([0.5, 1.5, 2.0, 50.0]).double()
    seen = evidence(held_out, fake)
    assert (seen.threshold, seen.close) == (2.0, 2)
    assert seen.close_p == pytest.approx(float(beta_binomial(4, 2, 199)[2:].sum()))
    assert evidence(held_out, fake + 10).close_p == pytest.approx(1.0)


def test_labels_at_random_have_the_stated_mean_and_deviation():
    """Hubs included: many samples at one row."""
    rng = torch.Generator().manual_seed(0)
    rows = torch.cat([torch.full((20,), 5), torch.arange(30), torch.tensor([40, 40, 41])])
    values = []
    for _ in range(4000):
        relabelled = torch.randperm(60, generator=rng)[rows]
        values.append(side_test(relabelled, n_train=45, total=60).z)
    z = torch.tensor(values)
    assert float(z.mean()) == pytest.approx(0.0, abs=4 / 4000**0.5)
    assert float(z.std()) == pytest.approx(1.0, abs=0.05)


def test_all_at_training_rows_reaches_the_best_z():
    side = side_test(torch.arange(10), n_train=50, total=100)
    assert side.z == pytest.approx(side.best_z)
    assert (side.train, side.expected) == (1.0, 0.5)


def test_one_hub_proves_nothing():
    side = side_test(torch.zeros(1000, dtype=torch.long), n_train=50, total=100)
    assert side.best_z == pytest.approx(1.0, rel=0.02)


def test_no_close_sample_gives_no_side():
    side = side_test(torch.zeros(0, dtype=torch.long), n_train=5, total=10)
    assert (side.n, side.z, side.best_z) == (0, 0.0, 0.0)


def test_rows_that_overlap_count_as_independent_ones():
    """Five of a hundred rows twenty times each: the p-value is that of a hundred rows."""
    rng = torch.Generator().manual_seed(0)
    single, fake = torch.rand(100, generator=rng).double(), torch.rand(400, generator=rng).double()
    zero = torch.zeros(400, dtype=torch.long)
    alone = CopyEvidence(single, fake, zero, fake, zero, 0.0, 1, 100)
    repeated = CopyEvidence(single.repeat(20), fake, zero, fake, zero, 0.0, 1, 100)
    assert alone.rank == repeated.rank == 1
    assert repeated.threshold == alone.threshold
    assert repeated.close_p == alone.close_p
    assert abs(repeated.mann_whitney - alone.mann_whitney) < 0.02
