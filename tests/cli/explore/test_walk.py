"""Every kind of walk on images, points and series: files, numbers, refusals."""

import csv

import numpy as np
import pytest
import torch
from PIL import Image

from gan_lab import load
from gan_lab.cli.explore.walk import KINDS, Options, check, main
from gan_lab.errors import UserError
from gan_lab.explore.direction import directions, save_directions
from gan_lab.export.portable import save_generator
from gan_lab.latent import Categorical, GaussianMixture, Normal, Product, Uniform
from gan_lab.metrics.features.extractor import weights_digest
from gan_lab.networks import lstm, mlp
from gan_lab.spec import DataSpec

LATENT = "gan_lab.latent"
DIGITS = DataSpec(
    "tiny", "images", 1, (4, 4), classes=("zero", "one", "two"), scale=(127.5,), offset=(127.5,),
    bounds=(0.0, 255.0), integer=True,
)  # fmt: skip
PLAIN = DataSpec("tiny", "images", 1, (4, 4))
POINTS = DataSpec("ring", "points", 2)
SERIES = DataSpec("walks", "series", 2, (6,))
NORMAL = {"_target_": f"{LATENT}.normal.Normal", "dim": 4}
INFO = {
    "_target_": f"{LATENT}.product.Product",
    "priors": [
        {"_target_": f"{LATENT}.normal.Normal", "dim": 3},
        {"_target_": f"{LATENT}.categorical.Categorical", "dim": 3},
        {"_target_": f"{LATENT}.uniform.Uniform", "dim": 1},
    ],
}
MIXTURE = {"_target_": f"{LATENT}.mixture.GaussianMixture", "dim": 4, "components": 2}
RUNS = {
    "digits": (DIGITS, mlp.Generator, Normal(4), NORMAL),
    "info": (PLAIN, mlp.Generator, Product([Normal(3), Categorical(3), Uniform(1)]), INFO),
    "mixture": (PLAIN, mlp.Generator, GaussianMixture(4, components=2), MIXTURE),
    "points": (POINTS, mlp.Generator, Normal(4), NORMAL),
    "series": (SERIES, lstm.Generator, Normal(4), NORMAL),
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Folders of untrained generators, by name."""
    base = tmp_path_factory.mktemp("runs")
    for name, (spec, network, prior, latent) in RUNS.items():
        torch.manual_seed(1)
        save_generator(
            base / name / "generator", network=network(spec, prior.dim, width=8), prior=prior,
            spec=spec, latent_config=latent,
            generator_config={"_target_": f"{network.__module__}.Generator", "width": 8},
        )  # fmt: skip
    return base


def walk(run, folder, **values):
    """Exit code, and what was written, by suffix."""
    usual = {"rows": 2, "steps": 3, "ppl": 0, "animation": "false", "output": folder}
    words = [f"{key}={value}" for key, value in {**usual, **values}.items()]
    code = main([str(run), *words])
    return code, {path.suffix: path for path in folder.glob("walk-*")} if folder.exists() else {}


def rows_of(path):
    with path.open() as file:
        return list(csv.DictReader(file))


CASES = [
    ("digits", "between"), ("digits", "volume"), ("digits", "classes"), ("digits", "truncation"),
    ("info", "codes"), ("points", "loop"), ("points", "plane"), ("points", "geodesic"),
    ("series", "coordinates"), ("series", "mix"),
]  # fmt: skip


MOVING = {("digits", "between"), ("digits", "volume"), ("info", "codes"), ("points", "geodesic")}
MOVING |= {("series", "coordinates")}


def test_every_kind_is_tried():
    assert {kind for _, kind in CASES} == set(KINDS)


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_files_and_numbers(name, kind, runs, tmp_path, capsys):
    moving = (name, kind) in MOVING
    code, found = walk(runs / name, tmp_path, kind=kind, animation=str(moving))
    out = capsys.readouterr().out
    assert code == 0
    assert set(found) == {".png", ".csv", ".npz"} | ({".webp"} if moving else set())
    assert all(str(path) in out for path in found.values())
    assert " of " in out
    assert "outside 1 to 99 %" in out
    if moving:
        with Image.open(found[".webp"]) as animation:
            assert animation.n_frames > 2
    with np.load(found[".npz"]) as saved:
        z, x = saved["z"], saved["x"]
        assert z.shape[:3] == x.shape[:3] == saved["gauge"].shape == saved["off_prior"].shape
        assert saved["output_steps"].shape == (*z.shape[:2], z.shape[2] - 1)
    table = rows_of(found[".csv"])
    assert len(table) == np.prod(z.shape[:3])
    written = np.array([[float(row[f"z{k}"]) for k in range(z.shape[3])] for row in table])
    np.testing.assert_allclose(written.reshape(z.shape), z, rtol=1e-6, atol=1e-8)


def test_samples_in_the_file_are_those_of_its_latents(runs, tmp_path):
    _, found = walk(runs / "digits", tmp_path, rows=3)
    generator = load(runs / "digits")
    with np.load(found[".npz"]) as saved:
        z, x = torch.from_numpy(saved["z"][0]), saved["x"][0]
    for row in range(3):
        expected = generator.spec.to_units(generator.generate(z[row], row))
        assert np.array_equal(x[row], expected.numpy())
    assert {row["label"] for row in rows_of(found[".csv"])} == {"0", "1", "2"}


def test_same_seed_same_bytes(runs, tmp_path):
    first = walk(runs / "points", tmp_path / "a", kind="between", seed=3)[1]
    again = walk(runs / "points", tmp_path / "b", kind="between", seed=3)[1]
    other = walk(runs / "points", tmp_path / "c", kind="between", seed=4)[1]
    for suffix in (".png", ".csv"):
        assert first[suffix].read_bytes() == again[suffix].read_bytes()
        assert first[suffix].read_bytes() != other[suffix].read_bytes()


def test_constant_speed_evens_the_steps(runs, tmp_path):
    def unevenness(**values):
        found = walk(runs / "points", tmp_path, rows=1, steps=6, **values)[1]
        steps = [float(row["output_step"]) for row in rows_of(found[".csv"]) if row["output_step"]]
        return np.std(steps) / np.mean(steps)

    assert unevenness(speed="constant") < 0.002 < unevenness(speed="prior")


def test_a_geodesic_tells_what_it_gains(runs, tmp_path, capsys):
    walk(runs / "points", tmp_path, kind="geodesic", rows=1, steps=5)
    line = next(line for line in capsys.readouterr().out.splitlines() if "energy" in line)
    before, after = (float(line.split()[k].strip(",")) for k in (3, 5))
    assert after < before


def test_path_lengths_are_told_for_both_paths(runs, tmp_path, capsys):
    walk(runs / "digits", tmp_path, ppl=30)
    out = capsys.readouterr().out
    assert "perceptual path length, 30 pairs, epsilon 0.0001, in values:" in out
    assert "prior's paths " in out
    assert "straight lines " in out


def test_jumps_and_blends_are_told(runs, tmp_path, capsys):
    walk(runs / "mixture", tmp_path, rows=8)
    assert " jumps" in capsys.readouterr().out
    walk(runs / "info", tmp_path, rows=8, blend="true")
    assert "latents that the prior cannot draw" in capsys.readouterr().out


def test_a_plane_along_coordinates_and_directions(runs, tmp_path, capsys):
    _, found = walk(runs / "digits", tmp_path, kind="plane", coordinates="1,3")
    with np.load(found[".npz"]) as saved:
        z = saved["z"][0]
    assert np.ptp(z[:, :, [0, 2]], axis=(0, 1)).max() == 0
    assert np.ptp(z[:, 0, 1]) > 4
    assert np.ptp(z[0, :, 3]) > 4
    generator = load(runs / "digits")
    folder = runs / "digits" / "explore"
    folder.mkdir(exist_ok=True)
    saved = directions(torch.eye(4)[:3], generator.prior, method="own")
    save_directions(folder / "directions.json", saved, weights_digest(generator.network))
    code, _ = walk(runs / "digits", tmp_path, kind="volume", directions="own1,own3,own2")
    assert code == 0
    assert walk(runs / "digits", tmp_path, kind="plane", directions="own1,own9")[0] == 2
    assert "no direction 'own9'; saved are: own1, own2, own3" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "values", "text"),
    [
        ("points", {"kind": "classes"}, "no classes"),
        ("points", {"kind": "codes"}, "one part"),
        ("points", {"kind": "mix"}, "whole latent at once"),
        ("digits", {"label": "nine"}, "label"),
        ("digits", {"kind": "classes", "label": "one"}, "leave label out"),
        ("digits", {"kind": "coordinates", "coordinates": "9"}, "coordinate 9 does not exist"),
        ("digits", {"kind": "coordinates", "coordinates": "x"}, "whole numbers"),
    ],
)
def test_walks_that_do_not_exist_are_refused_in_one_line(
    name, values, text, runs, tmp_path, capsys
):
    code, found = walk(runs / name, tmp_path / "out", **values)
    captured = capsys.readouterr()
    assert code == 2
    assert not found
    assert text in captured.err
    assert len(captured.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"kind": "walk"}, "kind=walk: expected one of between"),
        ({"speed": "fast"}, "speed=fast"),
        ({"features": "lpips"}, "features=lpips"),
        ({"steps": 1}, "steps=1: expected 2 or more"),
        ({"kind": "geodesic", "steps": 2}, "steps=2: expected 3 or more"),
        ({"kind": "plane", "rows": 1}, "rows=1: expected 2 or more"),
        ({"ppl": 1}, "ppl=1: expected 2 or more"),
        ({"penalty": -1.0}, "penalty=-1.0: expected 0 or more"),
        ({"truncation": 2.0}, "truncation=2.0"),
        ({"kind": "plane", "speed": "constant"}, "speed=constant goes with"),
        ({"coordinates": "1,2"}, "does not go with kind=between"),
        ({"kind": "plane", "coordinates": "1"}, "takes 2 of them"),
        ({"kind": "plane", "coordinates": "1,2", "directions": "a,b"}, "not both"),
    ],
)
def test_bad_values_are_refused_before_anything_is_loaded(values, text):
    with pytest.raises(UserError, match=text):
        check(Options(**values))
