"""Latents of a generator, each with the label that it is shown with."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from gan_lab.explore.direction import Direction, move
from gan_lab.explore.jacobian import Linearised, Way
from gan_lab.explore.layer import layer_output
from gan_lab.explore.output import Decode
from gan_lab.explore.pullback import mean_metric
from gan_lab.export.portable import PortableGenerator
from gan_lab.types import Label

BATCH = 256


@dataclass(frozen=True, eq=False)
class Cohort:
    """What directions are found and judged on.

    Attributes:
        generator: The generator.
        z: Latents, `(n, d)`.
        label: One label each, or None for an unconditional generator.
    """

    generator: PortableGenerator
    z: Float[Tensor, "n d"]
    label: Label | None = None

    def __len__(self) -> int:
        return len(self.z)

    def first(self, n: int) -> "Cohort":
        """The first `n` latents."""
        return Cohort(self.generator, self.z[:n], None if self.label is None else self.label[:n])

    @property
    def group(self) -> Int[Tensor, " n"]:
        """The class of each latent, `(n,)`; without classes all are one group."""
        if self.label is None or self.label.is_floating_point():
            return torch.zeros(len(self), dtype=torch.long)
        return self.label.cpu()

    def parts(self) -> list[tuple[Decode, Float[Tensor, "m d"]]]:
        """One differentiable decoder per label, with the latents that have it."""
        if self.label is None:
            return [(self.generator.decoder(), self.z)]
        labels, number = torch.unique(self.label, dim=0, return_inverse=True)
        return [
            (self.generator.decoder(labels[k : k + 1]), self.z[number == k])
            for k in range(len(labels))
        ]

    def metric(self, way: Way = Way.COLUMNS) -> Float[Tensor, "d d"]:
        """Mean pull-back metric over all latents and their labels."""
        each = [len(z) * mean_metric(decode, z, way) for decode, z in self.parts()]
        return torch.stack(each).sum(0) / len(self)

    def linearised(self) -> list[Linearised]:
        """The generator near all latents, for products without Jacobians."""
        return [Linearised(decode, z) for decode, z in self.parts()]

    def samples(self) -> Float[Tensor, "n c *s"]:
        """What the generator makes of the latents, in model range on the CPU."""
        return self._generated(self.z, self.label)

    def activations(self, layer: str | None = None) -> Float[Tensor, "n f"]:
        """Flat outputs, or what a named layer makes of the latents.

        Raises:
            UserError: If there is no such layer.
        """
        if layer is None:
            return self.samples().flatten(1)
        return layer_output(self.generator.network, layer, self.samples)

    def moved(
        self, direction: Direction, amounts: Float[Tensor, " s"]
    ) -> tuple[Float[Tensor, "n s d"], Float[Tensor, "n s c *x"]]:
        """Latents moved along a direction, and their samples with the same labels."""
        z = move(self.generator.prior, self.z, direction, amounts)
        label = None if self.label is None else self.label.repeat_interleave(len(amounts), 0)
        x = self._generated(z.flatten(0, 1), label)
        return z, x.reshape(*z.shape[:2], *x.shape[1:])

    def _generated(self, z: Float[Tensor, "m d"], label: Label | None) -> Tensor:
        labels = [None] * -(-len(z) // BATCH) if label is None else list(torch.split(label, BATCH))
        parts = zip(torch.split(z, BATCH), labels, strict=True)
        return torch.cat([self.generator.generate(part, label).cpu() for part, label in parts])
