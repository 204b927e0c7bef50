import csv
import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from gan_lab import load
from gan_lab.cli.explore.__main__ import main
from gan_lab.cli.explore.directions import terms
from gan_lab.errors import UserError
from gan_lab.explore.direction import load_directions, move
from gan_lab.explore.jacobian import jacobian
from gan_lab.export.portable import save_generator
from gan_lab.latent import Normal
from gan_lab.metrics.features.extractor import weights_digest
from gan_lab.networks import lstm, mlp
from gan_lab.spec import DataSpec

IMAGES = DataSpec(
    "toy", "images", 1, (8, 8), classes=("zero", "one"), scale=(8.0,), offset=(8.0,),
    bounds=(0.0, 16.0), integer=True,
)  # fmt: skip
SERIES = DataSpec("toy", "series", 2, (12,), channel_names=("open", "close"))
POINTS = DataSpec("toy", "points", 2, (), channel_names=("x", "y"))
FEW = {"n": "400", "jacobians": "8", "bases": "4", "top": "3", "steps": "5"}
KINDS = {
    "images": (IMAGES, "gan_lab.networks.mlp.Generator", mlp.Generator, 6),
    "series": (SERIES, "gan_lab.networks.lstm.Generator", lstm.Generator, 6),
    "points": (POINTS, "gan_lab.networks.mlp.Generator", mlp.Generator, 2),
}


def unconditional(spec, dim, **options):
    return mlp.Generator(spec, dim, conditional=False, **options)


def run_folder(folder, kind, seed=0, **options):
    """A run with an untrained generator."""
    spec, target, network, dim = KINDS[kind]
    torch.manual_seed(seed)
    save_generator(
        folder / "generator",
        network=network(spec, dim, width=16),
        prior=Normal(dim),
        spec=spec,
        generator_config={"_target_": target, "width": 16, **options},
        latent_config={"_target_": "gan_lab.latent.normal.Normal", "dim": dim},
    )
    return folder


def explore(run, *words):
    given = FEW | dict(word.split("=", 1) for word in words)
    return main(["directions", str(run), *(f"{key}={value}" for key, value in given.items())])


def saved(run):
    return load_directions(run / "explore" / "directions.json", weights_digest(load(run).network))


@pytest.mark.parametrize("kind", KINDS)
def test_every_modality_gets_its_files(tmp_path, capsys, kind):
    run = run_folder(tmp_path / "run", kind)
    assert explore(run) == 0
    printed = capsys.readouterr().out
    for suffix in ("png", "csv", "npz"):
        assert str(run / "explore" / f"directions-jacobian.{suffix}") in printed
    with (run / "explore" / "directions-jacobian.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows][-1] == "random"
    with np.load(run / "explore" / "directions-jacobian.npz") as arrays:
        assert arrays["samples"].shape[:3] == (len(rows), 4, 5)
        assert arrays["amounts"].tolist() == [-3, -1.5, 0, 1.5, 3]


def test_the_files_say_what_the_generator_does(tmp_path):
    run = run_folder(tmp_path / "run", "series")
    assert explore(run) == 0
    generator, found = load(run), saved(run)
    j = jacobian(generator.decoder(), generator.latents(400)[:8]).double()
    metric = torch.einsum("bpi,bpj->ij", j, j) / 8
    values, vectors = torch.linalg.eigh(metric)
    for k, direction in enumerate(found):
        assert abs(float(direction.vector.double() @ vectors[:, -1 - k])) > 1 - 1e-5
        assert direction.explained == pytest.approx(float(values[-1 - k] / values.sum()), abs=1e-5)
    with np.load(run / "explore" / "directions-jacobian.npz") as arrays:
        z = torch.from_numpy(arrays["latents"])
        amounts = torch.from_numpy(arrays["amounts"])
        moved = move(generator.prior, z[0, :, 2], found[0], amounts)
        assert torch.allclose(moved, z[0], atol=1e-6)
        x = generator.spec.to_window_units(generator.generate(z[0].flatten(0, 1)))
        samples = torch.from_numpy(arrays["samples"][0]).flatten(0, 1)
        assert torch.allclose(x, samples, atol=1e-6)


def test_methods_add_to_one_file_and_compose(tmp_path, capsys):
    run = run_folder(tmp_path / "run", "images")
    assert explore(run, "method=sefa", "names=first") == 0
    assert explore(run, "method=supervised", "attribute=slant", "given=brightness") == 0
    assert explore(run, "method=compose", "of=slant-0.5*first", "names=mix") == 0
    found = {direction.name: direction for direction in saved(run)}
    assert list(found) == ["first", "sefa2", "sefa3", "slant", "mix"]
    assert found["slant"].facts["given"] == ["brightness"]
    expected = found["slant"].vector - 0.5 * found["first"].vector
    assert torch.allclose(found["mix"].vector, expected / expected.norm(), atol=1e-6)
    assert explore(run, "method=compose", "of=mix", "given=first", "names=rest") == 0
    rest = {direction.name: direction for direction in saved(run)}["rest"]
    assert abs(float(rest.vector @ found["first"].vector)) < 1e-6
    capsys.readouterr()


@pytest.mark.parametrize(
    "words", [("method=local", "at=2"), ("method=ganspace", "layer=body.hidden.0"),
              ("method=random",), ("way=sketch",), ("way=rows", "label=one")],
)  # fmt: skip
def test_other_methods_run(tmp_path, capsys, words):
    run = run_folder(tmp_path / "run", "images")
    assert explore(run, *words) == 0
    found = saved(run)
    assert len(found) == 3
    assert all(0 <= direction.explained <= 1 for direction in found)
    capsys.readouterr()


def test_the_same_seed_gives_the_same_bytes(tmp_path, capsys):
    run = run_folder(tmp_path / "run", "images")
    for name in ("a", "b"):
        assert explore(run, "method=ganspace", f"output={tmp_path / name}") == 0
    for suffix in ("png", "csv"):
        first, second = (tmp_path / k / f"directions-ganspace.{suffix}" for k in "ab")
        assert first.read_bytes() == second.read_bytes()
    first, second = (tmp_path / k / "directions.json" for k in "ab")
    assert first.read_bytes() == second.read_bytes()
    capsys.readouterr()


@pytest.mark.parametrize(
    ("kind", "words", "message"),
    [
        ("series", ("method=sefa",), "sefa does not suit recurrent generators"),
        ("series", ("method=supervised", "attribute=slant"), "no attribute 'slant'"),
        ("series", ("method=supervised",), "method=supervised needs attribute="),
        ("series", ("attribute=trend",), "attribute=trend goes with method=supervised"),
        ("series", ("method=jacobean",), "method=jacobean: expected one of jacobian"),
        ("series", ("way=forward",), "use way=columns"),
        ("series", ("steps=4",), "expected an odd number"),
        ("series", ("names=1a",), "expected a letter"),
        ("series", ("names=a,b,c,d",), "4 names for 3 directions"),
        ("series", ("toop=3",), "did you mean 'top'"),
        ("series", ("label=3",), "unconditional"),
        ("series", ("method=compose", "of=a"), "is missing"),
        ("series", ("method=compose", "of=a+*b"), "expected a sum"),
        ("series", ("method=supervised", "attribute=trend", "given=trend"), "nothing is left"),
        ("images", ("method=ganspace", "layer=bdy"), "no layer 'bdy'"),
        ("images", ("label=7",), "label"),
        ("images", ("method=supervised", "attribute=class:one"), "takes its class as label=one"),
    ],
)
def test_bad_words_get_one_line(tmp_path, capsys, kind, words, message):
    run = run_folder(tmp_path / "run", kind)
    assert explore(run, *words) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert message in error
    assert error.count("\n") == 1
    assert not (run / "explore").exists()


def test_directions_of_another_generator_are_refused(tmp_path, capsys):
    first, second = (run_folder(tmp_path / name, "points", k) for k, name in enumerate("ab"))
    assert explore(first) == 0
    capsys.readouterr()
    assert explore(second, f"output={first / 'explore'}") == 2
    assert "belongs to a generator with weights" in capsys.readouterr().err


def test_the_json_is_plain(tmp_path, capsys):
    run = run_folder(tmp_path / "run", "points")
    assert explore(run) == 0
    capsys.readouterr()
    content = json.loads((run / "explore" / "directions.json").read_text())
    assert content["weights"] == weights_digest(load(run).network)
    assert set(content["directions"][0]["facts"]["moves"]) == {"x", "y", "radius"}


def test_sums_are_read_as_written():
    assert terms("a") == [(1.0, "a")]
    assert terms("-2*volatility:close + .5*b1") == [(-2.0, "volatility:close"), (0.5, "b1")]
    for text in ("", "a b", "2a", "a+", "a**b"):
        with pytest.raises(UserError, match="expected a sum"):
            terms(text)


class BrightIsOne:
    """A classifier that calls bright images `one`."""

    def probabilities(self, x):
        one = torch.sigmoid(20 * x.flatten(1).mean(1))
        return torch.stack([1 - one, one], 1)


class Data:
    train = held_out = None

    def setup(self):
        pass


def test_a_class_is_found_through_the_classifier_of_the_runs_own_data(
    tmp_path, capsys, monkeypatch
):
    spec = replace(IMAGES, name="free")
    monkeypatch.setitem(KINDS, "free", (spec, KINDS["images"][1], unconditional, 6))
    run = run_folder(tmp_path / "run", "free", conditional=False)
    module = "gan_lab.cli.explore.directions_attributes"
    monkeypatch.setattr(f"{module}.data_of", lambda run, trust: Data())
    monkeypatch.setattr(f"{module}.fitted", lambda train, held_out: BrightIsOne())
    assert explore(run, "method=supervised", "attribute=class:one,brightness", "n=2000") == 0
    one, bright = saved(run)
    assert float(one.vector @ bright.vector) > 0.95
    assert one.facts["moves"]["class:one"]["rho"] > 0.95
    assert explore(run, "method=supervised", "attribute=class:two") == 2
    assert "no class 'two'; classes: zero, one" in capsys.readouterr().err
