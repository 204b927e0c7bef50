"""A run that stops anywhere and goes on ends in the same bits as one that never stopped."""

import csv
import shutil

import numpy as np
import pytest
import torch
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from gan_lab.callbacks.interruption import StopOnSignal
from gan_lab.callbacks.resume import cut_events
from gan_lab.cli.build import build
from gan_lab.cli.compose import compose
from gan_lab.cli.origin import find_origin
from gan_lab.cli.run import assemble, fit, prepare
from gan_lab.export.checkpoints import read_checkpoint

STEPS = 9
FACTS = {"versions": {}, "data": {}, "threads": 1}
COMMON = [
    "trainer.threads=1", "trainer.accelerator=cpu", f"model.max_steps={STEPS}", "model.log_every=2",
    "callbacks.progress=null", "callbacks.sample_grid=null",
    "callbacks.health.every=4", "callbacks.health.n=16",
    "callbacks.interpolation=null", "callbacks.checkpoints.every=1",
    "callbacks.checkpoints.keep=99",
    "callbacks.distance.every=3", "callbacks.distance.n=16", "+callbacks.distance.directions=8",
]  # fmt: skip
WIDTH = ["networks.generator.width=8", "networks.critic.width=8"]
DCGAN = [*WIDTH, "networks.generator.detail=8", "latent.dim=6"]
RING = ["experiment=ring_mlp", "data.n=120", "data.batch_size=32", *WIDTH]
FOLDER = ["experiment=folder_dcgan", "data.path=PICTURES", "data.size=8", "data.batch_size=8"]
DISK = [*FOLDER, *DCGAN, "data.in_memory=false"]
MARKET = ["data.stride=32", "data.batch_size=40", "latent.dim=6"]
MACRO = ["data=macro", "data.batch_size=40", "latent.dim=6"]
FAMILIES = {
    "points": RING,
    "images": [*FOLDER, *DCGAN],
    "workers0": [*DISK, "data.num_workers=0"],
    "workers2": [*DISK, "data.num_workers=2"],
    "lstm": [*MACRO, "networks=lstm", *WIDTH],
    "cnn1d": [*MACRO, "networks=cnn1d", *WIDTH, "networks.generator.detail=8"],
    "ada": [*FOLDER, *DCGAN, "augment=ada", "augment.window=16", "augment.images_to_full=100"],
    "began": ["data=digits8", "data.batch_size=450", "networks=mlp_autoencoder", *WIDTH,
              "networks.critic.power=1", "objectives=began", "regularizers=none"],
    "lecam": [*RING, "regularizers=[r1_r2,lecam]"],
    "path_length": [*RING, "regularizers=[r1_r2,path_length]", "regularizers.path_length.every=2"],
    "infogan": ["experiment=mnist_infogan", *FOLDER[1:], "data=folder", *WIDTH,
                "networks.generator.detail=8"],
    "acgan": ["experiment=mnist_acgan", *FOLDER[1:], "data=folder", *DCGAN],
    "d_steps": [*RING, "model.d_steps=2", "data.batch_size=16"],
    "clip": [*RING, "model.clip=0.1", "model.pack=2"],
}  # fmt: skip


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    draw = np.random.default_rng(0)
    for k in range(30):
        path = folder / "ab"[k % 2] / f"{k}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(draw.integers(0, 255, (8, 8), dtype=np.uint8)).save(path)
    return folder


def train(words, folder, steps=STEPS, *, resume=None):
    """A run as the command makes it, without what comes before and after training."""
    config = compose([*COMMON, *words, f"trainer.max_steps={steps}"])
    origin = None if resume is None else find_origin(str(resume))
    parts = build(config)
    trainer = assemble(config, folder, FACTS, StopOnSignal(), [])
    prepare(config, folder, origin)
    fit(trainer, parts, origin)
    return parts


def state(folder):
    """All that decides how a run goes on."""
    checkpoint = read_checkpoint(folder / "checkpoints/last.ckpt")
    own = {k: v for k, v in checkpoint["gan_lab"].items() if k != "config"}
    (numbers,) = checkpoint["callbacks"]["gan_lab.resume"]["random"]
    del numbers["python"]  # beartype, which watches over the tests, draws from it
    return checkpoint["state_dict"], checkpoint["optimizer_states"], own, numbers


def differences(a, b, path=""):
    """Places at which two nested states differ."""
    if isinstance(a, torch.Tensor):
        return [] if torch.equal(a, b) else [path]
    if isinstance(a, dict) and a.keys() == b.keys():
        return [d for k in a for d in differences(a[k], b[k], f"{path}/{k}")]
    if isinstance(a, (list, tuple)) and len(a) == len(b):
        return [d for k in range(len(a)) for d in differences(a[k], b[k], f"{path}/{k}")]
    return [] if a == b else [path]


def table(folder):
    with (folder / "metrics.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    return [{k: v for k, v in row.items() if k != "seconds"} for row in rows]


def scalars(folder):
    events = EventAccumulator(str(folder / "tensorboard"))
    events.Reload()
    names = [n for n in events.Tags()["scalars"] if n not in ("clock/seconds",)]
    return {name: [(e.step, e.value) for e in events.Scalars(name)] for name in names}


def stop_at(whole, folder, k):
    """What a kill right after step `k` leaves of the run `whole`, and a step more of its log."""
    (folder / "checkpoints").mkdir(parents=True)
    for name in ("config.yaml", "metrics.csv"):
        shutil.copy(whole / name, folder / name)
    shutil.copytree(whole / "tensorboard", folder / "tensorboard")
    for name in (f"step-{k:06d}.ckpt", "SHA256SUMS"):
        shutil.copy(whole / "checkpoints" / name, folder / "checkpoints" / name)


def check_every_stop(words, tmp_path, stops):
    whole = tmp_path / "whole"
    parts = train(words, whole)
    z = parts.prior.sample(4, torch.Generator().manual_seed(0))
    label = parts.data.train.label
    label = None if label is None else label[:4]
    samples, expected = parts.model.generate(z, label), state(whole)
    assert len(parts.data.train_dataloader()) == 3, "three batches make an epoch"
    for k in stops:
        folder = tmp_path / f"stop{k}"
        stop_at(whole, folder, k)
        again = train(words, folder, resume=folder)
        assert differences(state(folder), expected) == [], f"stopped after step {k}"
        assert torch.equal(again.model.generate(z, label), samples)
        assert table(folder) == table(whole)
        assert scalars(folder) == scalars(whole)


def test_points_after_the_last_batch_of_an_epoch_and_inside_one(tmp_path):
    check_every_stop(FAMILIES["points"], tmp_path, (3, 5))


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_at_every_batch(family, tmp_path, pictures):
    words = [word.replace("PICTURES", str(pictures)) for word in FAMILIES[family]]
    check_every_stop(words, tmp_path, range(1, STEPS))


@pytest.mark.slow
@pytest.mark.parametrize("network", ["lstm", "cnn1d"])
def test_market(network, tmp_path):
    words = [f"experiment=market_{network}", *MARKET, *WIDTH]
    check_every_stop(words, tmp_path, (3, 5))


@pytest.mark.slow
def test_a_chain_that_is_stopped_every_two_batches(tmp_path):
    words, chain, whole = FAMILIES["points"], tmp_path / "chain", tmp_path / "whole"
    train(words, whole)
    train(words, chain, steps=2)
    for steps in (4, 6, 8, STEPS):
        train(words, chain, steps=steps, resume=chain)
    assert differences(state(chain), state(whole)) == []
    assert table(chain) == table(whole)
    assert scalars(chain) == scalars(whole)


@pytest.mark.slow
def test_dropout_and_other_global_randomness_go_on(tmp_path, monkeypatch):
    from gan_lab.model.gan import GAN

    play = GAN.training_step

    def noisy(model, batch, batch_idx):
        shift = torch.rand(1) + np.random.rand()
        play(model, batch._replace(x=batch.x + 0.1 * shift), batch_idx)

    monkeypatch.setattr(GAN, "training_step", noisy)
    check_every_stop(FAMILIES["points"], tmp_path, (2, 3, 6))


def test_events_are_cut_by_bytes(tmp_path):
    folder = tmp_path / "tensorboard"
    folder.mkdir()
    (folder / "events.out.tfevents.1").write_bytes(b"x" * 9)
    (folder / "events.out.tfevents.2").write_bytes(b"later")
    cut_events(tmp_path, {"tensorboard/events.out.tfevents.1": 4})
    assert (folder / "events.out.tfevents.1").read_bytes() == b"xxxx"
    assert not (folder / "events.out.tfevents.2").exists()
