"""TensorBoard's embedding projector: latents and features, each with a picture and a label."""

import pytorch_lightning as pl
import torch
from jaxtyping import Float
from pytorch_lightning.loggers import TensorBoardLogger
from torch import Tensor

from gan_lab.callbacks.clock import ClockCallback, Model, at_least_one
from gan_lab.callbacks.sheets import generate, is_conditional
from gan_lab.data.samples import Samples
from gan_lab.evaluation.features import AUTO, choose
from gan_lab.metrics.features.extractor import Extractor
from gan_lab.render.sprites import sprites
from gan_lab.spec import DataSpec
from gan_lab.types import Label

HEADER = ["kind", "class"]


class EmbeddingProjector(ClockCallback):
    """At the end, write tensors for the projector: latents, and features of samples and real rows.

    `latents` holds `n` latents with the pictures of their samples; `features` the same samples
    beside training and held-out rows. Features are those of `features=auto` without a classifier:
    random convolutions, and the values themselves of points. Points have no pictures.

    Args:
        n: Latents, and rows of each kind.
        seed: Seed of latents and rows; None takes the one of the run.

    Raises:
        UserError: If `n` is below 1.
    """

    def __init__(self, n: int = 500, seed: int | None = None) -> None:
        self.n = at_least_one("callbacks.projector.n", n)
        self.seed = seed

    def end(self, trainer: pl.Trainer, model: Model) -> None:
        """Write."""
        loggers = [x for x in trainer.loggers if isinstance(x, TensorBoardLogger)]
        if not trainer.is_global_zero or not loggers:
            return
        seed = model.run_seed if self.seed is None else self.seed
        rng = torch.Generator().manual_seed(seed)
        data = trainer.datamodule  # type: ignore[attr-defined]
        z = model.prior.sample(self.n, rng)
        label = data.train.example_labels(self.n) if is_conditional(model) else None
        fake = Samples(generate(model, z, label), label, model.spec)
        real = [_some(rows, self.n, rng) for rows in (data.train, data.held_out)]
        kinds = ("generated", "training", "held out")
        look = choose(AUTO, model.spec, None)
        groups = [fake, *real]
        for logger in loggers:
            self._add(logger, "latents", z, [fake], kinds[:1], model)
            features = torch.cat([_embedded(look, rows.x) for rows in groups])
            self._add(logger, "features", features, groups, kinds, model)

    def _add(
        self,
        logger: TensorBoardLogger,
        tag: str,
        table: Float[Tensor, "m d"],
        groups: list[Samples],
        kinds: tuple[str, ...],
        model: Model,
    ) -> None:
        names = [
            [kind, name]
            for kind, rows in zip(kinds, groups, strict=True)
            for name in class_names(rows.label, len(rows), model.spec)
        ]
        logger.experiment.add_embedding(
            _wide(table),
            metadata=names,
            metadata_header=HEADER,
            label_img=sprites(torch.cat([rows.x for rows in groups]), model.spec),
            global_step=model.steps,
            tag=tag,
        )


def class_names(label: Label | None, n: int, spec: DataSpec) -> list[str]:
    """The class of each row in words; a dash where it has none."""
    if label is None or not spec.classes:
        return ["-"] * n
    return [spec.classes[k] for k in label.tolist()]


def _some(rows: Samples, n: int, rng: torch.Generator) -> Samples:
    return rows.select(torch.randperm(len(rows), generator=rng)[:n])


@torch.no_grad()
def _embedded(look: Extractor, x: Float[Tensor, "n c *s"]) -> Float[Tensor, "n d"]:
    return torch.cat([look(part).flatten(1) for part in torch.split(x, 256)])


def _wide(table: Float[Tensor, "n d"]) -> Float[Tensor, "n e"]:
    """At least 3 columns, which the projector needs for its principal components."""
    return torch.nn.functional.pad(table, (0, max(0, 3 - table.shape[1])))
