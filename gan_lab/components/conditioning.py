"""Ways in which a label, a class or numbers, reaches a network."""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.utils import parametrizations

from gan_lab.components.norms import norm_layer
from gan_lab.errors import UserError
from gan_lab.spec import UNLABELLED, Labels
from gan_lab.types import Label

GENERATOR_CONDITIONING = ("concat", "film")
CRITIC_CONDITIONING = ("projection", "concat")


def route(labels: Labels, conditioning: str) -> tuple[Labels, Labels]:
    """Labels that a generator appends to its latent, and those that modulate its layers."""
    return (UNLABELLED, labels) if conditioning == "film" else (labels, UNLABELLED)


def spectral_norm(layer: nn.Module, on: bool) -> nn.Module:
    """The layer itself, or with its weight divided by its largest singular value."""
    return parametrizations.spectral_norm(layer) if on else layer


class Embedding(nn.Module):
    """A learned vector for each class, or a linear map of the attributes: `dim` numbers."""

    def __init__(self, labels: Labels, dim: int, std: float = 1.0) -> None:
        """Start with entries of standard deviation `std`."""
        super().__init__()
        self.labels = labels
        self.weight = nn.Parameter(std * torch.randn(labels.classes or labels.attributes, dim))

    def forward(self, label: Label | None) -> Float[Tensor, "b e"]:
        """Labels `(b,)` or `(b, k)` to vectors `(b, dim)`.

        Raises:
            UserError: If there is no label, or one of another kind.
        """
        if label is None:
            raise UserError(
                f"this network is conditional on {self.labels} and got no label; pass one label "
                "per sample, or build it with conditional=false"
            )
        if label.is_floating_point() == bool(self.labels.classes):
            raise UserError(
                f"this network is conditional on {self.labels} and got a label of shape "
                f"{tuple(label.shape)} and type {label.dtype}"
            )
        if self.labels.classes:
            return nn.functional.embedding(label, self.weight)
        return label.to(self.weight.dtype) @ self.weight


class LabelConcat(nn.Module):
    """Append a learned vector of the label to a feature vector (Mirza & Osindero 2014).

    Without labels the features pass unchanged. `dim` is the number of features that come out.
    """

    def __init__(self, features: int, labels: Labels, label_dim: int = 16) -> None:
        """Embed a label in `label_dim` numbers."""
        super().__init__()
        self.dim = features + (label_dim if labels else 0)
        self.embedding = Embedding(labels, label_dim) if labels else None

    def forward(self, z: Float[Tensor, "b d"], label: Label | None = None) -> Float[Tensor, "b e"]:
        """Features `(b, d)` and labels `(b,)` to `(b, dim)`.

        Raises:
            UserError: If a label is missing or of another kind.
        """
        if self.embedding is None:
            return z
        vector = self.embedding(label)
        return torch.cat([z, vector.to(z.dtype)], dim=1)


class ConditionalNorm(nn.Module):
    r"""Normalise, then scale and shift each channel by numbers that belong to the label.

    $$ y_c = (1 + \gamma_{l,c})\,\mathrm{norm}(x)_c + \beta_{l,c} $$

    With `norm="none"` this is feature-wise linear modulation (FiLM, Perez et al. 2018); with
    no labels it is the plain normalisation with its own scale and shift.
    """

    def __init__(self, norm: str, channels: int, spatial: int, labels: Labels = UNLABELLED) -> None:
        """Start near the identity: gains and shifts have standard deviation 0.1."""
        super().__init__()
        self.norm = norm_layer(norm, channels, spatial, affine=not labels)
        self.film = Embedding(labels, 2 * channels, std=0.1) if labels else None

    def forward(
        self, x: Float[Tensor, "b c *s"], label: Label | None = None
    ) -> Float[Tensor, "b c *s"]:
        """Modulate `(b, c, *s)` by labels `(b,)`.

        Raises:
            UserError: If a label is missing or of another kind.
        """
        x = self.norm(x)
        if self.film is None:
            return x
        pair = self.film(label).to(x.dtype)
        gain, shift = pair.view(*pair.shape, *[1] * (x.ndim - 2)).chunk(2, dim=1)
        modulated: Tensor = (1 + gain) * x + shift
        return modulated


class ProjectionHead(nn.Module):
    r"""Features to one logit; a label adds its inner product with them.

    $$ D(x, l) = w^\top\phi(x) + b + e_l^\top\phi(x) $$

    Source: Miyato & Koyama 2018, "cGANs with Projection Discriminator", sec. 3. Without labels
    only the linear part remains.
    """

    def __init__(
        self, features: int, labels: Labels = UNLABELLED, *, spectral: bool = False
    ) -> None:
        """Start the label's vectors at the scale of the linear weights; `spectral` bounds both."""
        super().__init__()
        self.linear = spectral_norm(nn.Linear(features, 1), spectral)
        vectors = Embedding(labels, features, std=features**-0.5) if labels else None
        self.embedding = vectors if vectors is None else spectral_norm(vectors, spectral)

    def forward(
        self, features: Float[Tensor, "b f"], label: Label | None = None
    ) -> Float[Tensor, " b"]:
        """Features `(b, f)` and labels `(b,)` to logits `(b,)`.

        Raises:
            UserError: If a label is missing or of another kind.
        """
        logit: Tensor = self.linear(features).squeeze(1)
        if self.embedding is None:
            return logit
        vector = self.embedding(label)
        projected: Tensor = (vector * features).sum(1)
        return logit + projected


class ConcatHead(nn.Module):
    """Features and a learned vector of the label, through one hidden layer, to one logit."""

    def __init__(
        self,
        features: int,
        labels: Labels,
        label_dim: int = 16,
        width: int = 64,
        *,
        spectral: bool = False,
    ) -> None:
        """Join the label late, so that every critic can use it; `spectral` bounds both layers."""
        super().__init__()
        self.join = LabelConcat(features, labels, label_dim)
        self.hidden = spectral_norm(nn.Linear(self.join.dim, width), spectral)
        self.linear = spectral_norm(nn.Linear(width, 1), spectral)

    def forward(
        self, features: Float[Tensor, "b f"], label: Label | None = None
    ) -> Float[Tensor, " b"]:
        """Features `(b, f)` and labels `(b,)` to logits `(b,)`.

        Raises:
            UserError: If a label is missing or of another kind.
        """
        hidden = nn.functional.leaky_relu(self.hidden(self.join(features, label)), 0.2)
        logit: Tensor = self.linear(hidden).squeeze(1)
        return logit


def critic_head(
    features: int, labels: Labels, conditioning: str, *, spectral: bool = False
) -> nn.Module:
    """The head that `conditioning` names; without labels, a linear one."""
    if labels and conditioning == "concat":
        return ConcatHead(features, labels, spectral=spectral)
    return ProjectionHead(features, labels, spectral=spectral)
