r"""Augmentation as strong as the critic's overfitting asks for.

Source: Karras et al., "Training generative adversarial networks with limited data", 2020, sec. 3.
"""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.augment.chain import Chain
from gan_lab.control import Control
from gan_lab.errors import UserError

Heuristic = Callable[..., Tensor]


def pair_sign(*, real: Float[Tensor, " b"], fake: Float[Tensor, " n"]) -> Float[Tensor, " b"]:
    r"""$\mathbb E_z[\mathrm{sign}(D(x) - D(G(z)))]$ of each real x, over all fakes of the step.

    Its mean is $2\,P(D(x) > D(G(z))) - 1$: 0 where the critic cannot tell real from fake, 1 where
    every real one beats every fake one. It asks only which of two samples looks more real, so it
    suits every critic, also a relativistic one, whose logits are defined up to a constant.

    >>> pair_sign(real=torch.tensor([2.0, 4.0]), fake=torch.tensor([1.0, 3.0]))
    tensor([0., 1.])
    """
    return (real[:, None] - fake[None]).sign().mean(1)


def real_sign(*, real: Float[Tensor, " b"], fake: Float[Tensor, " n"]) -> Float[Tensor, " b"]:
    r"""$\mathrm{sign}(D(x))$ of each real x: the paper's $r_t$, for logits with a zero, eq. 1.

    It means nothing for a relativistic or a Wasserstein critic.
    """
    return real.sign()


class Adaptive(Control):
    r"""Each transform acts on each sample with a probability p that follows the critic.

    Over every `window` images the overfitting r is measured. Where it is above the target, p rises
    by the number of these images over `images_to_full`; below, it falls; it stays in [0, `limit`].

    The default heuristic compares pairs, and the default target is the paper's 0.6 in its units:
    if logits are normal, equally wide, and as far above zero on real as below on fake samples, then
    $r_t = 2\Phi(d) - 1$ and pairs give $2\Phi(\sqrt 2 d) - 1$, which is 0.77 where $r_t = 0.6$.

    Args:
        transforms: Transforms by name, or families of them, in the order in which they act; None
            leaves one out.
        target: Overfitting that p keeps, between -1 and 1.
        images_to_full: Images in which p goes from 0 to 1.
        window: Images between two changes of p.
        limit: Largest p. Near 1, what the transforms do can no longer be told from the data:
            generated samples look augmented.
        heuristic: Keyword arguments `real` and `fake`, logits `(b,)`, to one number per real
            sample, whose mean is the overfitting r.

    Raises:
        UserError: If a number is out of its range.
    """

    position: Tensor
    total: Tensor
    count: Tensor
    measured: Tensor

    def __init__(
        self,
        transforms: Mapping[str, Any],
        target: float = 0.77,
        images_to_full: int = 500_000,
        window: int = 256,
        limit: float = 0.8,
        heuristic: Heuristic = pair_sign,
    ) -> None:
        super().__init__()
        if not (-1 <= target <= 1 and 0 <= limit <= 1):
            raise UserError(
                f"augment: target is {target}, limit {limit}; expected -1 to 1 and 0 to 1"
            )
        if images_to_full < 1 or window < 1:
            raise UserError(
                f"augment: images_to_full is {images_to_full}, window {window}; expected 1 or more"
            )
        self.chain, self.heuristic = Chain(transforms), heuristic
        self.target, self.window, self.limit = target, window, limit
        self.images_to_full = images_to_full
        # p is kept as a number of images: whole, so neither rounding nor half precision moves it.
        self.register_buffer("position", torch.zeros((), dtype=torch.int64))
        self.register_buffer("count", torch.zeros((), dtype=torch.int64))
        self.register_buffer("total", torch.zeros(()))
        self.register_buffer("measured", torch.zeros(()))

    @property
    def probability(self) -> float:
        """The probability p now."""
        return min(self.limit, int(self.position) / self.images_to_full)

    @property
    def overfitting(self) -> float:
        """What the heuristic said about the last full window, r."""
        return float(self.measured)

    def forward(self, x: Float[Tensor, "b c *s"], rng: torch.Generator) -> Float[Tensor, "b c *s"]:
        """Samples `(b, c, *s)`, augmented; the same draws for the same state of `rng`."""
        return self.chain(x, rng, self.probability)

    @torch.no_grad()
    def update(self, *, real: Float[Tensor, " b"], fake: Float[Tensor, " b"], images: int) -> None:
        """Follow the logits of one critic step; at the end of a window, move p."""
        self.total += self.heuristic(real=real.float(), fake=fake.float()).mean() * images
        self.count += images
        if int(self.count) >= self.window:
            self._move()

    def readings(self) -> dict[str, float]:
        """The probability, and the overfitting that moved it."""
        return {"augment/probability": self.probability, "augment/overfitting": self.overfitting}

    def _move(self) -> None:
        self.measured.copy_(self.total / self.count)
        direction = (self.measured.double() - self.target).sign().long()
        highest = round(self.limit * self.images_to_full)
        self.position.add_(direction * self.count).clamp_(0, highest)
        self.total.zero_()
        self.count.zero_()
