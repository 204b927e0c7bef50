"""Ways in which a class label reaches a network."""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from gan_lab.components.norms import norm_layer
from gan_lab.errors import UserError

GENERATOR_CONDITIONING = ("concat", "film")
CRITIC_CONDITIONING = ("projection", "concat")


def given(label: Tensor | None, classes: int) -> Tensor:
    """The label, where one is needed.

    Raises:
        UserError: If there is none.
    """
    if label is None:
        raise UserError(
            f"this network is conditional on {classes} classes and got no label; pass one label "
            "per sample, or build it with conditional=false"
        )
    return label


class LabelConcat(nn.Module):
    """Append a learned vector of the class to a feature vector (Mirza & Osindero 2014).

    With `classes=0` the features pass unchanged. `dim` is the number of features that come out.
    """

    def __init__(self, features: int, classes: int, label_dim: int = 16) -> None:
        """Embed `classes` classes in `label_dim` numbers each."""
        super().__init__()
        self.dim = features + (label_dim if classes else 0)
        self.embedding = nn.Embedding(classes, label_dim) if classes else None

    def forward(
        self, z: Float[Tensor, "b d"], label: Int[Tensor, " b"] | None = None
    ) -> Float[Tensor, "b e"]:
        """Features `(b, d)` and labels `(b,)` to `(b, dim)`.

        Raises:
            UserError: If there are classes and no label.
        """
        if self.embedding is None:
            return z
        vector = self.embedding(given(label, self.embedding.num_embeddings))
        return torch.cat([z, vector.to(z.dtype)], dim=1)


class ConditionalNorm(nn.Module):
    r"""Normalise, then scale and shift each channel by numbers that belong to the class.

    $$ y_c = (1 + \gamma_{l,c})\,\mathrm{norm}(x)_c + \beta_{l,c} $$

    With `norm="none"` this is feature-wise linear modulation (FiLM, Perez et al. 2018); with
    `classes=0` it is the plain normalisation with its own scale and shift.
    """

    def __init__(self, norm: str, channels: int, spatial: int, classes: int = 0) -> None:
        """Start near the identity: gains and shifts have standard deviation 0.1."""
        super().__init__()
        self.norm = norm_layer(norm, channels, spatial, affine=not classes)
        self.film = nn.Embedding(classes, 2 * channels) if classes else None
        if self.film is not None:
            nn.init.normal_(self.film.weight, std=0.1)

    def forward(
        self, x: Float[Tensor, "b c *s"], label: Int[Tensor, " b"] | None = None
    ) -> Float[Tensor, "b c *s"]:
        """Modulate `(b, c, *s)` by labels `(b,)`.

        Raises:
            UserError: If there are classes and no label.
        """
        x = self.norm(x)
        if self.film is None:
            return x
        pair = self.film(given(label, self.film.num_embeddings)).to(x.dtype)
        gain, shift = pair.view(*pair.shape, *[1] * (x.ndim - 2)).chunk(2, dim=1)
        modulated: Tensor = (1 + gain) * x + shift
        return modulated


class ProjectionHead(nn.Module):
    r"""Features to one logit; a class adds its inner product with them.

    $$ D(x, l) = w^\top\phi(x) + b + e_l^\top\phi(x) $$

    Source: Miyato & Koyama 2018, "cGANs with Projection Discriminator", sec. 3. With `classes=0`
    only the linear part remains.
    """

    def __init__(self, features: int, classes: int = 0) -> None:
        """Start the class vectors at the scale of the linear weights."""
        super().__init__()
        self.linear = nn.Linear(features, 1)
        self.embedding = nn.Embedding(classes, features) if classes else None
        if self.embedding is not None:
            nn.init.normal_(self.embedding.weight, std=features**-0.5)

    def forward(
        self, features: Float[Tensor, "b f"], label: Int[Tensor, " b"] | None = None
    ) -> Float[Tensor, " b"]:
        """Features `(b, f)` and labels `(b,)` to logits `(b,)`.

        Raises:
            UserError: If there are classes and no label.
        """
        logit: Tensor = self.linear(features).squeeze(1)
        if self.embedding is None:
            return logit
        vector = self.embedding(given(label, self.embedding.num_embeddings))
        projected: Tensor = (vector * features).sum(1)
        return logit + projected


class ConcatHead(nn.Module):
    """Features and a learned vector of the class, through one hidden layer, to one logit."""

    def __init__(self, features: int, classes: int, label_dim: int = 16, width: int = 64) -> None:
        """Join the class late, so that every critic can use it."""
        super().__init__()
        self.join = LabelConcat(features, classes, label_dim)
        self.hidden = nn.Linear(self.join.dim, width)
        self.linear = nn.Linear(width, 1)

    def forward(
        self, features: Float[Tensor, "b f"], label: Int[Tensor, " b"] | None = None
    ) -> Float[Tensor, " b"]:
        """Features `(b, f)` and labels `(b,)` to logits `(b,)`.

        Raises:
            UserError: If there are classes and no label.
        """
        hidden = nn.functional.leaky_relu(self.hidden(self.join(features, label)), 0.2)
        logit: Tensor = self.linear(hidden).squeeze(1)
        return logit


def critic_head(features: int, classes: int, conditioning: str) -> nn.Module:
    """The head that `conditioning` names; without classes, a linear one."""
    if classes and conditioning == "concat":
        return ConcatHead(features, classes)
    return ProjectionHead(features, classes)
