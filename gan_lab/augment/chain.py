"""A chain of transforms, each applied to each sample with one probability."""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from gan_lab.augment.matrix import MatrixTransform
from gan_lab.errors import UserError
from gan_lab.types import Transform


class Chain:
    """Transforms in the order in which they act.

    Every transform has a draw of its own for every sample that says whether it acts; neighbours
    that are matrices of one kind are multiplied, so that an image is resampled once.

    Args:
        transforms: Transforms by name; a mapping in place of a transform is a family of them, and
            None leaves a transform or a family out.

    Raises:
        UserError: If something is no transform.
    """

    def __init__(self, transforms: Mapping[str, Any]) -> None:
        self.transforms = tuple(_flatten(transforms))
        self.stages = tuple(_stages(self.transforms))

    def __call__(
        self, x: Float[Tensor, "b c *s"], rng: torch.Generator, probability: float
    ) -> Float[Tensor, "b c *s"]:
        """Transform each sample by each transform with `probability`; 0 returns `x` itself."""
        if probability > 0:
            with torch.autocast(x.device.type, enabled=False):
                for stage in self.stages:
                    x = stage(x, rng, probability)
        return x


@dataclass(frozen=True)
class _Single:
    """One transform."""

    transform: Transform

    def __call__(self, x: Tensor, rng: torch.Generator, probability: float) -> Tensor:
        chosen = _choose(len(x), rng, probability)
        return _where(chosen, self.transform(x, rng), x)


@dataclass(frozen=True)
class _Fused:
    """Matrices of one kind, multiplied."""

    transforms: tuple[MatrixTransform, ...]

    def __call__(self, x: Tensor, rng: torch.Generator, probability: float) -> Tensor:
        changed = torch.zeros(len(x), dtype=torch.bool)
        product: Tensor | None = None
        for transform in self.transforms:
            chosen = _choose(len(x), rng, probability)
            matrix = transform.matrix(x, rng)
            matrix = _where(chosen, matrix, torch.eye(matrix.shape[1], dtype=matrix.dtype))
            product = matrix if product is None else matrix @ product
            changed = changed | chosen
        if product is None or not changed.any():
            return x
        return _where(changed, self.transforms[0].transform(x, product), x)


def _choose(n: int, rng: torch.Generator, probability: float) -> Bool[Tensor, " n"]:
    return torch.rand(n, generator=rng) < probability


def _where(chosen: Bool[Tensor, " b"], yes: Tensor, no: Tensor) -> Tensor:
    return torch.where(chosen.to(yes.device).view(-1, *[1] * (yes.ndim - 1)), yes, no)


def _flatten(transforms: Mapping[str, Any], prefix: str = "") -> Iterator[Transform]:
    for name, value in transforms.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{name}.")
        elif callable(value):
            yield value
        elif value is not None:
            raise UserError(
                f"augment.transforms.{prefix}{name} is {value!r}; expected a transform, a family "
                "of them by name, or null to leave it out"
            )


def _stages(transforms: tuple[Transform, ...]) -> Iterator[_Single | _Fused]:
    for _, group in groupby(transforms, _kind):
        matrices, others = [], []
        for transform in group:
            if isinstance(transform, MatrixTransform):
                matrices.append(transform)
            else:
                others.append(transform)
        yield from [_Fused(tuple(matrices))] if matrices else []
        yield from map(_Single, others)


def _kind(transform: Transform) -> Hashable:
    return transform.kind if isinstance(transform, MatrixTransform) else None
