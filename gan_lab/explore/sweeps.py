"""Sweeps: one thing changes along the columns, all else stays as it is."""

from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.explore.walks import Walk
from gan_lab.latent.categorical import Categorical
from gan_lab.latent.marks import mark
from gan_lab.latent.product import Product
from gan_lab.types import Prior

SHARES = (0.01, 0.99)
"""Quantiles of a coordinate's own draws between which a sweep moves it."""


def truncation(prior: Prior, z: Float[Tensor, "r d"], psi: Float[Tensor, " s"]) -> Walk:
    """Each latent pulled towards the prior's centre, from `psi` = 0 (centre) to 1 (as it is).

    Raises:
        UserError: If the prior has no truncation, or a value is not in [0, 1].
    """
    path = torch.stack([prior.truncate(z, value) for value in psi.tolist()], 1)
    names = tuple(f"{value:.2g}" for value in psi.tolist())
    return Walk("truncation", path, _rows(psi, len(z)), mark(prior, path), columns=names)


def classes(prior: Prior, z: Float[Tensor, "r d"], names: tuple[str, ...]) -> Walk:
    """Each latent as every class.

    Raises:
        UserError: If there are no classes.
    """
    if not names:
        raise UserError("this generator has no classes to sweep; kind=codes sweeps latent codes")
    number = torch.arange(len(names))
    path = z[:, None].repeat(1, len(names), 1)
    label = number.expand(len(z), -1)
    return Walk("class", path, _rows(number, len(z)), mark(prior, path), label=label, columns=names)


def codes(prior: Prior, z: Float[Tensor, "r d"], steps: int) -> tuple[Walk, ...]:
    """The parts of a product prior after the first, as InfoGAN arranges noise and codes.

    A categorical part gives one walk through its categories, any other part one walk for each
    coordinate, from its 1 % to its 99 % quantile.

    Raises:
        UserError: If the prior is of one part.
    """
    if not isinstance(prior, Product) or len(prior.priors) < 2:
        raise UserError(
            "this prior is of one part and has no codes; train with latent=info, or take "
            "kind=coordinates"
        )
    edges = list(pairwise(torch.tensor([0, *prior.sizes]).cumsum(0).tolist()))
    walks: list[Walk] = []
    for number, (part, (first, after)) in enumerate(zip(prior.priors, edges, strict=True)):
        if number == 0:
            continue
        if isinstance(part, Categorical):
            walks.append(_categories(prior, z, first, after, f"code {number}: category"))
            continue
        for index in range(first, after):
            name = f"code {number}, coordinate {index - first}"
            walks.append(coordinate(prior, z, index, steps, name))
    return tuple(walks)


def coordinate(
    prior: Prior, z: Float[Tensor, "r d"], index: int, steps: int, name: str | None = None
) -> Walk:
    """One coordinate from its 1 % to its 99 % quantile among the prior's own draws.

    Raises:
        UserError: If there is no such coordinate.
    """
    values = spread(prior, index, steps)
    path = prior.traverse(z, index, values)
    names = tuple(f"{value:.2g}" for value in values.tolist())
    return Walk(
        name or f"coordinate {index}", path, _rows(values, len(z)), mark(prior, path),
        columns=names,
    )  # fmt: skip


def spread(prior: Prior, index: int, steps: int, n: int = 4096) -> Float[Tensor, " s"]:
    """`steps` values evenly spaced between two quantiles of a coordinate of the prior.

    Raises:
        UserError: If there is no such coordinate.
    """
    if not 0 <= index < prior.dim:
        raise UserError(f"latent coordinate {index} does not exist; expected 0 to {prior.dim - 1}")
    draws = prior.sample(n, torch.Generator().manual_seed(0))[:, index]
    low, high = torch.quantile(draws, torch.tensor(SHARES)).tolist()
    return torch.linspace(low, high, steps)


def _categories(prior: Prior, z: Tensor, first: int, after: int, name: str) -> Walk:
    path = z[:, None].repeat(1, after - first, 1)
    path[:, :, first:after] = torch.eye(after - first)
    number = torch.arange(after - first)
    names = tuple(str(k) for k in number.tolist())
    return Walk(name, path, _rows(number, len(z)), mark(prior, path), columns=names)


def _rows(values: Tensor, rows: int) -> Float[Tensor, "r s"]:
    return values.float().expand(rows, -1)
