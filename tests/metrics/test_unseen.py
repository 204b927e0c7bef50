import torch

from gan_lab.metrics.unseen import unseen_regions


def two_clusters(n, rng, share):
    """A share of the rows in a far cluster."""
    x = torch.randn(n, 3, generator=rng)
    x[: round(share * n), 0] += 30
    return x


def test_a_cluster_that_training_never_saw_is_reached_or_not():
    rng = torch.Generator().manual_seed(0)
    train, held_out = two_clusters(300, rng, 0.0), two_clusters(200, rng, 0.3)
    full, poor = two_clusters(200, rng, 0.3), two_clusters(200, rng, 0.0)
    reached = unseen_regions(train=train, held_out=held_out, fake=full)
    missed = unseen_regions(train=train, held_out=held_out, fake=poor)
    assert reached.missed == missed.missed >= 60
    assert reached.share > 0.75
    assert missed.share < 0.35


def test_copies_reach_nothing_that_training_misses():
    rng = torch.Generator().manual_seed(0)
    train, held_out = (two_clusters(300, rng, 0.1) for _ in range(2))
    found = unseen_regions(train=train, held_out=held_out, fake=train[:200])
    assert found.missed > 10
    assert found.reached == 0


def test_nothing_is_missed_by_its_own_rows():
    x = torch.randn(50, 2)
    found = unseen_regions(train=x, held_out=x, fake=x)
    assert (found.missed, found.reached) == (0, 0)
    assert found.share != found.share
