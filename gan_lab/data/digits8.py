"""1,797 tiny digits that come with scikit-learn: the smallest image set, for quick tries."""

from typing import Any

import torch

from gan_lab.data.base import DataModule, Samples
from gan_lab.spec import DataSpec


class Digits8(DataModule):
    """Grey digits `(1, 8, 8)` with 17 levels, in ten classes.

    Source: Alpaydin & Kaynak 1998, *Optical recognition of handwritten digits*, as shipped by
    scikit-learn's `load_digits`.

    Args:
        options: Arguments of `DataModule`.
    """

    def __init__(self, **options: Any) -> None:  # noqa: ANN401
        super().__init__(**options)

    def load(self) -> Samples:
        """Read the images (levels 0..16) and their labels."""
        from sklearn.datasets import load_digits

        digits = load_digits()
        spec = DataSpec(
            name="digits8",
            modality="images",
            channels=1,
            spatial=(8, 8),
            classes=tuple(str(name) for name in digits.target_names),
            channel_names=("grey",),
            scale=(8.0,),
            offset=(8.0,),
            bounds=(0.0, 16.0),
            integer=True,
        )
        levels = torch.from_numpy(digits.images).unsqueeze(1)
        return Samples(spec.from_units(levels), torch.from_numpy(digits.target).long(), spec)
