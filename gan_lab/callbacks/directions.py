"""Strips along the directions in which the generator varies most, while it learns."""

import pytorch_lightning as pl
import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.callbacks.clock import ClockCallback, Model, at_least_one, every_n
from gan_lab.callbacks.sheets import generate, is_conditional, samples_folder, save_picture, show
from gan_lab.explore.direction import Direction, directions, move
from gan_lab.explore.ganspace import ganspace
from gan_lab.explore.gauge import Gauge
from gan_lab.explore.random_control import random_vectors
from gan_lab.render.directions import render_directions
from gan_lab.types import Label

FAR = 1_000_003


class DirectionStrips(ClockCallback):
    """Draw what happens along the leading directions and along a random one.

    The directions are those behind the principal components of the outputs (GANSpace), which ask
    for samples alone, no gradient. Writes `samples/directions-000500.png` every `every` generator
    steps and at the end. Each strip of a class-conditional generator shows the first class.

    Args:
        every: Generator steps between two pictures.
        top: Number of directions.
        n: Samples that the directions are found in.
        reach: How far a strip goes to either side, in standard deviations of the prior.
        points: Positions along a strip; an odd number has the latent itself in the middle.
        seed: Seed of the latents; None takes the one of the run.

    Raises:
        UserError: If a number is too small.
    """

    def __init__(
        self,
        every: int = 1000,
        top: int = 5,
        n: int = 512,
        reach: float = 3.0,
        points: int = 9,
        seed: int | None = None,
    ) -> None:
        self.every = at_least_one("callbacks.directions.every", every)
        self.top = at_least_one("callbacks.directions.top", top)
        self.n = at_least_one("callbacks.directions.n", n)
        self.points = at_least_one("callbacks.directions.points", points)
        self.reach, self.seed = reach, seed
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
        label = None
        if is_conditional(model):
            label = trainer.datamodule.train.example_labels(self.n)  # type: ignore[attr-defined]
        found, notes, backdrop = self._found(model, label)
        bases = 24 if spec.modality == "points" else 1
        z = model.prior.sample(bases, torch.Generator().manual_seed(self._seed(model) + FAR))
        amounts = torch.linspace(-self.reach, self.reach, self.points)
        moved = torch.stack([move(model.prior, z, direction, amounts) for direction in found])
        flat = moved.flatten(0, 2)
        names = None if label is None else label[:1].expand(len(flat), *label.shape[1:])
        x = generate(model, flat, names)
        picture = render_directions(
            x.reshape(*moved.shape[:3], *spec.shape), amounts,
            Gauge(model.prior)(flat).reshape(moved.shape[:3]), spec,
            names=[direction.name for direction in found], notes=notes,
            title=f"{spec.name}, directions, step {model.steps:,}", backdrop=backdrop,
        )  # fmt: skip
        save_picture(picture, samples_folder(trainer) / f"directions-{model.steps:06d}.png")
        show(trainer, "samples/directions", picture, model.steps)

    def _found(
        self, model: Model, label: Label | None
    ) -> tuple[tuple[Direction, ...], list[str], Float[Tensor, "n ..."]]:
        """Directions with a random one at the end, notes on them, and the samples."""
        seed, prior = self._seed(model), model.prior
        z = prior.sample(self.n, torch.Generator().manual_seed(seed + 2))
        x = generate(model, z, label)
        group = None if label is None or label.is_floating_point() else label.cpu()
        parts = ganspace(z, x, self.top, group=group)
        rows = torch.cat([parts.vectors, random_vectors(prior.dim, 1, seed)])
        names = [*(f"component {k + 1}" for k in range(len(parts.vectors))), "random"]
        notes = [*(f"{share:.0%} of the variance" for share in parts.variance.tolist()), ""]
        return directions(rows, prior, method="ganspace", names=names), notes, x

    def _seed(self, model: Model) -> int:
        return model.run_seed if self.seed is None else self.seed
