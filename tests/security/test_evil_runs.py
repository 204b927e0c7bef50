"""A run folder of a stranger, through every command: whatever it holds, nothing of it is run."""

import hashlib
import importlib
import io
import json
import pickle
import shutil
import zipfile

import pytest
import torch
import yaml

import gan_lab
from gan_lab.cli import train
from gan_lab.errors import UserError

pytestmark = pytest.mark.slow
WORDS = [
    "experiment=smoke", "trainer.accelerator=cpu", "callbacks.interpolation=null",
    "callbacks.sample_grid=null", "callbacks.health=null",
]  # fmt: skip
MARK = "ran"


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """A run of two steps, found by its place below a folder."""
    folder = tmp_path_factory.mktemp("good")
    patch = pytest.MonkeyPatch()
    with patch.context() as here:
        here.chdir(folder)
        assert train.main(WORDS) == 0
    (config,) = folder.glob("outputs/smoke/*/config.yaml")
    return config.parent


class Touch:
    """Unpickled, it would leave a file."""

    def __reduce__(self):
        return (open, (MARK, "w"))


def edit_yaml(path, change):
    content = yaml.safe_load(path.read_text())
    change(content)
    path.write_text(yaml.safe_dump(content))


def put_checkpoint(run, content):
    folder = run / "checkpoints"
    digest = hashlib.sha256(content).hexdigest()
    lines = []
    for path in folder.glob("*.ckpt"):
        path.unlink()
        path.write_bytes(content)
        lines.append(f"{digest}  {path.name}\n")
    (folder / "SHA256SUMS").write_text("".join(lines))


def repickled(run, pickled, compression=zipfile.ZIP_STORED):
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(run / "checkpoints/last.ckpt") as old,
        zipfile.ZipFile(stream, "w", compression) as new,
    ):
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, pickled or content if name.endswith("data.pkl") else content)
    return stream.getvalue()


def command(name):
    return {"_target_": name, "command": f"touch {MARK}", "file": MARK, "path": MARK}


def generator_target(name):
    return lambda run: edit_yaml(
        run / "generator/config.yaml", lambda c: c.update(generator=command(name))
    )


def run_target(group, name):
    def change(content):
        content[group] = command(name)

    return lambda run: edit_yaml(run / "config.yaml", change)


def spec_target(run):
    path = run / "generator/spec.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "transform": command("os.system")}))


EVIL = {
    "checkpoint, legacy pickle": lambda run: put_checkpoint(run, pickle.dumps(Touch())),
    "checkpoint, pickle in a zip": lambda run: put_checkpoint(
        run, repickled(run, pickle.dumps(Touch(), 2))),
    "checkpoint, deflate bomb": lambda run: put_checkpoint(
        run, repickled(run, None, zipfile.ZIP_DEFLATED)),
    "generator, os.system": generator_target("os.system"),
    "generator, through torch.nn": generator_target("torch.nn.functional.torch.load"),
    "generator, own module": generator_target("evil_module.Run"),
    "generator, python in yaml": lambda run: (run / "generator/config.yaml").write_text(
        f"!!python/object/apply:os.system ['touch {MARK}']"),
    "generator, pickled weights": lambda run: (
        run / "generator/generator.safetensors").write_bytes(pickle.dumps(Touch())),
    "generator, code as transform": spec_target,
    "run, data of os.system": run_target("data", "os.system"),
    "run, callback of its own module": run_target("callbacks", "evil_module.Run"),
    "run, python in yaml": lambda run: (run / "config.yaml").write_text(
        f"!!python/object/apply:os.system ['touch {MARK}']"),
    "run, hydra's logging": lambda run: edit_yaml(run / "config.yaml", lambda c: c.update(
        hydra={"job_logging": {"handlers": {"x": {"()": "os.mkdir", "path": MARK}}}})),
    "run, a secret of the environment": lambda run: edit_yaml(
        run / "config.yaml", lambda c: c.update(name="${oc.env:GAN_LAB_SECRET}")),
    "critic, os.system": lambda run: (run / "generator/critic.yaml").write_text(yaml.safe_dump(
        {"format_version": 2, "pack": 1, "critic": command("os.system")})),
}  # fmt: skip
COMMANDS = {
    "sample": ["n=2"],
    "interpolate": [],
    "evaluate": ["weights=raw", "n=8"],
    "compare": [],
    "diagnose": [],
    "explore.walk": [],
    "train": None,
}


def run_command(name, run, out):
    if name == "load":
        try:
            return gan_lab.load(run).sample(2)
        except UserError:
            return 2
    if name == "explore.walk":
        module = importlib.import_module("gan_lab.cli.explore.__main__")
        return module.main(["walk", str(run)])
    module = importlib.import_module(f"gan_lab.cli.{name}")
    words = [f"resume={run}", "trainer.max_steps=3"] if name == "train" else [str(run)]
    return module.main([*words, *([str(run)] if name == "compare" else COMMANDS[name] or [])])


@pytest.mark.parametrize("name", ["load", *COMMANDS])
def test_nothing_of_a_strangers_run_is_run(good, tmp_path, monkeypatch, capsys, name):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GAN_LAB_SECRET", "s3cret")
    (tmp_path / "evil_module.py").write_text(f"open({MARK!r}, 'w')\ndef Run(**_): pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    for evil, spoil in EVIL.items():
        run = tmp_path / "stranger"
        shutil.copytree(good, run)
        spoil(run)
        code = run_command(name, run, tmp_path)
        told = capsys.readouterr()
        assert not list(tmp_path.rglob(MARK)), evil
        assert "Traceback" not in told.err, evil
        assert "s3cret" not in told.out + told.err, evil
        assert b"s3cret" not in b"".join(p.read_bytes() for p in run.rglob("*") if p.is_file())
        assert isinstance(code, torch.Tensor) or code in (0, 2), evil
        touches = {"load": "generator", "train": "run", "sample": "generator"}.get(name)
        if touches and evil.startswith(touches):
            assert isinstance(code, int), evil
            assert code == 2, (evil, told.out, told.err)
        if name == "train" and evil.startswith("checkpoint"):
            assert code == 2, evil
        shutil.rmtree(run)


def test_the_environment_cannot_switch_safety_off(good, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "1")
    assert train.main([f"resume={good}", "trainer.max_steps=3"]) == 2
    assert "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD is set" in capsys.readouterr().err


@pytest.mark.parametrize("place", ["http://evil.example/last.ckpt", "https://x/run", "s3://b/run"])
def test_no_url_is_opened(tmp_path, monkeypatch, capsys, place):
    import socket

    def connected(*args, **kwargs):
        raise AssertionError("was opened")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(socket.socket, "connect", connected)
    assert train.main([f"resume={place}"]) == 2
    assert importlib.import_module("gan_lab.cli.sample").main([place]) == 2
    assert "error: " in capsys.readouterr().err


def test_trust_opens_it_and_says_so(good, tmp_path, monkeypatch, capsys):
    """A user's own callback, in the folder where the command is typed."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_callback.py").write_text(
        "import pytorch_lightning as pl\n"
        "class Mine(pl.Callback):\n"
        "    def on_train_start(self, *_):\n"
        "        open('mine', 'w').close()\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    run = tmp_path / "mine_run"
    shutil.copytree(good, run)
    edit_yaml(run / "config.yaml", lambda c: c["callbacks"].update(
        mine={"_target_": "my_callback.Mine"}))  # fmt: skip
    words = [f"resume={run}", "trainer.max_steps=3"]
    assert train.main(words) == 2
    assert "trust=true" in capsys.readouterr().err
    assert not (tmp_path / "mine").exists()
    assert train.main([*words, "trust=true"]) == 0
    assert "runs whatever code" in capsys.readouterr().err
    assert (tmp_path / "mine").exists()


def test_what_is_shared_names_no_person_and_no_place(tmp_path, monkeypatch):
    """Checkpoint, generator and report of a run on data in a home folder, with a secret set."""
    from gan_lab.export.checkpoints import read_checkpoint
    from gan_lab.report.training import training_of

    home = tmp_path / "home/anna_schmidt"
    home.mkdir(parents=True)
    table = "a,b\n" + "".join(f"{k % 7}.5,{k % 5}.25\n" for k in range(99))
    (home / "prices.csv").write_text(table)
    monkeypatch.chdir(home)
    monkeypatch.setenv("USER", "anna_schmidt")
    monkeypatch.setenv("HF_TOKEN", "hf_s3cret")
    words = [
        "data=table", f"data.path={home}/prices.csv", "data.window=8", "networks=mlp",
        "networks.generator.width=8", "networks.critic.width=8", "data.batch_size=8", "name=x",
        "trainer.max_steps=2", *WORDS[1:],
    ]  # fmt: skip
    assert train.main(words) == 0
    (config,) = home.glob("outputs/x/*/config.yaml")
    run = config.parent
    shared = [*(run / "generator").iterdir(), *(run / "checkpoints").iterdir()]
    shared += [run / "receipt.json", run / "metrics.csv"]
    text = b"".join(path.read_bytes() for path in shared) + training_of(run).config.encode()
    for word in (b"anna_schmidt", b"s3cret", str(tmp_path).encode()):
        assert word not in text
    path = read_checkpoint(run / "checkpoints/last.ckpt")["gan_lab"]["config"]["data"]["path"]
    assert path == "prices.csv"
    assert train.main([f"resume={run}", "trainer.max_steps=3"]) == 0
