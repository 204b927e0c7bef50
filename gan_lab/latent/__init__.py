"""Priors over latents that own their geometry: sample, log-probability, paths, truncation."""

from gan_lab.latent.bernoulli import Bernoulli
from gan_lab.latent.categorical import Categorical
from gan_lab.latent.mixture import GaussianMixture
from gan_lab.latent.normal import Normal
from gan_lab.latent.product import Product
from gan_lab.latent.sphere import Sphere
from gan_lab.latent.truncated_normal import TruncatedNormal
from gan_lab.latent.uniform import Uniform

__all__ = [
    "Bernoulli",
    "Categorical",
    "GaussianMixture",
    "Normal",
    "Product",
    "Sphere",
    "TruncatedNormal",
    "Uniform",
]
