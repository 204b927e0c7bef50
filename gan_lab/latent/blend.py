"""Paths that blend what is discrete, for those who want to see what lies between."""

from gan_lab.latent.bernoulli import Bernoulli
from gan_lab.latent.categorical import Categorical
from gan_lab.latent.product import Product
from gan_lab.types import Prior


def blended(prior: Prior) -> Prior:
    """The same prior, whose discrete parts blend along a path instead of switching.

    Between the ends such a path is off the support: `log_prob` is -inf and marks say so.
    """
    if isinstance(prior, Product):
        return Product([blended(part) for part in prior.priors])
    if isinstance(prior, Categorical):
        return Categorical(prior.dim, blend=True)
    if isinstance(prior, Bernoulli):
        return Bernoulli(prior.dim, prior.p, blend=True)
    return prior
