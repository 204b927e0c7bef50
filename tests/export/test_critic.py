import sys

import pytest
import torch
import yaml
from torch import nn
from torch.nn.utils import parametrizations

from gan_lab.errors import UserError
from gan_lab.export.critic import load_critic, save_critic
from gan_lab.export.portable import load, save_generator
from gan_lab.latent import Normal
from gan_lab.networks.autoencoder import mlp_critic
from gan_lab.networks.mlp import Critic, Generator
from gan_lab.spec import DataSpec

POINTS = DataSpec("ring", "points", 2)
CLASSES = DataSpec("two", "points", 2, classes=("a", "b"))
NODE = {"_target_": "gan_lab.networks.mlp.Critic", "width": 8}


def export(folder, spec=POINTS, network=None, node=NODE, **options):
    save_generator(
        folder,
        network=Generator(spec, 3, width=8),
        prior=Normal(3),
        spec=spec,
        generator_config={"_target_": "gan_lab.networks.mlp.Generator", "width": 8},
        latent_config={"_target_": "gan_lab.latent.normal.Normal", "dim": 3},
    )
    network = network or Critic(spec, width=8)
    save_critic(folder, network=network, critic_config=node, **options)
    return network.eval()


def edit(folder, **changes):
    config = yaml.safe_load((folder / "critic.yaml").read_text())
    (folder / "critic.yaml").write_text(yaml.safe_dump({**config, **changes}))


def test_round_trip_is_bit_for_bit_and_lets_gradients_through(tmp_path):
    network = export(tmp_path)
    loaded = load_critic(tmp_path)
    x = torch.randn(1100, 2, requires_grad=True)
    logit = loaded.logits(x)
    assert torch.equal(logit, torch.cat([network(part) for part in x.split(500)]))
    logit.sum().backward()
    assert x.grad.abs().sum() > 0
    assert not any(p.requires_grad for p in loaded.network.parameters())


def test_a_conditional_critic_needs_labels_and_another_ignores_them(tmp_path):
    network = export(tmp_path, CLASSES)
    loaded, x, label = load_critic(tmp_path), torch.randn(4, 2), torch.tensor([0, 1, 1, 0])
    assert torch.equal(loaded.logits(x, label), network(x, label))
    with pytest.raises(UserError, match="label"):
        loaded.logits(x)
    node = {**NODE, "conditional": False}
    export(tmp_path, CLASSES, Critic(CLASSES, width=8, conditional=False), node)
    assert load_critic(tmp_path).logits(x, label).shape == (4,)


def test_a_generator_loads_with_and_without_a_critic(tmp_path):
    export(tmp_path)
    z = load(tmp_path).latents(3)
    before = load(tmp_path).generate(z)
    (tmp_path / "critic.yaml").unlink()
    (tmp_path / "critic.safetensors").unlink()
    assert torch.equal(load(tmp_path).generate(z), before)
    with pytest.raises(UserError, match="holds no critic"):
        load_critic(tmp_path)


def test_critics_that_reconstruct_load_without_trust(tmp_path):
    node = {"_target_": "gan_lab.networks.autoencoder.mlp_critic", "width": 8}
    network = export(tmp_path, network=mlp_critic(POINTS, width=8), node=node)
    x = torch.randn(3, 2)
    assert torch.equal(load_critic(tmp_path).logits(x), network(x))


def test_a_critic_of_packs_is_refused(tmp_path):
    export(tmp_path, pack=2)
    with pytest.raises(UserError, match="2 samples as one"):
        load_critic(tmp_path)


@pytest.mark.parametrize("target", ["os.system", "builtins.eval", "gan_lab.networks.mlp.math",
                                    "gan_lab.networks.mlp.activation_named",
                                    "gan_lab.networks.autoencoder.math"])  # fmt: skip
def test_foreign_names_are_refused(tmp_path, target):
    export(tmp_path)
    edit(tmp_path, critic={"_target_": target, "command": "touch ran"})
    with pytest.raises(UserError, match="critic"):
        load_critic(tmp_path)


class Outside(nn.Module):
    """A user's own critic, under spectral norm."""

    def __init__(self, spec):
        super().__init__()
        self.layer = parametrizations.spectral_norm(nn.Linear(spec.channels, 1))

    def forward(self, x, label=None):
        return self.layer(x)[:, 0]


def test_foreign_critics_need_trust_and_spectral_norm_is_folded_in(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "foreign_critic", sys.modules[__name__])
    network = export(tmp_path, network=Outside(POINTS), node={"_target_": "foreign_critic.Outside"})
    with pytest.raises(UserError, match="trust"):
        load_critic(tmp_path)
    x = torch.randn(3, 2)
    with torch.no_grad():
        assert torch.equal(load_critic(tmp_path, trust=True).logits(x), network(x))


@pytest.mark.parametrize("name", ["critic.yaml", "critic.safetensors"])
def test_damaged_files_are_named(tmp_path, name):
    export(tmp_path)
    (tmp_path / name).write_bytes(b"\xff\x00" * 99)
    with pytest.raises(UserError, match=name):
        load_critic(tmp_path)


def test_weights_that_do_not_fit_name_their_own_files(tmp_path):
    export(tmp_path)
    edit(tmp_path, critic={**NODE, "width": 9})
    with pytest.raises(UserError, match=r"critic.safetensors does not fit .* critic.yaml"):
        load_critic(tmp_path)
