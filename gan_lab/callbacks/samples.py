"""Pictures of the same latents over the course of training."""

from pathlib import Path

import pytorch_lightning as pl
import torch
from jaxtyping import Float
from PIL import Image
from torch import Tensor

from gan_lab.callbacks.clock import ClockCallback, Model, at_least_one, every_n
from gan_lab.callbacks.sheets import (
    generate,
    is_conditional,
    samples_folder,
    save_picture,
    show,
)
from gan_lab.data.samples import Samples
from gan_lab.render.animation import save_animation
from gan_lab.render.samples import render_samples
from gan_lab.types import Label

MOST_CLASSES = 10
MOST_FRAMES = 60
CROWD = {"points": 2000, "series": 256}


class SampleGrid(ClockCallback):
    """Draw samples of fixed latents at the start, every `every` generator steps and at the end.

    Writes `samples/ema-000500.png` (averaged weights), `raw-000500.png`, `real.png`,
    `latest.png`, and at the end `training.webp`, the averaged samples over training. A
    class-conditional generator of images gets one row per class (of the first ten).

    Args:
        every: Generator steps between two pictures.
        columns: Images per row.
        seed: Seed of the latents; None takes the one of the run.
        animate: Write the animation.

    Raises:
        UserError: If `every` or `columns` is below 1.
    """

    def __init__(
        self, every: int = 250, columns: int = 10, seed: int | None = None, animate: bool = True
    ) -> None:
        self.every = at_least_one("callbacks.sample_grid.every", every)
        self.columns = at_least_one("callbacks.sample_grid.columns", columns)
        self.seed, self.animate = seed, animate
        self._last = -1

    def start(self, trainer: pl.Trainer, model: Model) -> None:
        """Fix the latents; at the very start, show real data and the untrained generator."""
        if not trainer.is_global_zero:
            return
        self._last = model.steps if every_n(model.steps, self.every) else -1
        self._conditional = is_conditional(model)
        spec = model.spec
        classes = min(spec.num_classes, MOST_CLASSES) if spec.modality == "images" else 0
        self._rows = spec.classes[:classes] if self._conditional else ()
        n = CROWD.get(spec.modality, self.columns * (len(self._rows) or self.columns))
        rng = torch.Generator().manual_seed(self._seed_of(model))
        self._z = model.prior.sample(n, rng)
        data = trainer.datamodule.train  # type: ignore[attr-defined]
        self._label = self._labels(n, data) if self._conditional else None
        self._real, self._real_rows = _real(data, classes, self.columns, n, rng)
        if model.steps == 0:  # a resumed run has these already
            self._draw_real(trainer, model)
            self._draw(trainer, model)

    def step(self, trainer: pl.Trainer, model: Model) -> None:
        """Draw when it is time."""
        if trainer.is_global_zero and every_n(model.steps, self.every):
            self._draw(trainer, model)

    def end(self, trainer: pl.Trainer, model: Model) -> None:
        """Draw the last state and the animation."""
        if not trainer.is_global_zero:
            return
        self._draw(trainer, model)
        if self.animate:
            folder = samples_folder(trainer)
            save_animation(_frames(folder, model.steps), folder / "training.webp")

    def _draw(self, trainer: pl.Trainer, model: Model) -> None:
        if model.steps == self._last:
            return
        self._last = model.steps
        folder = samples_folder(trainer)
        for kind in ("raw", "ema"):
            picture = self._picture(model, kind)
            save_picture(picture, folder / f"{kind}-{model.steps:06d}.png")
            show(trainer, f"samples/{kind}", picture, model.steps)
        save_picture(picture, folder / "latest.png")

    def _picture(self, model: Model, kind: str) -> Image.Image:
        weights = "averaged" if kind == "ema" else "raw"
        return render_samples(
            generate(model, self._z, self._label, ema=kind == "ema"),
            model.spec,
            reference=None if model.spec.modality == "images" else self._real,
            columns=self.columns,
            row_labels=self._rows,
            title=f"{model.spec.name}, step {model.steps:,}, {weights} weights",
        )

    def _draw_real(self, trainer: pl.Trainer, model: Model) -> None:
        spec = model.spec
        title = f"{spec.name}, real data"
        picture = render_samples(
            self._real, spec, columns=self.columns, row_labels=self._real_rows, title=title,
            real=True,
        )  # fmt: skip
        save_picture(picture, samples_folder(trainer) / "real.png")
        show(trainer, "samples/real", picture, model.steps)

    def _labels(self, n: int, data: Samples) -> Label:
        if self._rows:
            return torch.arange(len(self._rows)).repeat_interleave(self.columns)
        label = data.example_labels(n)
        assert label is not None
        return label

    def _seed_of(self, model: Model) -> int:
        return int(model.run_seed if self.seed is None else self.seed)


def _real(
    data: Samples,
    classes: int,
    columns: int,
    n: int,
    rng: torch.Generator,
) -> tuple[Float[Tensor, "k c *s"], tuple[str, ...]]:
    """Real rows and the names of their classes: a row of each class, if all have enough."""
    order = torch.randperm(len(data.x), generator=rng)
    if data.label is not None and classes:
        by_class = [order[data.label[order] == k][:columns] for k in range(classes)]
        if all(len(index) == columns for index in by_class):
            return data.x[torch.cat(by_class)], data.spec.classes[:classes]
    return data.x[order[:n]], ()


def _frames(folder: Path, steps: int) -> list[Image.Image]:
    """Pictures of the averaged weights up to `steps`, evenly thinned, the last one included."""
    paths = sorted(folder.glob("ema-*.png"), key=_step)
    paths = [path for path in paths if _step(path) <= steps]
    stride = -(-len(paths) // MOST_FRAMES)
    frames = []
    for path in paths[::-1][::stride][::-1]:
        with Image.open(path) as picture:
            frames.append(picture.convert("RGB"))
    return frames


def _step(path: Path) -> int:
    return int(path.stem.removeprefix("ema-"))
