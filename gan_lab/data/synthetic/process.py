"""A population of series: one long path cut into windows, or windows drawn independently."""

from abc import abstractmethod
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.data.base import DataModule, Samples, require_at_least
from gan_lab.data.series import windowed
from gan_lab.data.split import random_parts
from gan_lab.spec import DataSpec


class Process(DataModule):
    """Base of the simulated series; subclasses implement `simulate` and set `truth`.

    A path has just the `(n - 1) * stride + window` steps that `n` windows need. Its last windows
    are held out, and windows that overlap them are not used. Independent windows are restarted
    from the process' own law and split at random. Either way each channel is standardised by the
    training part; `to_units` gives the units of `truth` back.

    Args:
        n: Number of windows.
        window: Steps per window.
        stride: Steps between the beginnings of two windows of the path.
        independent: Whether to draw every window on its own instead of cutting one path.
        data_seed: Seed of the population; independent of the training seed.
        options: Arguments of `DataModule`.

    Raises:
        UserError: If a number is out of range.
    """

    name: str
    channel_names: tuple[str, ...]

    def __init__(
        self,
        n: int = 10_000,
        window: int = 32,
        stride: int = 1,
        independent: bool = False,
        data_seed: int = 0,
        **options: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(**options)
        require_at_least("n", n, 2)
        require_at_least("window", window, 2)
        require_at_least("stride", stride, 1)
        require_at_least("data_seed", data_seed, 0)
        self.n, self.window, self.stride = n, window, stride
        self.independent, self.data_seed = independent, data_seed

    @abstractmethod
    def simulate(self, n: int, steps: int, generator: torch.Generator) -> Float[Tensor, "n t c"]:
        """Draw `n` independent series of `steps` steps in original units, float64.

        Series `i` does not depend on `n`; nor do the first steps of a single series depend on
        `steps`, but for rounding.
        """

    def load(self) -> Samples:
        """Simulate the population of `data_seed`.

        Raises:
            UserError: If too few windows are left for training.
        """
        generator = torch.Generator().manual_seed(self.data_seed)
        if self.independent:
            return self._standardised(self.simulate(self.n, self.window, generator))
        steps = (self.n - 1) * self.stride + self.window
        return windowed(
            self.simulate(1, steps, generator)[0].float(),
            name=self.name,
            channel_names=self.channel_names,
            window=self.window,
            stride=self.stride,
            shares=self.shares,
        )

    def _standardised(self, windows: Float[Tensor, "n t c"]) -> Samples:
        train = random_parts(len(windows), None, self.shares, self.split_seed).train
        steps = windows[train].flatten(0, 1)
        spec = DataSpec(
            name=self.name,
            modality="series",
            channels=windows.shape[2],
            spatial=(self.window,),
            channel_names=self.channel_names,
            scale=tuple(steps.std(dim=0, unbiased=False).tolist()),
            offset=tuple(steps.mean(dim=0).tolist()),
        )
        return Samples(spec.from_units(windows.transpose(1, 2)).contiguous(), None, spec)
