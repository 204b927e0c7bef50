"""`gan-lab explore arithmetic` on a generator whose latents are the samples themselves."""

import csv
from collections import Counter

import numpy as np
import pytest
import torch
import yaml
from PIL import Image

from gan_lab.cli.explore.arithmetic import main
from gan_lab.data.digits8 import Digits8
from gan_lab.evaluation import classifier
from gan_lab.export.portable import load, save_generator
from gan_lab.latent.normal import Normal
from gan_lab.networks.mlp import Generator


@pytest.fixture(scope="module")
def digits():
    data = Digits8()
    data.setup()
    return data


def principal(data, dim):
    """The mean digit and its principal components, before the network's last tanh.

    Two leaky units per latent coordinate are linear together: r(v) - r(-v) = 1.2 v, slope 0.2.
    """
    u = data.train.x.flatten(1).clamp(-0.95, 0.95).atanh()
    _, scale, axes = torch.linalg.svd(u - u.mean(0), full_matrices=False)
    rows = scale[:dim, None] / len(u) ** 0.5 * axes[:dim] / 1.2
    network = Generator(data.spec, dim, width=2 * dim, depth=1, conditional=False)
    first, bias, last, mean = network.parameters()
    with torch.no_grad():
        first.copy_(torch.cat([torch.eye(dim), -torch.eye(dim)]))
        bias.zero_()
        last.copy_(torch.cat([rows, -rows]).T)
        mean.copy_(u.mean(0))
    return network


@pytest.fixture(scope="module")
def run(tmp_path_factory, digits):
    folder = tmp_path_factory.mktemp("runs") / "principal"
    save_generator(
        folder / "generator",
        network=principal(digits, 32),
        prior=Normal(dim=32),
        spec=digits.spec,
        generator_config={
            "_target_": "gan_lab.networks.mlp.Generator", "width": 64, "depth": 1,
            "conditional": False,
        },
        latent_config={"_target_": "gan_lab.latent.normal.Normal", "dim": 32},
    )  # fmt: skip
    node = {"_target_": "gan_lab.data.digits8.Digits8"}
    (folder / "config.yaml").write_text(yaml.safe_dump({"data": node}))
    return folder


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.setattr(classifier, "EPOCHS", 2)
        yield


def test_real_threes_minus_ones_plus_ones_are_threes(run, capsys):
    words = ["a=3", "b=1", "c=1", "from=real", "n=12", "restarts=2"]
    assert main([str(run), *words]) == 0
    assert "a - b + c" in capsys.readouterr().out
    with (run / "explore" / "arithmetic.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["operand"] == "a - b + c"]
    assert len(rows) == 12
    judged = Counter(row["judged"] for row in rows)
    assert judged.most_common(1)[0][0] == "3"
    arrays = np.load(run / "explore" / "arithmetic.npz")
    c, moved = arrays["c_z"], arrays["result_z"]
    assert np.allclose(np.linalg.norm(c, axis=1), np.linalg.norm(moved, axis=1), rtol=1e-5)
    with Image.open(run / "explore" / "arithmetic.png") as sheet:
        assert sheet.width > 300


def test_brightness_can_be_added(run, capsys):
    words = ["a=brightness:high", "b=brightness:low", "c=brightness:low", "n=30"]
    assert main([str(run), *words]) == 0
    out = capsys.readouterr().out
    moved = float(out.split("the result moved by ")[1].split()[0])
    wanted = float(out.split("a - b is ")[1].split(";")[0])
    assert moved > 0.4 * wanted > 0


def test_between_two_real_digits(run, capsys):
    assert main([str(run), "between=heldout:3,heldout:8", "steps=5", "restarts=2"]) == 0
    assert "judged" in capsys.readouterr().out
    arrays = np.load(run / "explore" / "between.npz")
    generator = load(run)
    assert arrays["z"].shape == (1, 5, 32)
    made = generator.generate(torch.from_numpy(arrays["z"][0]))
    assert np.allclose(made.numpy(), arrays["x"][0], atol=1e-5)
    t = torch.linspace(0, 1, 5)
    ends = torch.from_numpy(arrays["z"][0][[0, -1]])
    path = generator.prior.interpolate(ends[:1], ends[1:], t)
    assert np.allclose(arrays["z"], path.numpy(), atol=1e-6)


def test_single_samples_are_those_of_the_seed(run, tmp_path):
    words = ["a=sample:4", "b=sample:4", "c=sample:9,1", f"output={tmp_path}", "seed=3"]
    assert main([str(run), *words]) == 0
    arrays = np.load(tmp_path / "arithmetic.npz")
    assert np.array_equal(arrays["c_z"], load(run).latents(10, 3)[[9, 1]].numpy())
    assert np.allclose(arrays["result_z"], arrays["c_z"], atol=1e-6)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["a=3", "b=1"], "give a=, b= and c="),
        (["a=3", "b=1", "c=7", "between=heldout:1,heldout:2"], "not both"),
        (["a=3", "b=1", "c=eleven"], "eleven: no such class"),
        (["a=3", "b=1", "c=weight:high"], "no attribute 'weight'"),
        (["a=3", "b=1", "c=3/thickness"], "CLASS/ATTRIBUTE:high"),
        (["a=3", "b=1", "c=sample:x"], "expected numbers"),
        (["a=3", "b=1", "c=heldout:9999"], "expected a row from 0"),
        (["between=heldout:1"], "expected pairs"),
        (["a=3", "b=1", "c=7", "from=dreams"], "from=dreams"),
        (["a=3", "b=1", "c=7", "share=0.9"], "share=0.9"),
    ],
)
def test_mistakes_are_named_in_one_line(run, capsys, words, message):
    assert main([str(run), *words]) == 2
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1
