"""The discrete coordinates of a prior: which they are, and all that they can say."""

import itertools
import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from gan_lab.latent import Bernoulli, Categorical, Product
from gan_lab.types import Prior


def discrete(prior: Prior) -> Bool[Tensor, " d"]:
    """Which coordinates cannot move continuously, `(d,)`."""
    if isinstance(prior, Product):
        return torch.cat([discrete(part) for part in prior.priors])
    return torch.full((prior.dim,), isinstance(prior, Categorical | Bernoulli))


def code_count(prior: Prior) -> int:
    """Number of settings of the discrete coordinates; 1 where there are none."""
    if isinstance(prior, Product):
        return math.prod(code_count(part) for part in prior.priors)
    if isinstance(prior, Bernoulli):
        return int(2**prior.dim)
    return prior.dim if isinstance(prior, Categorical) else 1


def all_codes(prior: Prior) -> Float[Tensor, "k d"]:
    """Every setting of the discrete coordinates, `(k, d)`; the others are 0."""
    if isinstance(prior, Product):
        parts = itertools.product(*(all_codes(part) for part in prior.priors))
        return torch.stack([torch.cat(row) for row in parts])
    if isinstance(prior, Categorical):
        return torch.eye(prior.dim)
    if isinstance(prior, Bernoulli):
        return torch.tensor(list(itertools.product((0.0, 1.0), repeat=prior.dim)))
    return torch.zeros(1, prior.dim)


def neighbours(prior: Prior, z: Float[Tensor, "b d"]) -> Float[Tensor, "b k d"]:
    """Latents that differ in one bit or one category from each latent, `(b, k, d)`."""
    changed, first = [], 0
    for part in prior.priors if isinstance(prior, Product) else (prior,):
        here = slice(first, first + part.dim)
        if isinstance(part, Bernoulli):
            for k in range(here.start, here.stop):
                other = z.clone()
                other[:, k] = 1 - other[:, k]
                changed.append(other)
        if isinstance(part, Categorical):
            for row in torch.eye(part.dim).to(z):
                other = z.clone()
                other[:, here] = row
                changed.append(other)
        first += part.dim
    return torch.stack(changed, 1) if changed else z.new_zeros(len(z), 0, z.shape[1])
