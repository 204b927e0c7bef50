import pytest
import torch
from sklearn.metrics import roc_auc_score

from gan_lab.errors import UserError
from gan_lab.metrics.membership import black_box_membership, critic_membership, membership


def normal(n, seed, shift=0.0):
    return shift + torch.randn(n, generator=torch.Generator().manual_seed(seed))


def test_the_area_is_that_of_scikit_learn_with_ties():
    a, b = normal(50, 0, 0.5).mul(3).round(), normal(70, 1).mul(3).round()
    label = [1] * 50 + [0] * 70
    expected = roc_auc_score(label, torch.cat([a, b]).tolist())
    assert membership(a, b).auc == pytest.approx(expected, abs=1e-12)


def test_the_interval_holds_the_area_of_the_population_in_about_95_percent():
    """Normal scores one deviation apart: the area is Phi(1 / sqrt 2)."""
    truth = float(torch.special.ndtr(torch.tensor(0.5**0.5)))
    hits = 0
    for seed in range(300):
        found = membership(normal(60, 2 * seed, 1.0), normal(40, 2 * seed + 1))
        hits += found.low <= truth <= found.high
    assert 0.91 <= hits / 300 <= 0.98


def test_chance_holds_95_percent_without_a_difference():
    outside = 0
    for seed in range(400):
        found = membership(normal(60, 2 * seed), normal(40, 2 * seed + 1))
        outside += abs(found.auc - 0.5) > found.chance
    assert 0.02 <= outside / 400 <= 0.08


def test_a_critic_that_knows_its_rows():
    train, held_out = torch.randn(40, 2, 3), torch.randn(30, 2, 3)
    known = {tuple(row.flatten().tolist()) for row in train}

    def critic(x):
        return torch.tensor([float(tuple(row.flatten().tolist()) in known) for row in x])

    assert critic_membership(critic, train, held_out, batch_size=7).auc == 1.0
    assert critic_membership(lambda x: torch.zeros(len(x)), train, held_out).auc == 0.5


def test_copies_give_their_rows_away():
    rng = torch.Generator().manual_seed(0)
    train, held_out, fresh = (torch.randn(100, 5, generator=rng) for _ in range(3))
    assert black_box_membership(train=train, held_out=held_out, fake=train[:50]).auc > 0.7
    honest = black_box_membership(train=train, held_out=held_out, fake=fresh)
    assert abs(honest.auc - 0.5) < honest.chance


@pytest.mark.parametrize(
    ("train", "held_out", "message"),
    [
        (torch.zeros(1), torch.zeros(5), "1 training and 5"),
        (torch.tensor([0.0, torch.nan]), torch.zeros(5), "NaN"),
    ],
)
def test_scores_that_say_nothing_are_refused(train, held_out, message):
    with pytest.raises(UserError, match=message):
        membership(train, held_out)
