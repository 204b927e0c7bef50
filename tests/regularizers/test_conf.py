"""The yaml files build the terms that they name, alone and together."""

from pathlib import Path

import pytest

from gan_lab.cli.build import make
from gan_lab.cli.compose import compose
from gan_lab.config import CONFIG_DIR
from gan_lab.regularizers import Constraint, Regularizer

OTHERS = {"ac_gan", "info_gan"}  # built once the data and the critic are known
FILES = {path.stem for path in Path(CONFIG_DIR, "regularizers").glob("*.yaml")}
NAMES = sorted(FILES - OTHERS)
GENERATOR = {"zcr_generator", "path_length", "mode_seeking", "feature_matching", "orthogonal"}


def terms(*names):
    return make(compose([f"regularizers=[{','.join(names)}]"]).regularizers)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_builds_terms_that_can_be_played(name, make_game):
    game = make_game((1, 16, 16), 8)
    game.critic.head.weight.data *= 20  # slopes above 1, which one-sided penalties see
    made = terms(name)
    assert (name == "none") == (not made)
    for key, term in made.items():
        assert term.side == ("generator" if key in GENERATOR else "critic")
        if isinstance(term, Constraint):
            before = next(game.critic.parameters()).clone()
            term.project(game.critic)
            assert not next(game.critic.parameters()).equal(before)
        else:
            assert isinstance(term, Regularizer)
            value = term.penalty(**vars(game.turn(term.side)))
            assert value.shape == (8,)
            assert value.isfinite().all()
            assert value.mean() != 0


def test_groups_add_up():
    assert list(terms("r1", "lecam", "path_length")) == ["r1", "lecam", "path_length"]
    assert list(terms("cr", "bcr", "zcr")) == ["cr", "cr_fake", "zcr", "zcr_generator"]
    assert list(terms("none", "weight_clip")) == ["weight_clip"]


@pytest.mark.parametrize("name", [n for n in NAMES if n not in ("none", "r1_r2", "r1_r2_points")])
def test_a_term_is_named_after_its_file(name):
    assert set(terms(name)) <= {name, "cr", "cr_fake", "zcr_generator"}


def test_bcr_transforms_real_and_fake_alike():
    noise = "regularizers.cr.penalty.transform._target_=gan_lab.augment.noise.Noise"
    made = make(compose(["regularizers=bcr", noise]).regularizers)
    real, fake = (made[k].penalty.keywords["transform"] for k in ("cr", "cr_fake"))
    assert type(real).__name__ == "Noise"
    assert real == fake
