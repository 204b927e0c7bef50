"""Walks between latents: does the generator change smoothly?"""

import pytorch_lightning as pl
import torch

from gan_lab.callbacks.clock import ClockCallback, Model, at_least_one, every_n
from gan_lab.callbacks.sheets import (
    generate,
    is_conditional,
    samples_folder,
    save_picture,
    show,
)
from gan_lab.render.samples import render_paths

MOST_SERIES_PATHS = 4
BACKDROP = 2000


class LatentInterpolation(ClockCallback):
    """Draw paths between latents along the prior's own geometry.

    Writes `samples/interpolation-000500.png` every `every` generator steps and at the end. Each
    path of a class-conditional generator keeps one class.

    Args:
        every: Generator steps between two pictures.
        paths: Number of paths.
        points: Positions along each path, both ends included.
        seed: Seed of the ends; None takes the one of the run.

    Raises:
        UserError: If a number is too small.
    """

    def __init__(
        self, every: int = 500, paths: int = 8, points: int = 9, seed: int | None = None
    ) -> None:
        self.every = at_least_one("callbacks.interpolation.every", every)
        self.paths = at_least_one("callbacks.interpolation.paths", paths)
        self.points = at_least_one("callbacks.interpolation.points", points)
        self.seed = seed
        self._last = -1

    def start(self, trainer: pl.Trainer, model: Model) -> None:
        """A resumed run has drawn what was due."""
        self._last = model.steps if every_n(model.steps, self.every) else -1

    def step(self, trainer: pl.Trainer, model: Model) -> None:
        """Draw when it is time."""
        if trainer.is_global_zero and every_n(model.steps, self.every):
            self._draw(trainer, model)

    def end(self, trainer: pl.Trainer, model: Model) -> None:
        """Draw the last state."""
        if trainer.is_global_zero and model.steps != self._last:
            self._draw(trainer, model)

    def _draw(self, trainer: pl.Trainer, model: Model) -> None:
        self._last, spec = model.steps, model.spec
        data = trainer.datamodule.train  # type: ignore[attr-defined]
        n = min(self.paths, MOST_SERIES_PATHS) if spec.modality == "series" else self.paths
        seed = model.run_seed if self.seed is None else self.seed
        start, end = model.prior.sample(2 * n, torch.Generator().manual_seed(seed + 1)).chunk(2)
        t = torch.linspace(0, 1, self.points)
        z = model.prior.interpolate(start, end, t)
        label, names = None, ()
        if is_conditional(model):
            kinds = data.example_labels(n)
            label = kinds.repeat_interleave(self.points, dim=0)
            names = tuple(spec.classes[k] for k in kinds.tolist()) if spec.classes else ()
        flat = generate(model, z.flatten(0, 1), label)
        picture = render_paths(
            flat.reshape(n, self.points, *spec.shape), t, spec, reference=data.x[:BACKDROP],
            row_labels=names,
            title=f"{spec.name}, interpolation, step {model.steps:,}",
        )  # fmt: skip
        save_picture(picture, samples_folder(trainer) / f"interpolation-{model.steps:06d}.png")
        show(trainer, "samples/interpolation", picture, model.steps)
