import pytest
import torch

from gan_lab.data.digits8 import Digits8
from gan_lab.errors import UserError
from gan_lab.metrics.invariances import shifts
from gan_lab.metrics.novelty import Power, audit_novelty

SEEDS = range(20)


@pytest.fixture(scope="module")
def digits():
    return Digits8().load().x


def split(digits, seed):
    rng = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(digits), generator=rng)
    return digits[order[:900]], digits[order[900:1350]], digits[order[1350:]], rng


def noise(n, rng):
    """1 % of the range of the data, [-1, 1]."""
    return 0.02 * torch.randn(n, 1, 8, 8, generator=rng)


def audit(fake, train, held_out, rng, **options):
    return audit_novelty(fake=fake, train=train, held_out=held_out, trials=5, rng=rng, **options)


@pytest.mark.parametrize("noisy", [False, True])
def test_a_generator_that_returns_training_rows_is_always_found(digits, noisy):
    found = 0
    for seed in SEEDS:
        train, held_out, _, rng = split(digits, seed)
        fake = train[torch.randint(900, (447,), generator=rng)]
        fake = fake + noise(447, rng) if noisy else fake
        found += audit(fake, train, held_out, rng).verdict == "copying found"
    assert found == 20


def test_fresh_rows_are_almost_never_accused(digits):
    verdicts = []
    for seed in SEEDS:
        train, held_out, fresh, rng = split(digits, seed)
        verdicts.append(audit(fresh, train, held_out, rng).verdict)
    assert verdicts.count("copying found") <= 1
    assert verdicts.count("none found") >= 18


def test_the_detection_limit_holds_for_copies_that_are_really_injected(digits):
    """Above the stated limit the test finds them; the limit rests on 95 % of the trials."""
    found = 0
    for seed in range(5):
        train, held_out, fresh, rng = split(digits, seed)
        clean = audit_novelty(fake=fresh, train=train, held_out=held_out, trials=20, rng=rng)
        copies = int(2 * clean.power.limit * len(fresh))
        fake = fresh.clone()
        fake[:copies] = train[torch.randperm(900, generator=rng)[:copies]] + noise(copies, rng)
        found += audit(fake, train, held_out, rng).verdict == "copying found"
    assert found >= 4


def test_one_memorised_image_is_found(digits):
    train, held_out, _, rng = split(digits, 0)
    report = audit(train[:1] + noise(447, rng), train, held_out, rng)
    assert report.verdict == "copying found"
    assert report.close == 1.0


def test_smooth_averages_of_the_population_are_not_called_copies(digits):
    """Means of near rows of all three parts: close to everything, and to training no more."""
    train, held_out, fresh, rng = split(digits, 0)
    flat = digits.flatten(1)
    near = torch.cdist(fresh.flatten(1), flat).topk(11, largest=False).indices[:, 1:]
    report = audit(digits[near].mean(dim=1), train, held_out, rng)
    assert report.close_p < 1e-4
    assert report.verdict == "cannot tell"
    assert "averages" in report.text


def test_a_poor_generator_is_not_called_novel(digits):
    train, held_out, _, rng = split(digits, 0)
    report = audit(torch.rand(447, 1, 8, 8, generator=rng) * 2 - 1, train, held_out, rng)
    assert report.verdict == "cannot tell"
    assert report.far == 1.0
    assert "too poor" in report.text


def test_shifted_copies_are_found_with_shifts(digits):
    train, held_out, _, rng = split(digits, 0)
    fake = train[:447].roll(1, dims=3)
    assert audit(fake, train, held_out, rng).verdict != "copying found"
    report = audit(fake, train, held_out, rng, views=shifts(1, axes=2))
    assert report.verdict == "copying found"


def test_without_a_control_it_cannot_tell(digits):
    train, held_out, fresh, rng = split(digits, 0)
    assert "no held-out rows" in audit(fresh, train, None, rng).text
    assert "99 held-out rows are too few" in audit(fresh, train, held_out[:99], rng).text
    assert "50 samples are too few" in audit(fresh[:50], train, held_out, rng).text
    leaked = audit(fresh, train, train[:400], rng)
    assert leaked.verdict == "cannot tell"
    assert "remove duplicates" in leaked.text


def test_every_text_says_what_it_does_not_clear(digits):
    train, held_out, fresh, rng = split(digits, 1)
    report = audit(fresh, train, held_out, rng)
    assert report.verdict == "none found"
    assert "450 held-out rows" in report.text
    assert "not a clearance of privacy or licence" in report.text


def test_the_worst_samples_come_with_their_training_rows(digits):
    train, held_out, fresh, rng = split(digits, 0)
    fake = fresh.clone()
    fake[11] = train[77]
    assert audit(fake, train, held_out, rng).worst[0] == (11, 77)


def test_the_limit_is_the_rate_from_which_on_it_is_found():
    assert Power((0.1, 0.2, 0.5), (0.96, 0.5, 1.0)).limit == 0.5
    assert Power((0.1, 0.2, 0.5), (0.1, 0.95, 1.0)).limit == 0.2
    assert Power((0.1, 0.2), (0.1, 0.9)).limit is None


def test_samples_of_another_shape_are_refused():
    with pytest.raises(UserError, match="expected equal samples"):
        audit_novelty(fake=torch.zeros(3, 1), train=torch.zeros(3, 2), held_out=None)
