"""ADA's control: speed, direction, rest, limits, checkpoints; what the heuristics measure."""

import math

import pytest
import torch

from gan_lab.augment import Adaptive
from gan_lab.augment.adaptive import pair_sign, real_sign
from gan_lab.augment.geometry import Scale
from gan_lab.augment.noise import Noise
from gan_lab.control import Control
from gan_lab.errors import UserError

TRANSFORMS = {"noise": Noise()}


def adaptive(**options):
    return Adaptive(TRANSFORMS, **{"images_to_full": 1000, "window": 10, **options})


def tell(augment, steps, *, real, fake, images=10):
    for _ in range(steps):
        augment.update(real=torch.tensor(real), fake=torch.tensor(fake), images=images)


@pytest.mark.parametrize("window", [5, 10, 40])
def test_it_rises_at_exactly_the_stated_speed(window):
    augment = adaptive(window=window)
    assert augment.probability == 0.0 and isinstance(augment, Control)
    tell(augment, 20, real=[1.0, 2.0], fake=[-1.0, 0.0])
    assert augment.overfitting == 1.0
    assert augment.probability == 200 / 1000


def test_it_falls_as_fast_and_stops_at_zero():
    augment = adaptive()
    tell(augment, 20, real=[1.0], fake=[0.0])
    tell(augment, 5, real=[0.0], fake=[1.0])
    assert augment.overfitting == -1.0 and augment.probability == 150 / 1000
    tell(augment, 50, real=[0.0], fake=[1.0])
    assert augment.probability == 0.0


def test_it_stops_at_the_limit_and_can_return():
    augment = adaptive(limit=0.3)
    tell(augment, 100, real=[1.0], fake=[0.0])
    assert augment.probability == 0.3
    tell(augment, 1, real=[0.0], fake=[1.0])
    assert augment.probability == 0.29


def test_it_rests_at_the_target():
    augment = adaptive(target=0.5)
    tell(augment, 10, real=[1.0], fake=[0.0])
    # Three of four pairs are in order: 2 * 3/4 - 1.
    tell(augment, 10, real=[2.0, 4.0], fake=[1.0, 3.0])
    assert augment.overfitting == 0.5 and augment.probability == 0.1


def test_a_window_is_an_average_over_its_images():
    augment = adaptive(target=0.4, window=40)
    tell(augment, 2, real=[1.0], fake=[0.0], images=15)
    assert augment.probability == 0.0
    tell(augment, 1, real=[0.0], fake=[1.0], images=10)
    assert augment.overfitting == pytest.approx((30 - 10) / 40)
    assert augment.probability == 0.04


def test_state_survives_a_checkpoint_in_the_middle_of_a_window(tmp_path):
    first = adaptive(target=0.3, window=33)
    generator = torch.Generator().manual_seed(1)
    logits = torch.randn(30, 2, 8, generator=generator) + torch.tensor([0.8, 0.0])[:, None]
    for real, fake in logits[:20]:
        first.update(real=real, fake=fake, images=8)
    torch.save(first.state_dict(), tmp_path / "state.pt")
    second = adaptive(target=0.3, window=33)
    second.load_state_dict(torch.load(tmp_path / "state.pt", weights_only=True))
    for real, fake in logits[20:]:
        for augment in (first, second):
            augment.update(real=real, fake=fake, images=8)
        assert first.probability == second.probability
        assert first.overfitting == second.overfitting
    assert first.probability > 0


def test_half_precision_keeps_the_probability():
    augment = adaptive(images_to_full=500_000)
    tell(augment, 5, real=[1.0], fake=[0.0], images=24_690)
    before = augment.probability
    assert augment.half().probability == before == 123_450 / 500_000


def test_forward_uses_the_probability(rng):
    augment = Adaptive({"scale": Scale()}, images_to_full=1000, window=10)
    x = torch.randn(2000, 1, 4, 4)
    assert augment(x, rng).equal(x)
    tell(augment, 50, real=[1.0], fake=[0.0])
    changed = int((augment(x, rng) != x).flatten(1).any(1).sum())
    assert abs(changed - 1000) < 5 * math.sqrt(500)


def test_pairs_do_not_care_about_the_zero_of_the_logits():
    real, fake = torch.randn(50).double() + 1, torch.randn(60).double()
    value = pair_sign(real=real, fake=fake)
    torch.testing.assert_close(pair_sign(real=real + 100, fake=fake + 100), value)
    torch.testing.assert_close(pair_sign(real=3 * real, fake=3 * fake), value)
    area = sum(float(r > f) for r in real for f in fake) / 3000
    assert float(value.mean()) == pytest.approx(2 * area - 1)
    # The paper's heuristic is 1 or -1 whatever the critic knows, once the zero is lost.
    assert real_sign(real=real + 100, fake=fake + 100).eq(1).all()


def test_pairs_see_nothing_where_nothing_is_to_be_seen():
    n = 4000
    skewed = torch.randn(2, n).exp()
    # Five standard errors of 2 AUC - 1 under the null, sqrt((n + m + 1) / (3 n m)).
    value = float(pair_sign(real=skewed[0], fake=skewed[1]).mean())
    assert abs(value) < 5 * math.sqrt((2 * n + 1) / (3 * n * n))


def test_the_target_is_the_papers_for_balanced_normal_logits():
    d = torch.distributions.Normal(0.0, 1.0).icdf(torch.tensor(0.8)).item()
    n = 4000
    real, fake = torch.randn(n).double() + d, torch.randn(n).double() - d
    bound = 5 / math.sqrt(n)
    assert float(real_sign(real=real, fake=fake).mean()) == pytest.approx(0.6, abs=bound)
    assert float(pair_sign(real=real, fake=fake).mean()) == pytest.approx(0.766, abs=bound)
    assert math.erf(d) == pytest.approx(0.766, abs=5e-4)  # 2 Phi(sqrt(2) d) - 1


@pytest.mark.parametrize(
    "options", [{"target": 2.0}, {"limit": 1.2}, {"images_to_full": 0}, {"window": 0}]
)
def test_numbers_out_of_range_are_refused(options):
    with pytest.raises(UserError, match=r"augment: .* expected"):
        adaptive(**options)
