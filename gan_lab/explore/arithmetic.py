"""Sums of latents that stay on the prior: averages, and a - b + c."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.special import ndtr, ndtri

from gan_lab.errors import UserError
from gan_lab.latent import (
    Bernoulli,
    Categorical,
    GaussianMixture,
    Product,
    TruncatedNormal,
    Uniform,
)
from gan_lab.types import Prior

Combine = Callable[[Prior, Sequence[Tensor]], Tensor]


@dataclass(frozen=True, eq=False)
class Analogy:
    """What `a - b + c` gives.

    Attributes:
        z: Each latent of c moved by the difference of the averages of a and b, `(k, d)`.
        averages: The averages of a, b and c, `(3, d)`.
        average: The average of c moved in the same way, `(1, d)`.
    """

    z: Float[Tensor, "k d"]
    averages: Float[Tensor, "3 d"]
    average: Float[Tensor, "1 d"]


def average(prior: Prior, z: Float[Tensor, "n d"]) -> Float[Tensor, "1 d"]:
    r"""The average of latents, as likely as they are, `(1, d)`.

    The plain mean of n draws of a normal prior in d dimensions has norm $\sqrt{d/n}$: it would be
    a latent that the prior never draws. So the mean is rescaled to the mean norm. Bounded
    coordinates, uniform or truncated normal, are averaged as normal scores $\Phi^{-1}(F(z))$.
    Categories and bits: the majority. A mixture: inside the component that most latents are in.

    Raises:
        UserError: If there are no latents.
    """
    _some(z)
    return _by_part(prior, [z], _average)


def analogy(
    prior: Prior,
    a: Float[Tensor, "n d"],
    b: Float[Tensor, "m d"],
    c: Float[Tensor, "k d"],
    *,
    amount: float = 1.0,
) -> Analogy:
    r"""$z_i = c_i + \alpha (\bar a - \bar b)$, rescaled to the norm of $c_i$, for each $c_i$.

    The difference of two averages is a direction: what a has and b lacks. The scale is that of
    normal scores, as in `average`, so that a result is as typical as the latent it came from.
    Categories, bits and the components of a mixture: a's where b and c agree, else c's.

    Args:
        prior: Where latents come from.
        a: Latents of what is added.
        b: Latents of what is taken away.
        c: Latents to move.
        amount: $\alpha$.

    Raises:
        UserError: If one of them is empty.

    Source: Radford et al. 2016, arXiv 1511.06434, sec. 6.3.2 (there without rescaling).
    """
    for one in (a, b, c):
        _some(one)

    def combined(prior: Prior, parts: Sequence[Tensor]) -> Tensor:
        return _moved(prior, parts[0], parts[1], parts[2], amount)

    averages = torch.cat([average(prior, one) for one in (a, b, c)])
    moved = _by_part(prior, [a, b, c], combined)
    return Analogy(moved, averages, _by_part(prior, [a, b, averages[2:]], combined))


def _by_part(prior: Prior, operands: Sequence[Tensor], combine: Combine) -> Tensor:
    if not isinstance(prior, Product):
        return combine(prior, operands)
    pieces = zip(*(torch.split(one, prior.sizes, 1) for one in operands), strict=True)
    parts = zip(prior.priors, pieces, strict=True)
    return torch.cat([_by_part(part, piece, combine) for part, piece in parts], 1)


def _average(prior: Prior, operands: Sequence[Tensor]) -> Tensor:
    (z,) = operands
    if isinstance(prior, Categorical | Bernoulli):
        return prior.project(z.mean(0, keepdim=True))
    if isinstance(prior, GaussianMixture):
        most = _component(prior, z)
        offset = z - prior.means.to(z)[prior.component(z)]
        return prior.means.to(z)[most] + _rescaled(offset.mean(0, keepdim=True), offset)
    scores = _scores(prior, z)
    mean = _rescaled(scores.mean(0, keepdim=True), scores)
    return prior.project(_from_scores(prior, mean))


def _moved(prior: Prior, a: Tensor, b: Tensor, c: Tensor, amount: float) -> Tensor:
    if isinstance(prior, Categorical | Bernoulli):
        return _switched(prior, a, b, c)
    if isinstance(prior, GaussianMixture):
        return _within(prior, a, b, c, amount)
    shift = _scores(prior, a).mean(0) - _scores(prior, b).mean(0)
    begin = _scores(prior, c)
    return prior.project(_from_scores(prior, _at_norm(begin + amount * shift, begin)))


def _switched(prior: Categorical | Bernoulli, a: Tensor, b: Tensor, c: Tensor) -> Tensor:
    """What most of a has, where b and c agree; c elsewhere."""
    added, taken = (prior.project(one.mean(0, keepdim=True)) for one in (a, b))
    same = c == taken
    if isinstance(prior, Categorical):
        same = same.all(1, keepdim=True)
    return torch.where(same, added, c)


def _within(prior: GaussianMixture, a: Tensor, b: Tensor, c: Tensor, amount: float) -> Tensor:
    means, own = prior.means.to(c), prior.component(c)
    shifts = [(one - means[prior.component(one)]).mean(0) for one in (a, b)]
    offset = c - means[own]
    moved = _at_norm(offset + amount * (shifts[0] - shifts[1]), offset)
    target = torch.where(own == _component(prior, b), _component(prior, a), own)
    return means[target] + moved


def _component(prior: GaussianMixture, z: Tensor) -> Int[Tensor, ""]:
    """The component that most latents are in."""
    return prior.component(z).mode().values


def _scores(prior: Prior, z: Float[Tensor, "n d"]) -> Float[Tensor, "n d"]:
    """Coordinates in which the prior is standard normal, where it has bounded ones."""
    if isinstance(prior, Uniform | TruncatedNormal):
        share = _cdf(prior, z.double()).clamp(1e-9, 1 - 1e-9)
        scores: Tensor = ndtri(share).to(z)
        return scores
    return z


def _from_scores(prior: Prior, scores: Float[Tensor, "n d"]) -> Float[Tensor, "n d"]:
    if isinstance(prior, Uniform):
        uniform: Tensor = 2 * ndtr(scores) - 1
        return uniform
    if isinstance(prior, TruncatedNormal):
        low, mass = _tail(prior)
        inner: Tensor = ndtri(low + ndtr(scores.double()) * mass).to(scores)
        return inner
    return scores


def _cdf(prior: Uniform | TruncatedNormal, z: Tensor) -> Tensor:
    if isinstance(prior, Uniform):
        return (z + 1) / 2
    low, mass = _tail(prior)
    share: Tensor = (ndtr(z) - low) / mass
    return share


def _tail(prior: TruncatedNormal) -> tuple[float, float]:
    mass = math.erf(prior.threshold / math.sqrt(2))
    return (1 - mass) / 2, mass


def _rescaled(mean: Float[Tensor, "1 d"], of: Float[Tensor, "n d"]) -> Float[Tensor, "1 d"]:
    """A mean with the mean norm of what it is the mean of."""
    norm = mean.norm(dim=1, keepdim=True)
    return torch.where(norm > 0, mean * (of.norm(dim=1).mean() / norm.clamp_min(1e-30)), of[:1])


def _at_norm(z: Float[Tensor, "n d"], like: Float[Tensor, "n d"]) -> Float[Tensor, "n d"]:
    norm = z.norm(dim=1, keepdim=True)
    scaled = z * (like.norm(dim=1, keepdim=True) / norm.clamp_min(1e-30))
    return torch.where(norm > 0, scaled, like)


def _some(z: Tensor) -> None:
    if not len(z):
        raise UserError("latent arithmetic: an operand has no latents")
