"""The classifier that judges samples, trained once per data set and remembered."""

import hashlib
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from gan_lab.atomic import write_atomically
from gan_lab.cache import cache_folder
from gan_lab.data.samples import Samples
from gan_lab.model.classifier import FittedClassifier, fit_classifier
from gan_lab.networks.classifier import Classifier

FORMAT = "classifier 1"
ACCURACY = "held_out_accuracy"
WIDTH = 24
EPOCHS = 6


def fitted(
    train: Samples, held_out: Samples, *, seed: int = 0, folder: Path | None = None
) -> FittedClassifier:
    """`fit_classifier`, or what it gave the last time for the same rows, seed and torch.

    Two runs on the same data are then judged by the very same weights.

    Args:
        train: Labelled rows to learn from.
        held_out: Labelled rows to measure on.
        seed: Seed of the training.
        folder: Where to remember; `classifiers` in `gan_lab.cache.cache_folder()` by default.

    Raises:
        UserError: If the rows have no labels or the folder cannot be written.
    """
    folder = cache_folder() / "classifiers" if folder is None else folder
    path = folder / f"{_key(train, held_out, seed)}.safetensors"
    known = _read(path, train, held_out)
    if known is not None:
        return known
    found = fit_classifier(train, held_out, epochs=EPOCHS, width=WIDTH, seed=seed)
    state = {k: v.contiguous() for k, v in found.network.state_dict().items()}
    write_atomically(path, save({**state, ACCURACY: torch.tensor(found.accuracy)}))
    return found


def _key(train: Samples, held_out: Samples, seed: int) -> str:
    parts = (
        FORMAT,
        str(WIDTH),
        str(EPOCHS),
        str(seed),
        torch.__version__,
        train.digest(),
        held_out.digest(),
    )
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _read(path: Path, train: Samples, held_out: Samples) -> FittedClassifier | None:
    with torch.random.fork_rng(devices=[]):
        network = Classifier(train.spec, width=WIDTH)
    try:
        state = load(path.read_bytes())
        accuracy = float(state.pop(ACCURACY))
        network.load_state_dict(state)
    except (OSError, SafetensorError, KeyError, RuntimeError):
        # A torn file is as good as none: it is written again.
        return None
    return FittedClassifier(network.eval(), accuracy, len(held_out))
