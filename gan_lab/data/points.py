"""Points in the plane whose population is known: the ground truth for mode coverage.

Modes and spreads are told in original units, the ones that `DataSpec.to_units` gives.
"""

import math
from abc import abstractmethod
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from gan_lab.data.base import DataModule, Samples, require_at_least
from gan_lab.errors import UserError
from gan_lab.spec import DataSpec
from gan_lab.types import Label


class Points(DataModule):
    """Base of the synthetic sets: `n` draws from a known distribution in the plane.

    Attributes:
        modes: Centres of the mixture `(k, 2)` in original units, or None where there are none.
        std: Spread around a mode (or around the curve), in original units.

    Args:
        n: Number of points.
        std: Standard deviation of the noise.
        data_seed: Seed of the points; independent of the training seed.
        options: Arguments of `DataModule`.

    Raises:
        UserError: If `n` is below 2 or `std` is not positive.
    """

    name: str
    scale: float = 1.0
    classes: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    modes: Float[Tensor, "k d"] | None = None

    def __init__(self, n: int, std: float, data_seed: int, **options: Any) -> None:  # noqa: ANN401
        super().__init__(**options)
        require_at_least("n", n, 2)
        require_at_least("data_seed", data_seed, 0)
        if not std > 0:
            raise UserError(f"data.std is {std}; expected a positive standard deviation")
        self.n, self.std, self.data_seed = n, std, data_seed

    @abstractmethod
    def draw(self, n: int, generator: torch.Generator) -> tuple[Float[Tensor, "n d"], Label | None]:
        """Draw `n` points in original units and their labels."""

    def load(self) -> Samples:
        """Draw the points of `data_seed`."""
        points, label = self.draw(self.n, torch.Generator().manual_seed(self.data_seed))
        spec = DataSpec(
            name=self.name,
            modality="points",
            channels=2,
            classes=self.classes,
            attributes=self.attributes,
            channel_names=("x", "y"),
            scale=(self.scale,),
        )
        return Samples(spec.from_units(points), label, spec)


class Ring(Points):
    r"""Eight Gaussians on the unit circle.

    $$ x \sim \frac18 \sum_{k=0}^{7} N\big((\cos \tfrac{2\pi k}{8}, \sin \tfrac{2\pi k}{8}),
    \mathrm{std}^2 I\big) $$

    Source: Srivastava et al. 2017 (VEEGAN), "2D ring". Papers differ in the spread (std 0.01 in
    VEEGAN and PacGAN); the default here is 0.05.
    """

    name = "ring"

    def __init__(
        self,
        n: int = 100_000,
        std: float = 0.05,
        data_seed: int = 0,
        **options: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(n, std, data_seed, **options)
        angle = torch.arange(8) * (2 * math.pi / 8)
        self.modes = torch.stack([angle.cos(), angle.sin()], dim=1)

    def draw(self, n: int, generator: torch.Generator) -> tuple[Tensor, None]:
        """Draw `(n, 2)` points; no labels."""
        assert self.modes is not None
        return _mixture(n, self.modes, self.std, generator)[0], None


class Grid(Points):
    r"""Twenty-five Gaussians on the grid $\{-4, -2, 0, 2, 4\}^2$ with standard deviation 0.05.

    Source: Lin et al. 2018 (PacGAN), "2D grid". Networks see the points in these
    units: divided by 4, the modes would be too narrow for a critic of ordinary weights to tell.
    """

    name = "grid"

    def __init__(
        self,
        n: int = 100_000,
        std: float = 0.05,
        data_seed: int = 0,
        **options: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(n, std, data_seed, **options)
        axis = torch.arange(-4.0, 5.0, 2.0)
        self.modes = torch.cartesian_prod(axis, axis)

    def draw(self, n: int, generator: torch.Generator) -> tuple[Tensor, None]:
        """Draw `(n, 2)` points; no labels."""
        assert self.modes is not None
        return _mixture(n, self.modes, self.std, generator)[0], None


class Spiral(Points):
    r"""Two turns of an Archimedean spiral with Gaussian noise: one connected, curved mode.

    $$ x = u\,(\cos 4\pi u, \sin 4\pi u) + \mathrm{std}\,\varepsilon, \quad u \sim \sqrt{U(0, 1)} $$

    The square root makes the density along the outer arc nearly even.
    """

    name = "spiral"

    def __init__(
        self,
        n: int = 100_000,
        std: float = 0.02,
        data_seed: int = 0,
        **options: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(n, std, data_seed, **options)

    def curve(self, u: Float[Tensor, " n"]) -> Float[Tensor, "n 2"]:
        """Noise-free points at the positions `u` in [0, 1], shape `(n, 2)`."""
        angle = 4 * math.pi * u
        return u[:, None] * torch.stack([angle.cos(), angle.sin()], dim=1)

    def draw(self, n: int, generator: torch.Generator) -> tuple[Tensor, None]:
        """Draw `(n, 2)` points; no labels."""
        u = torch.rand(n, generator=generator).sqrt()
        return self.curve(u) + self.std * torch.randn(n, 2, generator=generator), None


class XOR(Points):
    r"""Four Gaussians at $(\pm\frac12, \pm\frac12)$; the class is whether the signs differ.

    No linear critic tells the classes apart, which makes it the smallest test of conditioning.

    Attributes:
        mode_label: Class of each mode `(4,)`.
    """

    name = "xor"
    classes = ("same sign", "different sign")

    def __init__(
        self,
        n: int = 20_000,
        std: float = 0.1,
        data_seed: int = 0,
        **options: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(n, std, data_seed, **options)
        sign = torch.tensor([-0.5, 0.5])
        self.modes = torch.cartesian_prod(sign, sign)
        self.mode_label = (self.modes.prod(dim=1) < 0).long()

    def draw(self, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw `(n, 2)` points and their classes `(n,)`."""
        assert self.modes is not None
        points, mode = _mixture(n, self.modes, self.std, generator)
        return points, self.mode_label[mode]


class Wave(Points):
    r"""Points along two periods of a sine, each labelled with its place: a continuous condition.

    $$ a \sim U(-\sqrt3, \sqrt3), \qquad x \mid a \sim N\bigl((a, \sin \tfrac{2\pi a}{\sqrt3}),
    \mathrm{std}^2 I\bigr) $$

    The label a has unit variance, and the population of every label is known.
    """

    name = "wave"
    attributes = ("place",)

    def __init__(
        self,
        n: int = 20_000,
        std: float = 0.05,
        data_seed: int = 0,
        **options: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(n, std, data_seed, **options)

    def centre(self, place: Float[Tensor, "n 1"]) -> Float[Tensor, "n 2"]:
        """Mean of the points at each place, `(n, 2)`."""
        return torch.cat([place, (2 * math.pi * place / math.sqrt(3)).sin()], dim=1)

    def draw(self, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw `(n, 2)` points and their places `(n, 1)`."""
        place = math.sqrt(3) * (2 * torch.rand(n, 1, generator=generator) - 1)
        return self.centre(place) + self.std * torch.randn(n, 2, generator=generator), place


def _mixture(
    n: int, modes: Float[Tensor, "k d"], std: float, generator: torch.Generator
) -> tuple[Float[Tensor, "n d"], Int[Tensor, " n"]]:
    mode = torch.randint(len(modes), (n,), generator=generator)
    return modes[mode] + std * torch.randn(n, modes.shape[1], generator=generator), mode
