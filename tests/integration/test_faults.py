"""What happens to a run from outside: signals, kills, full disks, numbers that explode."""

import csv
import errno
import json
import math
import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from gan_lab.callbacks.interruption import SIGNALS
from gan_lab.cli import train
from gan_lab.config import CONFIG_DIR
from gan_lab.export.checkpoints import is_whole, newest_whole, read_checkpoint
from gan_lab.model.gan import GAN

pytestmark = pytest.mark.slow
ROOT = Path(CONFIG_DIR).parent
STEPS = 40
KILLS = int(os.environ.get("GAN_LAB_KILLS", "10"))
WORDS = [
    "experiment=smoke", f"trainer.max_steps={STEPS}", "model.log_every=3",
    "callbacks.checkpoints.every=4", "callbacks.distance.every=10",
    "callbacks.sample_grid.every=15",
    "callbacks.interpolation=null", "trainer.accelerator=cpu", "callbacks.health=null",
]  # fmt: skip


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def only_run(folder):
    (config,) = Path(folder, "outputs/smoke").glob("*/config.yaml")
    return config.parent


def start(words, cwd):
    """The command in a process of its own that need not import anything again."""
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid
    code = 70
    try:
        os.chdir(cwd)
        for stream in (1, 2):
            os.dup2(os.open("out.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND), stream)
        sys.stdout = sys.stderr = os.fdopen(1, "w", buffering=1, closefd=False)
        code = train.main(words)
    except SystemExit as stop:
        code = int(stop.code or 0)
    finally:
        os._exit(code)


def ended(pid):
    """Exit code, or the negative signal that killed it, as `subprocess` has it."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def rows(run):
    with (run / "metrics.csv").open(newline="") as file:
        return [{k: v for k, v in row.items() if k != "seconds"} for row in csv.DictReader(file)]


def weights(run):
    return (run / "generator/generator.safetensors").read_bytes()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run that nothing has disturbed."""
    folder = tmp_path_factory.mktemp("whole")
    assert ended(start(WORDS, folder)) == 0
    return only_run(folder)


def same(run, whole):
    return weights(run) == weights(whole) and rows(run) == rows(whole)


def test_kill_9_at_random_moments(whole, tmp_path):
    draw = random.Random(0)
    began = time.monotonic()
    folder = tmp_path / "timed"
    folder.mkdir()
    assert ended(start(WORDS, folder)) == 0
    seconds, torn = time.monotonic() - began, 0
    for k in range(KILLS):
        folder = tmp_path / str(k)
        folder.mkdir()
        words = WORDS
        for _ in range(2):
            pid = start(words, folder)
            time.sleep(draw.uniform(0.1, 1.0) * seconds)
            os.kill(pid, signal.SIGKILL)
            ended(pid)
            if list(folder.glob("outputs/smoke/*/config.yaml")):
                words = ["resume=latest"]
                checkpoints = only_run(folder) / "checkpoints"
                torn += sum(not is_whole(p) for p in checkpoints.glob("*.ckpt"))
        assert ended(start(words, folder)) == 0, (folder / "out.txt").read_text()
        run = only_run(folder)
        assert same(run, whole), f"kill {k}"
        assert not list(run.rglob("*.writing"))
    assert torn == 0


@pytest.mark.parametrize("signum", SIGNALS)
@pytest.mark.parametrize("at", [1, 17, 20])
def test_signals_finish_the_step_and_save(whole, here, monkeypatch, signum, at):
    play = GAN.training_step

    def step(model, batch, batch_idx):
        if model.steps == at - 1:
            os.kill(os.getpid(), signum)
        play(model, batch, batch_idx)

    monkeypatch.setattr(GAN, "training_step", step)
    assert ended(start(WORDS, here)) == 128 + signum
    monkeypatch.setattr(GAN, "training_step", play)
    run = only_run(here)
    assert read_checkpoint(run / "checkpoints/last.ckpt")["gan_lab"]["steps"] == at
    receipt = json.loads((run / "receipt.json").read_text())
    assert (receipt["steps"], receipt["finished"]) == (at, False)
    out = (here / "out.txt").read_text()
    assert f"saved step {at}" in out
    assert f"gan-lab train resume=outputs/smoke/{run.name}" in out
    assert ended(start(["resume=latest"], here)) == 0
    assert same(run, whole)
    assert json.loads((run / "receipt.json").read_text())["resumed"] == [at]


def test_the_real_command_by_a_signal_from_outside(whole, tmp_path):
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    env = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": path}
    command = [sys.executable, "-m", "gan_lab.cli.main", "train"]
    words = [*WORDS, "trainer.max_steps=100000"]
    process = subprocess.Popen([*command, *words], cwd=tmp_path, env=env, stdout=subprocess.PIPE)
    while not list(tmp_path.glob("outputs/smoke/*/checkpoints/last.ckpt")):
        assert process.poll() is None
        time.sleep(0.05)
    other = subprocess.run(
        [*command, f"resume={only_run(tmp_path)}"], cwd=tmp_path, env=env, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert other.returncode == 2
    assert f"in use by process {process.pid}" in other.stderr
    process.send_signal(signal.SIGTERM)
    began = time.monotonic()
    out, _ = process.communicate()
    assert time.monotonic() - began < 60  # 10 s on a machine that does nothing else
    assert process.returncode == 143
    assert b"gan-lab train resume=outputs/smoke/" in out
    assert newest_whole(only_run(tmp_path) / "checkpoints")[0] is not None


def test_a_second_run_into_the_same_folder_is_refused(here, capsys):
    words = [*WORDS, "trainer.max_steps=1", "hydra.run.dir=mine"]
    assert train.main(words) == 0
    config = Path("mine/config.yaml").read_bytes()
    assert train.main([*words, "seed=1"]) == 2
    assert "mine holds a run already; gan-lab train resume=mine" in capsys.readouterr().err
    assert Path("mine/config.yaml").read_bytes() == config


def test_runs_of_one_name_in_one_second_get_folders_of_their_own(here, monkeypatch):
    monkeypatch.setattr(
        "gan_lab.cli.run.train", lambda config, folder, *_: folder.mkdir(exist_ok=True)
    )
    for _ in range(3):
        assert train.main([*WORDS, "name=twin", "hydra.run.dir=${fresh:outputs/twin}"]) == 0
    assert sorted(p.name for p in Path("outputs").iterdir()) == ["twin", "twin_2", "twin_3"]


BAD = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def poison(where, value):
    """A training step that breaks in step 6, and what the error must name."""
    play = GAN.training_step

    def step(model, batch, batch_idx):
        hooks = []
        if model.steps == 5:
            if where == "batch":
                batch = batch._replace(x=batch.x.clone().fill_(value))
            elif where in ("critic", "generator"):
                weight = next(getattr(model, where).parameters())
                hooks.append(weight.register_hook(lambda grad: grad * value))
            elif where.endswith("weight"):
                with torch.no_grad():
                    next(getattr(model, where[:-7]).parameters()).view(-1)[0] = value
            elif where == "ema":
                next(model.ema.parameters()).view(-1)[0] = value
            else:
                side = where.removeprefix("loss/")
                loss = getattr(model.objective, side)
                object.__setattr__(model.objective, side, lambda **kw: loss(**kw) + value)
        try:
            play(model, batch, batch_idx)
        finally:
            for hook in hooks:
                hook.remove()

    return step


@pytest.mark.parametrize("value", BAD)
@pytest.mark.parametrize(
    ("where", "named"),
    [
        ("loss/critic", "step 6: loss/critic is"),
        ("loss/generator", "step 6: loss/generator is"),
        ("critic", "gradient of critic."),
        ("generator", "gradient of generator."),
        ("critic weight", "weights of critic."),
        ("generator weight", "generator."),
        ("batch", "step 6: loss/critic is"),
        ("ema", "values of ema."),
    ],
)
def test_numbers_that_explode(here, monkeypatch, capsys, where, named, value):
    monkeypatch.setattr(GAN, "training_step", poison(where, BAD[value]))
    off = [f"callbacks.{name}=null" for name in ("sample_grid", "distance", "progress")]
    words = [*WORDS, *off, "callbacks.checkpoints.every=1", "trainer.max_steps=9"]
    assert train.main(words) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert named in lines[0], lines[0]
    folder = only_run(here) / "checkpoints"
    for path in folder.glob("*.ckpt"):
        state = read_checkpoint(path)
        assert is_whole(path)
        assert all(t.isfinite().all() for t in state["state_dict"].values())
    assert read_checkpoint(folder / "last.ckpt")["gan_lab"]["steps"] == 5


@pytest.mark.parametrize("call", ["write", "fsync", "replace", "mkstemp"])
@pytest.mark.parametrize("after", [0, 3, 8])
def test_a_disk_that_is_full(here, monkeypatch, capsys, call, after):
    """The first failing call comes a few calls after step 6, wherever that is: table or weights."""
    play, left = GAN.training_step, [None]
    module = "tempfile" if call == "mkstemp" else "os"
    real = getattr(sys.modules[module], call)

    def step(model, batch, batch_idx):
        if model.steps == 6:
            left[0] = after
        play(model, batch, batch_idx)

    def fail(*arguments, **options):
        if left[0] is not None and call != "write":
            left[0] -= 1
            if left[0] < 0:
                raise OSError(errno.ENOSPC, "No space left on device")
        return real(*arguments, **options)

    monkeypatch.setattr(GAN, "training_step", step)
    if call == "write":
        monkeypatch.setattr("gan_lab.export.checkpoints._Hashing.write", _full(left))
    else:
        monkeypatch.setattr(f"{module}.{call}", fail)
    off = [f"callbacks.{name}=null" for name in ("sample_grid", "distance", "progress")]
    words = [*WORDS, *off, "model.log_every=2", "callbacks.checkpoints.every=2"]
    assert train.main([*words, "trainer.max_steps=12"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1, lines
    assert "cannot be written: No space left" in lines[0]
    run = only_run(here)
    assert all(is_whole(path) for path in run.glob("checkpoints/*.ckpt"))
    assert not list(run.rglob("*.writing"))
    monkeypatch.undo()
    assert train.main([f"resume={run}"]) == 0
    assert json.loads((run / "receipt.json").read_text())["finished"]


def _full(left):
    def write(self, data):
        if left[0] is not None:
            left[0] -= 1
            if left[0] < 0:
                self.error = OSError(errno.ENOSPC, "No space left on device")
                raise self.error
        self.sha.update(data)
        return self.file.write(data)

    return write


def test_a_limit_on_file_sizes(here):
    words = [*WORDS, "callbacks.checkpoints.every=1", "callbacks.sample_grid=null"]
    pid = os.fork()
    if not pid:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
        os._exit(ended(start(words, here)))
    assert ended(pid) == 2
    assert "cannot be written: File too large" in (here / "out.txt").read_text()
    assert not list(only_run(here).rglob("*.writing"))
    assert ended(start(["resume=latest"], here)) == 0


CHANGES = {
    "model.d_steps=2": "model.d_steps: 1 -> 2",
    "regularizers.r1.weight=7.0": "regularizers.r1.weight",
    "seed=3": "seed: 0 -> 3",
    "latent.dimm=3": "did you mean 'latent.dim'?",
    "latent=sphere": "keeps its choices",
    "trainer.max_steps=many": "trainer.max_steps",
    "+trainer.x=1": "KEY=VALUE alone",
}


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    folder = tmp_path_factory.mktemp("short")
    words = [*WORDS, "trainer.max_steps=4", "callbacks.sample_grid=null", "callbacks.distance=null"]
    assert ended(start(words, folder)) == 0
    return folder


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_run_is_refused(short, monkeypatch, capsys, change):
    monkeypatch.chdir(short)
    assert train.main(["resume=latest", change]) == 2
    assert CHANGES[change] in capsys.readouterr().err
    assert read_checkpoint(only_run(short) / "checkpoints/last.ckpt")["gan_lab"]["steps"] == 4


def test_other_versions_and_data_are_refused(short, monkeypatch, capsys):
    monkeypatch.chdir(short)
    monkeypatch.setattr("gan_lab.cli.receipt._version", lambda name: f"9.9 of {name}"[:9])
    assert train.main(["resume=latest"]) == 2
    assert "versions.torch" in capsys.readouterr().err
    monkeypatch.undo()
    monkeypatch.chdir(short)
    monkeypatch.setattr("gan_lab.data.base.DataModule.fingerprint", lambda self: "0" * 64)
    assert train.main(["resume=latest"]) == 2
    assert "data.sha256" in capsys.readouterr().err


def test_a_broken_configuration_is_named(here, capsys):
    Path("mine").mkdir()
    Path("mine/config.yaml").write_text("a: [1\n")
    assert train.main(["resume=mine"]) == 2
    assert "mine/config.yaml is damaged or unreadable" in capsys.readouterr().err


def test_a_change_on_purpose_takes_effect(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    words = [*WORDS, "trainer.max_steps=2", "callbacks.sample_grid=null"]
    assert train.main(words) == 0
    change = ["model.critic_optimizer.lr=0.5", "trainer.max_steps=3", "resume_anyway=true"]
    assert train.main(["resume=latest", *change]) == 0
    state = read_checkpoint(only_run(tmp_path) / "checkpoints/last.ckpt")
    generator, critic = (s["param_groups"][0]["base_lr"] for s in state["optimizer_states"])
    assert (generator, critic) == (1e-3, 0.5)
    assert train.main(["resume=latest", "networks.critic.width=9", "resume_anyway=true"]) == 2
    assert "does not fit this configuration" in capsys.readouterr().err


def test_damage_is_told_and_walked_around(here, whole, capsys):
    pid = start([*WORDS, "trainer.max_steps=9", f"model.max_steps={STEPS}"], here)
    assert ended(pid) == 0
    run = only_run(here)
    last = run / "checkpoints/last.ckpt"
    last.write_bytes(last.read_bytes()[:-5])  # step-000009 is the same file
    (run / "checkpoints/.stray.ckpt.writing").write_bytes(b"half")
    assert train.main(["resume=latest", f"trainer.max_steps={STEPS}"]) == 0
    out = capsys.readouterr().out
    assert "damaged, left out: last.ckpt" in out
    assert "resumes at step 8" in out
    assert not list(run.rglob("*.writing"))
    assert same(run, whole)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to"), "lower data.batch_size"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you"), "lower"),
        (RuntimeError("DataLoader worker (pid 1) is killed by signal: Killed. "), "num_workers=0"),
    ],
)
def test_failures_that_a_person_can_do_something_about(here, monkeypatch, capsys, error, text):
    def fail(*_):
        raise error

    monkeypatch.setattr(GAN, "training_step", fail)
    off = [f"callbacks.{name}=null" for name in ("sample_grid", "distance", "progress")]
    assert train.main([*WORDS, *off]) == 2
    assert text in capsys.readouterr().err


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("resume=nowhere", "does not exist"),
        ("resume=latest", "no run below outputs"),
        ("resume=.", "is no run folder"),
    ],
)
def test_there_must_be_a_run(here, capsys, word, text):
    assert train.main([word]) == 2
    assert text in capsys.readouterr().err
    assert train.main([word, "--multirun"]) == 2
    assert "--multirun" in capsys.readouterr().err


def two_processes(words, cwd):
    """The real command on two CPU processes: Lightning starts the second one itself."""
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    env = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": path}
    command = [sys.executable, "-m", "gan_lab.cli.main", "train", *words]
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_two_processes_resume_exactly(tmp_path):
    off = [f"callbacks.{name}=null" for name in ("sample_grid", "interpolation", "health")]
    words = ["experiment=smoke", *off, "trainer.devices=2", "trainer.accelerator=cpu"]
    words += ["model.max_steps=6", "model.log_every=2"]
    for name in ("whole", "parts"):
        (tmp_path / name).mkdir()
    two_processes([*words, "trainer.max_steps=6"], tmp_path / "whole")
    two_processes([*words, "trainer.max_steps=3"], tmp_path / "parts")
    two_processes(["resume=latest", "trainer.max_steps=6"], tmp_path / "parts")
    run = only_run(tmp_path / "parts")
    assert same(run, only_run(tmp_path / "whole"))
    state = read_checkpoint(run / "checkpoints/last.ckpt")["callbacks"]["gan_lab.resume"]
    assert len(state["random"]) == 2
