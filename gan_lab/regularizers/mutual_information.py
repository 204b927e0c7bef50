"""InfoGAN: a second head of the critic reads the latent code back from the sample."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from gan_lab.errors import UserError
from gan_lab.latent.categorical import Categorical
from gan_lab.latent.product import Product
from gan_lab.regularizers.turn import Judge
from gan_lab.spec import Labels
from gan_lab.types import Prior


class Reader(nn.Module):
    r"""One part of the code from features: $-\log Q(c \mid \phi)$ per sample.

    A categorical part is read as its category; any other as independent Gaussians whose mean and
    variance are both read (Chen et al. 2016, app. C).
    """

    def __init__(self, prior: Prior, features: int) -> None:
        """Read a part that `prior` draws."""
        super().__init__()
        self.discrete = isinstance(prior, Categorical)
        self.linear = nn.Linear(features, prior.dim if self.discrete else 2 * prior.dim)

    def forward(
        self, features: Float[Tensor, "b f"], code: Float[Tensor, "b k"]
    ) -> Float[Tensor, " b"]:
        """Negative log-likelihood of `code`, `(b,)`, in nats."""
        read = self.linear(features)
        if self.discrete:
            return cross_entropy(read, code.argmax(1), reduction="none")
        mean, log_variance = read.chunk(2, dim=1)
        square = (code - mean).square() * torch.exp(-log_variance)
        nll: Tensor = 0.5 * (square + log_variance + math.log(2 * math.pi)).sum(1)
        return nll


class CodeReader(nn.Module):
    r"""$-\log Q(c \mid G(z, c))$: less $H(c)$, a lower bound of $-I(c; G(z, c))$.

    Both sides pay it: the head learns to read the code, the generator to make it legible. Source:
    Chen et al., "InfoGAN", 2016, eq. 5 and 6.
    """

    def __init__(self, prior: Product, codes: Sequence[int], features: int) -> None:
        """Read the parts `codes` of the prior."""
        super().__init__()
        edges = torch.tensor([0, *prior.sizes]).cumsum(0).tolist()
        spans = list(pairwise(edges))
        self.spans = [spans[k] for k in codes]
        self.readers = nn.ModuleList(Reader(prior.priors[k], features) for k in codes)

    def forward(
        self,
        *,
        critic: Judge,
        fake: Float[Tensor, "b c *s"],
        z: Float[Tensor, "n d"],
        **_: object,
    ) -> Float[Tensor, " b"]:
        """Negative log-likelihood of the code of each fake sample, `(b,)`.

        Raises:
            UserError: If several samples are judged as one.
        """
        if len(z) != len(fake):
            raise UserError("regularizers.info_gan needs one code per sample; set model.pack=1")
        features = critic.features(fake)
        parts = zip(self.readers, self.spans, strict=True)
        return torch.stack([reader(features, z[:, i:j]) for reader, (i, j) in parts]).sum(0)


@dataclass(frozen=True)
class MutualInformation:
    """`CodeReader`, sized by the prior and the critic.

    Attributes:
        codes: Which parts of a product prior are the code; None: all but the first.
    """

    codes: Sequence[int] | None = None

    def build(self, *, prior: Prior, labels: Labels, features: int) -> CodeReader:
        """The head.

        Raises:
            UserError: If the prior has no such parts, or the critic shows no features.
        """
        if not isinstance(prior, Product):
            raise UserError(
                "regularizers.info_gan reads a code, and the prior is of one part; choose "
                "latent=info"
            )
        parts = range(len(prior.priors))
        codes = list(parts)[1:] if self.codes is None else list(self.codes)
        if not codes or any(code not in parts for code in codes):
            raise UserError(
                f"regularizers.info_gan.penalty.codes is {codes}; expected indices of the prior's "
                f"{len(parts)} parts, counted from 0"
            )
        if not features:
            raise UserError("regularizers.info_gan reads features, and this critic shows none")
        return CodeReader(prior, codes, features)
