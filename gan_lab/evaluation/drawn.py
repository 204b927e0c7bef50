"""Samples of a generator, for the labels that the data have."""

from dataclasses import replace
from pathlib import Path
from typing import Literal

import torch

from gan_lab.data.samples import Samples
from gan_lab.errors import UserError
from gan_lab.export.checkpoints import FOLDER, LAST, read_checkpoint
from gan_lab.export.node import build
from gan_lab.export.portable import PortableGenerator
from gan_lab.export.weights import without_parametrizations
from gan_lab.types import Label

Weights = Literal["ema", "raw"]
BATCH = 500
PREFIX = "generator."


def drawn(generator: PortableGenerator, train: Samples, n: int, seed: int) -> Samples:
    """`n` samples in model range, with labels drawn from the training rows.

    A conditional generator is asked for each label as often as the data have it, so that class
    balance is compared with like.
    """
    z = generator.latents(n, seed)
    label = _labels(generator, train, n, seed)
    starts = range(0, n, BATCH)
    parts = [
        generator.generate(z[i : i + BATCH], None if label is None else label[i : i + BATCH])
        for i in starts
    ]
    return Samples(torch.cat(parts).cpu(), label, generator.spec)


def with_weights(
    generator: PortableGenerator, run: Path, weights: str, *, trust: bool = False
) -> PortableGenerator:
    """The generator with averaged (`ema`) or last (`raw`) weights.

    Args:
        generator: The exported one, which holds the averaged weights.
        run: Run folder, whose last checkpoint holds the raw ones.
        weights: `ema` or `raw`.
        trust: Whether the run may name classes outside gan_lab.

    Raises:
        UserError: If the weights have no such name, or the checkpoint is missing or does not fit.
    """
    if weights == "ema":
        return generator
    if weights != "raw":
        raise UserError(f"weights={weights}: expected ema or raw")
    path = run / FOLDER / LAST
    if not path.is_file():
        raise UserError(f"weights=raw needs {path}, which is missing; use weights=ema")
    state = read_checkpoint(path)["state_dict"]
    with torch.random.fork_rng(devices=[]):
        network = build(
            generator.config["generator"],
            trust=trust,
            where=f"{run}: generator",
            spec=generator.spec,
            latent_dim=generator.prior.dim,
        )
    mine = {k.removeprefix(PREFIX): v for k, v in state.items() if k.startswith(PREFIX)}
    try:
        network.load_state_dict(mine)
    except RuntimeError as error:
        raise UserError(
            f"{path} does not fit the generator: {str(error).splitlines()[0]}"
        ) from error
    plain = without_parametrizations(network.eval()).requires_grad_(False)
    return replace(generator, network=plain)


def _labels(generator: PortableGenerator, train: Samples, n: int, seed: int) -> Label | None:
    if not (generator.classes or generator.attributes):
        return None
    if train.label is None:
        return generator.labels(n, seed)
    rng = torch.Generator().manual_seed(seed)
    generator.prior.sample(n, rng)  # labels continue the stream that the latents began
    return train.label[torch.randint(len(train), (n,), generator=rng)]
