"""Classes and functions that a run folder of a stranger may name."""

from pathlib import Path

import pytest

from gan_lab.cli.build import plain_config
from gan_lab.cli.compose import compose
from gan_lab.config import CONFIG_DIR
from gan_lab.errors import UserError
from gan_lab.export.targets import require_known_targets

HOSTILE = [
    "os.system", "os.mkdir", "subprocess.run", "builtins.eval", "builtins.exec", "eval", "",
    "torch.load", "torch.hub.load", "torch.nn.functional.torch.load", "torch.nn.Module.apply",
    "torch.nn.modules.module.torch.load", "torch.optim.torch.load", "torch.optim.Adam.step",
    "torch.optim.lr_scheduler.warnings.warn", "torch.nn.functional.handle_torch_function",
    "torch.nn.utils.clip_grad_norm_", "torch.serialization.load", "torch.nn", "torch.nn_evil.X",
    "numpy.load", "joblib.load", "pickle.loads", "yaml.unsafe_load", "sympy.sympify",
    "pandas.read_pickle", "importlib.import_module", "runpy.run_path", "shutil.rmtree",
    "hydra.utils.call", "hydra.utils.instantiate", "hydra._internal.instantiate._instantiate2.call",
    "logging.FileHandler", "logging.config.dictConfig", "pathlib.Path.write_text",
    "gan_lab.atomic.write_atomically", "gan_lab.atomic.sweep", "gan_lab.cli.run.run",
    "gan_lab.cli.main.main", "gan_lab.export.portable.load", "gan_lab.export.node.build",
    "gan_lab.callbacks.resume.cut_events", "gan_lab.callbacks.checkpoint.remove_checkpoint",
    "gan_lab.callbacks.checkpoint.Path", "gan_lab.data.torchvision.socket.setdefaulttimeout",
    "gan_lab.data.emoji.write_atomically", "gan_lab.objectives.torch.load",
    "gan_lab.regularizers.gradient.torch.load", "gan_lab.networks.mlp.torch.load",
    "gan_lab.networks.mlp.nn", "gan_lab.networks_evil.X", "gan_lab.metrics.features.inception.x",
    "gan_lab..networks.mlp.Generator", "gan_lab.networks.mlp.Generator.forward",
    "gan_lab.networks.mlp.Generator.__init__", "gan_lab.networks", "evil_module.Run",
]  # fmt: skip


@pytest.mark.parametrize("target", HOSTILE)
def test_a_hostile_target_is_refused(target):
    for config in ({"model": {"_target_": target}}, {"a": [{"b": [1, {"_target_": target}]}]}):
        with pytest.raises(UserError, match="trust=true"):
            require_known_targets(config, "config.yaml")


def test_nothing_foreign_is_imported_even_to_look(tmp_path, monkeypatch):
    (tmp_path / "evil_module.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(UserError, match="evil_module"):
        require_known_targets({"callbacks": {"x": {"_target_": "evil_module.Run"}}}, "x")
    assert not (tmp_path / "ran").exists()


def test_a_name_that_comes_last_is_seen_before_the_first_is_imported(monkeypatch):
    import importlib

    asked = []
    monkeypatch.setattr(importlib, "import_module", lambda name: asked.append(name))
    config = [{"_target_": "gan_lab.networks.mlp.Generator"}, {"_target_": "os.system"}]
    with pytest.raises(UserError, match=r"os\.system"):
        require_known_targets(config, "x")
    assert asked == []


@pytest.mark.parametrize("value", ["${oc.env:HOME}", "a ${seed} b", "${hydra:run.dir}"])
def test_values_from_elsewhere_are_refused(value):
    with pytest.raises(UserError, match=r"name '.*' takes its value from elsewhere"):
        require_known_targets({"seed": 0, "name": value}, "config.yaml")


@pytest.mark.parametrize("value", [7, None, ["os.system"], {"_target_": "os.system"}])
def test_a_target_that_is_no_text(value):
    with pytest.raises(UserError):
        require_known_targets({"_target_": value}, "config.yaml")


ALLOWED = [
    "gan_lab.networks.mlp.Generator", "gan_lab.objectives.rpgan.critic", "torch.optim.Adam",
    "gan_lab.regularizers.gradient.r1", "torch.nn.LeakyReLU", "gan_lab.model.gan.GAN",
    "gan_lab.networks.autoencoder.mlp_critic", "torch.optim.lr_scheduler.LinearLR",
    "gan_lab.data.table.Table", "gan_lab.transforms.Log", "gan_lab.schedule.Cosine",
]  # fmt: skip


@pytest.mark.parametrize("target", ALLOWED)
def test_what_runs_name_is_allowed(target):
    require_known_targets({"x": {"_target_": target}}, "config.yaml")


CONF = Path(CONFIG_DIR)
GROUPS = sorted(
    (path.parent.name, path.stem)
    for group in CONF.iterdir()
    if group.is_dir() and group.name not in ("experiment", "hydra")
    for path in group.glob("*.yaml")
)


def test_every_shipped_choice_is_allowed():
    import yaml

    for group, choice in GROUPS:
        text = (CONF / group / f"{choice}.yaml").read_text()
        require_known_targets(yaml.safe_load(text.replace("${", "$ {")), f"{group}/{choice}")


@pytest.mark.slow
def test_every_shipped_experiment_is_allowed():
    for path in sorted((CONF / "experiment").glob("*.yaml")):
        require_known_targets(plain_config(compose([f"experiment={path.stem}"])), path.stem)
