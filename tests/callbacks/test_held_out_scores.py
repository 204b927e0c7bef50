from unittest.mock import Mock

import pytest
import pytorch_lightning as pl
import torch

from gan_lab.callbacks.checkpoint import Checkpoints
from gan_lab.callbacks.clock import ClockCallback, StopAfter
from gan_lab.callbacks.early_stopping import EarlyStopping
from gan_lab.callbacks.held_out_scores import HeldOutScores
from gan_lab.data.points import Ring
from gan_lab.errors import UserError
from gan_lab.export.checkpoints import read_checkpoint
from gan_lab.latent import Normal

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning")


class Model:
    """Generates the rows it is given, whatever the latents."""

    def __init__(self, spec, rows):
        self.spec, self.rows, self.steps, self.last_terms = spec, rows, 0, {}
        self.device, self.prior = torch.device("cpu"), Normal(2)
        self.images_seen, self.log_every, self.run_seed = 0, 50, 0

    def generate(self, z, label=None, *, ema=True):
        return self.rows[: len(z)]


@pytest.fixture(scope="module")
def ring():
    data = Ring(n=2000)
    data.setup()
    return data


def measured(ring, rows, **options):
    model = Model(ring.spec, rows)
    trainer = Mock(spec=pl.Trainer, datamodule=ring, is_global_zero=True)
    callback = HeldOutScores(every=10, n=200, **options)
    callback.start(trainer, model)
    for model.steps in (9, 10):
        callback.step(trainer, model)
    callback.end(trainer, model)
    return {k: float(v) for k, v in model.last_terms.items()}


def test_training_rows_are_at_the_floor_and_one_point_is_not(ring):
    names = ("frechet", "precision", "coverage", "energy", "vendi", "beta_recall")
    good = measured(ring, ring.train.x[500:700], scores=names)
    one = measured(ring, ring.train.x[:1].expand(200, -1), scores=names)
    assert set(good) == {f"eval/{n}{end}" for n in names for end in ("", "_floor")}
    assert good["eval/coverage"] > 0.8 > 0.2 > one["eval/coverage"]
    assert good["eval/frechet"] < 0.1 < one["eval/frechet"]
    assert good["eval/frechet_floor"] == one["eval/frechet_floor"]


def test_a_generator_that_diverged_keeps_no_old_score(ring):
    found = measured(ring, torch.full((200, 2), torch.nan), scores=("energy",))
    assert found["eval/energy"] != found["eval/energy"]


@pytest.mark.parametrize("wrong", [{"scores": ["fid"]}, {"scores": []}, {"every": 0}, {"n": 0}])
def test_wrong_settings_are_refused(wrong):
    with pytest.raises(UserError, match=next(iter(wrong))):
        HeldOutScores(**wrong)


class Measured(ClockCallback):
    """A number that is measured at some steps and stays in between."""

    def __init__(self, values):
        self.values, self.now = values, None

    def step(self, trainer, model):
        if model.steps in self.values:
            self.now = torch.tensor(self.values[model.steps])
        if self.now is not None:
            model.last_terms["eval/x"] = self.now


def best(folder):
    return read_checkpoint(folder / "checkpoints" / "best.ckpt")["gan_lab"]["steps"]


def test_the_best_checkpoint_is_the_state_that_was_measured(fit, tmp_path):
    """Measured after 3, 6 and 9 steps, saved after 5 and 10: the best is step 6, not 10."""
    values = {3: 3.0, 6: 1.0, 9: 2.0}
    fit(StopAfter(10), Measured(values), Checkpoints(every=5, metric="eval/x"))
    assert best(tmp_path) == 6


@pytest.mark.parametrize(
    ("options", "values", "end"),
    [
        ({"patience": 4}, {2: 2.0, 4: 1.0, 6: 3.0}, 8),
        ({"patience": 4, "mode": "max"}, {2: 2.0, 4: 1.0}, 6),
        ({"patience": None, "limit": 2.5}, {2: 2.0, 4: 1.0, 6: 3.0}, 6),
        ({"patience": None, "limit": 1.5, "mode": "max"}, {2: 2.0, 4: 1.0}, 4),
        ({"patience": None, "limit": 1.5, "after": 5}, {2: 2.0}, 6),
        ({"patience": 50}, {2: 2.0}, 12),
    ],
)
def test_when_it_stops(fit, options, values, end):
    _, model = fit(StopAfter(12), Measured(values), EarlyStopping("eval/x", **options))
    assert model.steps == end


def test_it_says_why(fit, capsys):
    fit(StopAfter(12), Measured({2: 2.0}), EarlyStopping("eval/x", patience=3))
    expected = "stopped early at step 5: eval/x was last better at step 2 (2); now 2"
    assert expected in capsys.readouterr().out
    fit(StopAfter(3), EarlyStopping("eval/fid"))
    assert "metric=eval/fid was never measured; terms: loss/critic" in capsys.readouterr().out


def test_patience_goes_on_where_a_run_is_resumed():
    first, second = (EarlyStopping("eval/x", patience=3) for _ in range(2))
    first.best, first.best_step = 1.0, 7
    second.load_state_dict(first.state_dict())
    assert (second.best, second.best_step) == (1.0, 7)


@pytest.mark.parametrize(
    "wrong", [{"mode": "least"}, {"patience": 0}, {"patience": None, "limit": None}]
)
def test_wrong_rules_are_refused(wrong):
    with pytest.raises(UserError, match=next(iter(wrong))):
        EarlyStopping("eval/x", **wrong)
