"""Three digits stacked as the colours of one image: a thousand modes that can be counted."""

import hashlib
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import torch
from jaxtyping import Float, Int
from torch import Tensor

from gan_lab.data.base import DataModule, require_at_least
from gan_lab.data.mnist5k import MNIST5k
from gan_lab.data.pixels import pixel_spec
from gan_lab.data.samples import Batch, Samples
from gan_lab.data.split import stratified
from gan_lab.spec import DataSpec

IN_MEMORY_ROWS = 10_000


@dataclass(frozen=True)
class StackedRows:
    """Triples of digits, put together when they are asked for.

    Attributes:
        digits: Grey digits in model range, `(m, 1, h, w)`.
        choice: The three digits of each row, `(n, 3)`, as indices into `digits`.
        spec: What a row looks like.
    """

    digits: Float[Tensor, "m 1 h w"]
    choice: Int[Tensor, "n 3"]
    spec: DataSpec
    label: ClassVar[None] = None
    start: ClassVar[None] = None

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.choice)

    def select(self, index: Int[Tensor, " k"]) -> "StackedRows":
        """The rows at `index`, in that order."""
        return replace(self, choice=self.choice[index])

    def batch(self, index: Int[Tensor, " b"]) -> Batch:
        """Stack the digits of the rows at `index`: `(b, 3, h, w)`, no label."""
        return Batch(self.digits[self.choice[index]].squeeze(2), None)

    def in_memory(self) -> Samples:
        """Evenly spaced rows, at most `IN_MEMORY_ROWS`: what metrics compare against."""
        count = min(len(self), IN_MEMORY_ROWS)
        index = (torch.arange(count, dtype=torch.float64) * (len(self) / count)).long()
        return Samples(*self.batch(index), self.spec)

    def digest(self) -> str:
        """SHA-256 of the digits and of their choice."""
        state = hashlib.sha256(self.digits.contiguous().numpy().tobytes())
        state.update(self.choice.contiguous().numpy().tobytes())
        return state.hexdigest()


class StackedMNIST(DataModule):
    """Three random digits of `MNIST5k` as red, green and blue: images `(3, 28, 28)`, no label.

    A digit in each channel names one of 1,000 equally likely modes. Which digits a row shows is a
    function of `n`, `data_seed` and the number of the row. Held-out rows are stacked from held-out
    digits and training rows from training digits, so that no digit is on both sides.

    Source: Metz et al., "Unrolled generative adversarial networks", 2017; the number of rows is
    that of Lin et al., "PacGAN", 2018: 128,000 to train on, here next to the held-out ones.

    Attributes:
        digits: The digits with their labels and the same split: what a judge of one channel
            learns from.

    Args:
        n: Rows, training and held-out ones together.
        data_seed: Seed of the stacks.
        options: Arguments of `DataModule`.

    Raises:
        UserError: If a number is out of range.
    """

    def __init__(
        self,
        n: int = 160_000,
        data_seed: int = 0,
        **options: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(**options)
        require_at_least("n", n, 2)
        require_at_least("data_seed", data_seed, 0)
        self.n, self.data_seed = n, data_seed
        self.digits = MNIST5k(held_out=self.held_out_share, split_seed=self.split_seed)

    def load(self) -> StackedRows:
        """Split the digits, then choose three for every row from its own side of the split.

        Raises:
            UserError: If the digits are missing.
        """
        self.digits.setup()
        train, held_out = self.digits.train.x, self.digits.held_out.x
        rng = torch.Generator().manual_seed(self.data_seed)
        draw = torch.rand(self.n, 3, dtype=torch.float64, generator=rng)
        choice = (draw * len(train)).long()
        # The rows that `setup` will hold out: their digits lie behind the training digits.
        _, held = stratified(self.n, None, self.held_out_share, self.split_seed)
        choice[held] = len(train) + (draw[held] * len(held_out)).long()
        return StackedRows(
            torch.cat([train, held_out]), choice, pixel_spec("stacked_mnist", 3, (28, 28))
        )
