import pytest
import torch
from PIL import Image
from pytorch_lightning.loggers import TensorBoardLogger
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from gan_lab.callbacks.clock import StopAfter
from gan_lab.callbacks.directions import DirectionStrips
from gan_lab.errors import UserError
from gan_lab.latent import Normal
from gan_lab.spec import DataSpec

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning")
SERIES = DataSpec("toy", "series", 2, (9,))
POINTS = DataSpec("toy", "points", 2, ())


def model_of(toy, spec, **options):
    torch.manual_seed(0)
    model = toy(spec, **options)
    model.prior = Normal(3)
    return model


def strips(every=2):
    return DirectionStrips(every=every, top=2, n=64, points=5)


def test_strips_are_files_and_reach_tensorboard_at_generator_steps(fit, toy, images_spec, tmp_path):
    logger = TensorBoardLogger(tmp_path, name="tensorboard", version="")
    fit(StopAfter(3), strips(), model=model_of(toy, images_spec), logger=logger)
    names = sorted(path.name for path in (tmp_path / "samples").iterdir())
    assert names == ["directions-000002.png", "directions-000003.png"]
    events = EventAccumulator(str(tmp_path / "tensorboard"), size_guidance={"images": 0})
    events.Reload()
    assert [e.step for e in events.Images("samples/directions")] == [2, 3]


@pytest.mark.parametrize("spec", [SERIES, POINTS])
def test_series_and_points_have_strips_too(fit, toy, spec, tmp_path):
    fit(StopAfter(1), strips(), model=model_of(toy, spec), spec=spec)
    with Image.open(tmp_path / "samples" / "directions-000001.png") as picture:
        assert picture.width > 300


def test_a_strip_of_a_conditional_generator_keeps_one_class(fit, toy, images_spec):
    model = model_of(toy, images_spec, conditional=True)
    fit(StopAfter(1), strips(), model=model)
    assert model.asked[-1].unique().tolist() == [0]
    assert sorted(model.asked[-2].unique().tolist()) == [0, 1]


def test_the_global_random_state_is_untouched_and_bytes_repeat(fit, toy, images_spec, tmp_path):
    def run(*callbacks):
        torch.manual_seed(3)
        fit(StopAfter(1), *callbacks, model=model_of(toy, images_spec))
        return torch.get_rng_state()

    quiet, drawn = run(), run(strips())
    assert torch.equal(quiet, drawn)
    first = (tmp_path / "samples" / "directions-000001.png").read_bytes()
    run(strips())
    assert (tmp_path / "samples" / "directions-000001.png").read_bytes() == first


def test_bad_numbers_are_refused():
    with pytest.raises(UserError, match=r"callbacks\.directions\.top is 0"):
        DirectionStrips(top=0)
