"""Features of a classifier that was trained on the data at hand."""

from collections.abc import Callable
from functools import cached_property

from jaxtyping import Float
from torch import Tensor, nn

from gan_lab.metrics.features.extractor import weights_digest


class ClassifierFeatures:
    """What the last layer of a classifier reads.

    Args:
        body: The classifier without its last layer (`body` of `gan_lab.networks.Classifier`), in
            evaluation mode; samples `(b, c, *s)` to features `(b, d)`.
        name: Name for the receipt: the data it was trained on.

    >>> import torch
    >>> features = ClassifierFeatures(nn.Sequential(nn.Linear(2, 8), nn.ReLU()).eval(), "ring")
    >>> features.name, features(torch.zeros(3, 2)).shape
    ('classifier_ring', torch.Size([3, 8]))
    """

    def __init__(self, body: nn.Module, name: str) -> None:
        self.name = f"classifier_{name}"
        self._body = body
        self._forward: Callable[[Tensor], Tensor] = body

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the weights of the body."""
        return weights_digest(self._body)

    def __call__(self, x: Float[Tensor, "b c *s"]) -> Float[Tensor, "b d"]:
        """`(b, d)`."""
        return self._forward(x).flatten(1)
