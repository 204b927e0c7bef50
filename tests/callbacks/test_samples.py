import pytest
import torch
from PIL import Image
from pytorch_lightning.loggers import TensorBoardLogger
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from gan_lab.callbacks.clock import StopAfter
from gan_lab.callbacks.interpolation import LatentInterpolation
from gan_lab.callbacks.samples import SampleGrid
from gan_lab.errors import UserError
from gan_lab.spec import DataSpec

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning")


def test_writes_start_interval_end_and_animation(fit, tmp_path):
    fit(StopAfter(5), SampleGrid(every=2, columns=3))
    names = {path.name for path in (tmp_path / "samples").iterdir()}
    steps = ("000000", "000002", "000004", "000005")
    assert names == {f"{kind}-{step}.png" for kind in ("ema", "raw") for step in steps} | {
        "real.png", "latest.png", "training.webp",
    }  # fmt: skip
    folder = tmp_path / "samples"
    assert (folder / "latest.png").read_bytes() == (folder / "ema-000005.png").read_bytes()
    with Image.open(folder / "training.webp") as film:
        assert film.n_frames == 4


def test_same_seed_gives_the_same_bytes(fit, tmp_path):
    def picture():
        torch.manual_seed(0)
        fit(StopAfter(1), SampleGrid(every=1, columns=2, animate=False))
        return (tmp_path / "samples" / "ema-000001.png").read_bytes()

    assert picture() == picture()


def test_conditional_rows_are_classes(fit):
    grid = SampleGrid(every=1, columns=3, animate=False)
    _, model = fit(StopAfter(1), grid, conditional=True)
    assert model.asked[-1].tolist() == [0, 0, 0, 1, 1, 1]


def test_labels_are_not_shown_for_an_unconditional_generator(fit):
    _, model = fit(StopAfter(1), SampleGrid(every=1, columns=3, animate=False))
    assert all(label is None for label in model.asked)


def test_global_random_state_is_untouched(fit):
    def state(*callbacks):
        torch.manual_seed(3)
        fit(StopAfter(2), *callbacks)
        return torch.get_rng_state()

    quiet = state()
    drawn = state(SampleGrid(every=1, columns=2), LatentInterpolation(every=1, paths=2, points=3))
    assert torch.equal(quiet, drawn)


def test_images_reach_tensorboard_at_generator_steps(fit, tmp_path):
    logger = TensorBoardLogger(tmp_path, name="tensorboard", version="")
    fit(
        StopAfter(4),
        SampleGrid(every=2, columns=2, animate=False),
        LatentInterpolation(every=2, paths=2, points=3),
        logger=logger,
    )
    events = EventAccumulator(str(tmp_path / "tensorboard"), size_guidance={"images": 0})
    events.Reload()
    assert [e.step for e in events.Images("samples/ema")] == [0, 2, 4]
    assert [e.step for e in events.Images("samples/interpolation")] == [2, 4]


def test_interpolation_picture_has_paths_by_points(fit, tmp_path):
    fit(StopAfter(2), LatentInterpolation(every=5, paths=2, points=3), conditional=True)
    with Image.open(tmp_path / "samples" / "interpolation-000002.png") as picture:
        assert picture.width > picture.height > 2 * 64


@pytest.mark.parametrize(
    "spec",
    [DataSpec("s", "series", 2, (16,)), DataSpec("p", "points", 2, channel_names=("x", "y"))],
    ids=["series", "points"],
)
def test_other_modalities(fit, tmp_path, spec):
    fit(StopAfter(1), SampleGrid(every=1), LatentInterpolation(every=1, points=4), spec=spec)
    names = {path.name for path in (tmp_path / "samples").iterdir()}
    assert {"ema-000001.png", "real.png", "interpolation-000001.png", "training.webp"} <= names


def test_interval_below_one_is_the_users_mistake():
    with pytest.raises(UserError, match=r"sample_grid\.every is 0"):
        SampleGrid(every=0)
