"""`gan-lab explore invert` on generators that were never trained."""

import csv
from functools import partial

import numpy as np
import pytest
import torch
import yaml
from PIL import Image

from gan_lab.cli.explore import invert_study
from gan_lab.cli.explore.invert import main
from gan_lab.cli.explore.targets import picture, read_targets
from gan_lab.data.decode import Decoder
from gan_lab.data.digits8 import Digits8
from gan_lab.data.table import Table
from gan_lab.export.portable import load, save_generator
from gan_lab.latent.normal import Normal
from gan_lab.networks.mlp import Generator

FAST = ["n=2", "restarts=2", "steps=4", "polish=2"]
DIGITS = {"_target_": "gan_lab.data.digits8.Digits8"}


def written(folder, data, node, dim=4):
    """A run folder as training leaves it."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = Generator(spec=data.spec, latent_dim=dim, width=8)
    save_generator(
        folder / "generator",
        network=network,
        prior=Normal(dim=dim),
        spec=data.spec,
        generator_config={"_target_": "gan_lab.networks.mlp.Generator", "width": 8},
        latent_config={"_target_": "gan_lab.latent.normal.Normal", "dim": dim},
    )
    (folder / "config.yaml").write_text(yaml.safe_dump({"data": node}))
    return folder


@pytest.fixture(scope="module")
def digits():
    data = Digits8()
    data.setup()
    return data


@pytest.fixture(scope="module")
def run(tmp_path_factory, digits):
    return written(tmp_path_factory.mktemp("runs") / "digits", digits, DIGITS)


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """A table of two columns, a run on it, and its settings."""
    folder = tmp_path_factory.mktemp("tables")
    path = folder / "prices.csv"
    rng = np.random.default_rng(0)
    values = rng.normal(size=(120, 2)).cumsum(0) * 0.01 + [5.0, 7.0]
    rows = "\n".join(f"{a:.6f},{b:.6f}" for a, b in np.exp(values))
    path.write_text(f"open,close\n{rows}\n")
    node = {"_target_": "gan_lab.data.table.Table", "path": str(path), "window": 8}
    data = Table(path, window=8)
    data.setup()
    return path, data, written(folder / "run", data, node), node


def test_held_out_digits(run, capsys):
    assert main([str(run), *FAST, "recovery=true"]) == 0
    out = capsys.readouterr().out
    assert "PSNR" in out
    assert "class of the target: 2 of 2" in out
    assert "not covered" in out
    with (run / "explore" / "inversion.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["target"].split()[0] for row in rows] == ["heldout", "heldout"]
    arrays = np.load(run / "explore" / "inversion.npz")
    assert arrays["z"].shape == (2, 4)
    assert arrays["target"].shape == arrays["x"].shape == (2, 1, 8, 8)
    # The file's latents make the file's samples.
    made = load(run).generate(torch.from_numpy(arrays["z"][:1]), int(arrays["label"][0]))
    assert np.array_equal(load(run).spec.to_window_units(made).numpy(), arrays["x"][:1])
    assert float(rows[0]["error"]) == pytest.approx(float(arrays["error"][0]), rel=1e-4)
    with Image.open(run / "explore" / "inversion.png") as sheet:
        assert sheet.width > 300


def test_the_same_seed_gives_the_same_files(run, tmp_path):
    for name in ("one", "two"):
        assert main([str(run), *FAST, "target=train:5", f"output={tmp_path / name}"]) == 0
    for suffix in ("png", "csv", "npz"):
        first, second = (tmp_path / name / f"inversion.{suffix}" for name in ("one", "two"))
        assert first.read_bytes() == second.read_bytes()


def test_a_training_row_is_not_its_own_neighbour(run, tmp_path):
    assert main([str(run), *FAST, "target=train:5", f"output={tmp_path}"]) == 0
    with (tmp_path / "inversion.csv").open() as file:
        (row,) = csv.DictReader(file)
    assert int(row["nearest_training_row"]) != 5
    assert float(row["nearest_training_error"]) > 0


def test_a_picture_is_read_like_the_data(digits, tmp_path):
    levels = digits.spec.to_units(digits.train.x[:1])[0, 0].numpy()
    path = tmp_path / "digit.png"
    Image.fromarray((levels.astype(float) * 255 / 16).round().astype(np.uint8)).save(path)
    x = picture(path, digits.spec, None)
    # 16 levels pass through 255: half a step of rounding.
    assert (x - digits.train.x[:1]).abs().max() < 1 / 255 + 1e-6


def test_a_folder_resizes_and_greys_a_picture(digits, tmp_path):
    path = tmp_path / "photo.png"
    Image.new("RGB", (30, 20), (255, 0, 0)).save(path)
    assert picture(path, digits.spec, Decoder(8, "cover", grey=True)).shape == (1, 1, 8, 8)


@pytest.mark.parametrize(
    ("size", "mode", "words"),
    [((9, 8), "L", "9 x 8 pixels; digits8 has 8 x 8"), ((8, 8), "RGB", "3 channels of colour")],
)
def test_a_picture_that_does_not_fit_is_refused(run, tmp_path, capsys, size, mode, words):
    path = tmp_path / "bad.png"
    Image.new(mode, size, (9, 0, 0) if mode == "RGB" else 9).save(path)
    assert main([str(run), f"target={path}"]) == 2
    err = capsys.readouterr().err
    assert words in err
    assert err.count("\n") == 1


def test_a_broken_picture_is_named(run, tmp_path, capsys):
    path = tmp_path / "bad.png"
    path.write_bytes(b"no picture")
    assert main([str(run), f"target={path}"]) == 2
    assert "cannot be read as an image" in capsys.readouterr().err


def test_a_table_is_windowed_like_the_data(table):
    path, data, _, node = table
    found = read_targets(str(path), data, node, 3, 0)
    values = np.loadtxt(path, delimiter=",", skiprows=1)
    known = data.spec.known_steps
    last = torch.from_numpy(values[-8 - known :].T)[None]
    assert torch.equal(found.x[-1:], data.spec.from_units(last))
    assert len(found) == 3
    assert found.names[-1] == "rows 112 to 119"
    # Windows follow one another without overlap.
    before = torch.from_numpy(values[-16 - known : -8].T)[None]
    assert torch.equal(found.x[-2:-1], data.spec.from_units(before))


def test_a_series_run(table, tmp_path, capsys):
    path, _, run, _ = table
    assert main([str(run), *FAST, f"target={path}", f"output={tmp_path / 'o'}"]) == 0
    assert "NRMSE" in capsys.readouterr().out
    short = tmp_path / "short.csv"
    short.write_text("open,close\n1,2\n2,3\n")
    assert main([str(run), f"target={short}"]) == 2
    assert "2 rows; expected 8 or more" in capsys.readouterr().err
    other = tmp_path / "other.csv"
    other.write_text("open,volume\n" + "1,2\n" * 9)
    assert main([str(run), f"target={other}"]) == 2
    assert "close" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["target=nothing.png"], "no such file"),
        (["target=heldout:9999"], "expected a row from 0 to"),
        (["target=heldout:x"], "expected row numbers"),
        (["n=0"], "n=0: expected 1 or more"),
        (["weight=nan"], "weight=nan"),
        (["penalty=strict"], "typical, likely"),
        (["features=pixels2"], "features=pixels2"),
        (["label=eleven"], "eleven"),
        (["recovery=true", "n=1"], "n=1: expected 2 or more"),
        (["polsh=3"], "did you mean 'polish'"),
    ],
)
def test_mistakes_are_named_in_one_line(run, capsys, words, message):
    assert main([str(run), *words]) == 2
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1


def test_the_best_class_and_an_encoder(run, tmp_path, capsys, monkeypatch):
    brief = partial(invert_study.remembered_encoder, steps=5)
    monkeypatch.setattr(invert_study, "remembered_encoder", brief)
    words = [*FAST, "label=any", "encoder=true", "features=random", f"output={tmp_path}"]
    assert main([str(run), *words]) == 0
    assert len(list(tmp_path.glob("encoder-*.safetensors"))) == 1
    assert "class of the target" in capsys.readouterr().out
