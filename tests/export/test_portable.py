import json
import os
import subprocess
import sys

import pytest
import torch
import yaml
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn.utils import parametrizations

import gan_lab
from gan_lab.errors import UserError
from gan_lab.export.portable import load, save_generator
from gan_lab.latent import Categorical, Normal, Product
from gan_lab.networks.mlp import Generator
from gan_lab.spec import DataSpec

POINTS = DataSpec("ring", "points", 2, scale=(2.0,), offset=(1.0,))
DIGITS = DataSpec(
    "digits",
    "images",
    1,
    (4, 4),
    classes=("zero", "one", "two"),
    scale=(127.5,),
    offset=(127.5,),
    bounds=(0.0, 255.0),
    integer=True,
)
NODE = {"_target_": "gan_lab.networks.mlp.Generator", "width": 8}
LATENT = {"_target_": "gan_lab.latent.normal.Normal", "dim": 3}


def export(folder, spec=POINTS, **arguments):
    network = Generator(spec, 3, width=8)
    parts = {
        "network": network,
        "prior": Normal(3),
        "generator_config": NODE,
        "latent_config": LATENT,
        **arguments,
    }
    return save_generator(folder, spec=spec, **parts), parts["network"].eval()


def edit(folder, **changes):
    config = yaml.safe_load((folder / "config.yaml").read_text())
    (folder / "config.yaml").write_text(yaml.safe_dump({**config, **changes}))


def test_round_trip_is_bit_for_bit(tmp_path):
    folder, network = export(tmp_path / "generator")
    loaded = load(folder)
    z = loaded.latents(5, seed=4)
    with torch.no_grad():
        assert torch.equal(loaded.generate(z), network(z))
    assert loaded.spec == POINTS
    assert not loaded.network.training
    assert sorted(f.name for f in folder.iterdir()) == [
        "config.yaml",
        "generator.safetensors",
        "spec.json",
    ]


def test_run_folder_and_package_function_find_the_generator(tmp_path):
    export(tmp_path / "generator")
    assert gan_lab.load(str(tmp_path)).folder == tmp_path / "generator"


def test_loading_leaves_the_global_random_state(tmp_path):
    folder, _ = export(tmp_path)
    before = torch.get_rng_state()
    load(folder).sample(3)
    assert torch.equal(torch.get_rng_state(), before)


def test_samples_are_in_original_units(tmp_path):
    loaded = load(export(tmp_path)[0])
    x = loaded.generate(loaded.latents(6, seed=2))
    torch.testing.assert_close(loaded.sample(6, seed=2), 2 * x + 1)


def test_sample_depends_on_the_seed_and_not_on_the_batch_size(tmp_path):
    loaded = load(export(tmp_path, DIGITS)[0])
    x = loaded.sample(10, seed=1)
    assert x.dtype == torch.uint8
    assert x.shape == (10, 1, 4, 4)
    assert torch.equal(x, loaded.sample(10, seed=1))
    assert not torch.equal(x, loaded.sample(10, seed=2))
    assert (x.int() - loaded.sample(10, seed=1, batch_size=3).int()).abs().max() <= 1


def test_truncation_zero_gives_the_centre_sample(tmp_path):
    loaded = load(export(tmp_path)[0])
    centre = loaded.spec.to_units(loaded.generate(torch.zeros(1, 3)))
    torch.testing.assert_close(loaded.sample(4, truncation=0.0), centre.expand(4, 2))


def test_label_by_name_number_and_list_agree(tmp_path):
    loaded = load(export(tmp_path, DIGITS)[0])
    by_number = loaded.sample(3, label=2)
    for label in ("two", ["two", 2, "two"], torch.tensor([2, 2, 2])):
        assert torch.equal(loaded.sample(3, label=label), by_number)
    assert not torch.equal(loaded.sample(3, label=0), by_number)


def test_labels_are_drawn_evenly_from_the_seed(tmp_path):
    loaded = load(export(tmp_path, DIGITS)[0])
    labels = loaded.labels(3000, seed=0)
    assert torch.equal(labels, loaded.labels(3000, seed=0))
    standard_error = (3000 * 2 / 9) ** 0.5
    assert (labels.bincount(minlength=3) - 1000).abs().max() < 5 * standard_error


@pytest.mark.parametrize("label", [3, -1, "ten", ["one", "ten", 0], True])
def test_unknown_class_is_refused_with_the_choices(tmp_path, label):
    loaded = load(export(tmp_path, DIGITS)[0])
    with pytest.raises(UserError, match="zero, one, two"):
        loaded.sample(3, label=label)


def test_wrong_requests_are_refused(tmp_path):
    conditional, plain = load(export(tmp_path / "a", DIGITS)[0]), load(export(tmp_path / "b")[0])
    with pytest.raises(UserError, match="unconditional"):
        plain.sample(3, label=0)
    with pytest.raises(UserError, match="2 labels for 3 samples"):
        conditional.sample(3, label=[0, 1])
    with pytest.raises(UserError, match="needs a label"):
        conditional.generate(conditional.latents(2))
    with pytest.raises(UserError, match="expected 3"):
        plain.generate(torch.zeros(1, 4))
    with pytest.raises(UserError, match="n is 0"):
        plain.sample(0)


def test_unconditional_network_of_labelled_data(tmp_path):
    node = {**NODE, "conditional": False}
    network = Generator(DIGITS, 3, width=8, conditional=False)
    loaded = load(export(tmp_path, DIGITS, network=network, generator_config=node)[0])
    assert loaded.classes == ()
    assert loaded.sample(2).shape == (2, 1, 4, 4)


def test_nested_priors_are_rebuilt(tmp_path):
    priors = [
        {**LATENT, "dim": 2},
        {"_target_": "gan_lab.latent.categorical.Categorical", "dim": 4},
    ]
    folder, _ = export(
        tmp_path,
        network=Generator(POINTS, 6, width=8),
        prior=Product([Normal(2), Categorical(4)]),
        latent_config={"_target_": "gan_lab.latent.product.Product", "priors": priors},
    )
    loaded = load(folder)
    assert [type(prior) for prior in loaded.prior.priors] == [Normal, Categorical]
    assert loaded.sample(3).shape == (3, 2)


def test_to_leaves_the_original_where_it_is(tmp_path):
    loaded = load(export(tmp_path)[0])
    assert loaded.to("meta").device.type == "meta"
    assert loaded.device.type == "cpu"


def test_config_keeps_what_the_run_adds(tmp_path):
    folder, _ = export(tmp_path, extra={"seed": 7, "versions": {"torch": torch.__version__}})
    assert load(folder).config["extra"]["versions"] == {"torch": str(torch.__version__)}
    with pytest.raises(UserError, match="plain values"):
        export(tmp_path, extra={"bad": object()})


class Outside(nn.Module):
    """A user's own network, under spectral norm."""

    def __init__(self, spec, latent_dim):
        super().__init__()
        self.layer = parametrizations.spectral_norm(nn.Linear(latent_dim, spec.channels))

    def forward(self, z, label=None):
        return self.layer(z)


def test_foreign_class_needs_trust_and_spectral_norm_is_folded_in(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "foreign", sys.modules[__name__])
    network = Outside(POINTS, 3)
    for _ in range(3):
        network(torch.randn(2, 3))  # power iterations
    node = {"_target_": "foreign.Outside"}
    folder, network = export(tmp_path, network=network, generator_config=node)
    with pytest.raises(UserError, match="trust=True"):
        load(folder)
    loaded = load(folder, trust=True)
    z = loaded.latents(4)
    with torch.no_grad():
        assert torch.equal(loaded.generate(z), network(z))
    assert sorted(load_file(folder / "generator.safetensors")) == ["layer.bias", "layer.weight"]
    assert hasattr(network.layer, "parametrizations")


EVIL = [
    "os.system",
    "torch.nn.functional.torch.load",
    "gan_lab.export.portable.os.system",
    "gan_lab.networks.mlp.torch.load",
    "gan_lab.networks.mlp.nn",
    "gan_lab.networks.mlp.DataSpec",
    "gan_lab.networks.mlp.UserError",
    "gan_lab.networks.mlp.activation_named",
    "gan_lab.networks.mlp.math",
    "gan_lab.networks_evil.Generator",
    "gan_lab.networks..mlp.Generator",
    "gan_lab.networks.mlp.Generator.__init__",
    "gan_lab.networks",
    "gan_lab.latent.normal.Normal",
    "builtins.eval",
    "eval",
    "",
]


@pytest.mark.parametrize("target", EVIL)
def test_evil_target_is_refused_and_nothing_runs(tmp_path, monkeypatch, target):
    def forbidden(*args, **kwargs):
        raise AssertionError("was run")

    folder, _ = export(tmp_path)
    edit(folder, generator={"_target_": target, "command": f"touch {tmp_path}/ran"})
    monkeypatch.setattr(os, "system", forbidden)
    monkeypatch.setattr(torch, "load", forbidden)
    with pytest.raises(UserError, match="generator"):
        load(folder)
    assert not (tmp_path / "ran").exists()


def test_evil_module_is_not_even_imported(tmp_path, monkeypatch):
    folder, _ = export(tmp_path)
    (tmp_path / "evil_module.py").write_text("raise SystemExit('imported')\n")
    monkeypatch.syspath_prepend(tmp_path)
    nested = {**LATENT, "dim": {"_target_": "evil_module.f"}}
    for change in ({"generator": {"_target_": "evil_module.f"}}, {"latent": nested}):
        edit(folder, **change)
        with pytest.raises(UserError, match="evil_module"):
            load(folder)
        assert "evil_module" not in sys.modules


def test_python_tags_in_yaml_are_refused(tmp_path):
    folder, _ = export(tmp_path)
    (folder / "config.yaml").write_text(f"!!python/object/apply:os.system ['touch {tmp_path}/ran']")
    with pytest.raises(UserError, match=r"config.yaml"):
        load(folder)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("name", ["config.yaml", "spec.json", "generator.safetensors"])
@pytest.mark.parametrize("damage", ["missing", "empty", "truncated", "binary"])
def test_missing_or_damaged_file_is_named(tmp_path, name, damage):
    file = export(tmp_path)[0] / name
    content = file.read_bytes()
    file.unlink()
    broken = {"empty": b"", "truncated": content[: len(content) // 3], "binary": b"\xff\x00" * 99}
    if damage != "missing":
        file.write_bytes(broken[damage])
    with pytest.raises(UserError, match=name):
        load(tmp_path)


def test_missing_folder_is_named(tmp_path):
    with pytest.raises(UserError, match="nowhere is no generator"):
        load(tmp_path / "nowhere")


def test_unknown_format_is_refused(tmp_path):
    folder, _ = export(tmp_path)
    edit(folder, format_version=99)
    with pytest.raises(UserError, match="format_version 99"):
        load(folder)


def test_weights_that_do_not_fit_are_refused(tmp_path):
    folder, _ = export(tmp_path)
    edit(folder, generator={**NODE, "width": 9})
    with pytest.raises(UserError, match=r"generator.safetensors does not fit"):
        load(folder)
    save_file({"x": torch.ones(1)}, folder / "generator.safetensors")
    with pytest.raises(UserError, match=r"generator.safetensors does not fit"):
        load(folder)


def test_unknown_argument_is_refused(tmp_path):
    folder, _ = export(tmp_path)
    edit(folder, generator={**NODE, "breadth": 9})
    with pytest.raises(UserError, match="breadth"):
        load(folder)


def test_spec_of_wrong_types_is_refused(tmp_path):
    folder, _ = export(tmp_path)
    spec = json.loads((folder / "spec.json").read_text())
    for change in ({"channels": "two"}, {"scale": ["x"]}, {"extra": 1}):
        (folder / "spec.json").write_text(json.dumps({**spec, **change}))
        with pytest.raises(UserError, match=r"spec.json"):
            load(folder)


def test_saving_again_replaces_every_file(tmp_path):
    export(tmp_path)
    folder, network = export(tmp_path)
    z = torch.randn(2, 3)
    with torch.no_grad():
        assert torch.equal(load(folder).generate(z), network(z))
    assert len(list(folder.iterdir())) == 3


def test_unwritable_folder_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be written"):
        export(tmp_path / "file" / "generator")


def test_loading_needs_neither_lightning_nor_hydra(tmp_path):
    folder, _ = export(tmp_path)
    code = (
        "import sys, gan_lab\n"
        "gan_lab.load(sys.argv[1]).sample(2)\n"
        "print([m for m in ('pytorch_lightning', 'hydra', 'torchvision') if m in sys.modules])"
    )
    command = [sys.executable, "-c", code, str(folder)]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
