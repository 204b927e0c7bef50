"""How well the samples of latents match targets."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.explore.output import Decode, Features
from gan_lab.explore.typical import Penalty


@dataclass(frozen=True, eq=False)
class Matching:
    r"""What an inversion makes small, for each latent by itself.

    $$ L(z) = \frac1m \|g(z) - x\|^2 + \beta \|f(g(z)) - f(x)\|^2 + w\, p(z) $$

    Attributes:
        decode: The generator g.
        penalty: p, which keeps z on the prior.
        weight: w; 0: p is not computed.
        features: f; None: values alone.
        share: $\beta$; see `balanced`.
    """

    decode: Decode
    penalty: Penalty
    weight: float
    features: Features | None = None
    share: float = 0.0

    def errors(
        self, x: Float[Tensor, "r c *s"], target: Float[Tensor, "r c *s"]
    ) -> Float[Tensor, " r"]:
        """Weighted errors of samples, without the penalty, `(r,)`."""
        error = squared(x, target)
        if self.features is None:
            return error
        gap = self.features(x).flatten(1) - self.features(target).flatten(1)
        return error + self.share * gap.square().sum(1)

    def losses(
        self, z: Float[Tensor, "r d"], target: Float[Tensor, "r c *s"]
    ) -> Float[Tensor, " r"]:
        """L of each latent, `(r,)`."""
        loss = self.errors(self.decode(z), target)
        return loss + self.weight * self.penalty(z).to(loss) if self.weight else loss

    def losses_and_slopes(
        self, z: Float[Tensor, "r d"], target: Float[Tensor, "r c *s"]
    ) -> tuple[Float[Tensor, " r"], Float[Tensor, "r d"]]:
        """L and its gradient; a slope that is not finite is 0, such as on a flat prior."""
        # cuDNN's recurrent layers have no derivative in eval mode.
        with torch.enable_grad(), torch.backends.cudnn.flags(enabled=False):
            leaf = z.detach().requires_grad_()
            loss = self.losses(leaf, target)
            (slope,) = torch.autograd.grad(loss.sum(), leaf)
        return loss.detach(), slope.nan_to_num(0.0, 0.0, 0.0)


def balanced(features: Features, weight: float, x: Float[Tensor, "n c *s"]) -> float:
    r"""The factor $\beta$ that makes feature errors count `weight` times as much as values.

    Both errors are then equal on average between the samples x of the generator.
    """
    found = features(x).flatten(1)
    spread = x.flatten(1).var(0, correction=0).mean()
    return weight * float(spread / found.var(0, correction=0).sum().clamp_min(1e-12))


def squared(x: Float[Tensor, "r c *s"], target: Float[Tensor, "r c *s"]) -> Float[Tensor, " r"]:
    """Mean squared error of each sample, `(r,)`."""
    return (x - target).flatten(1).square().mean(1)
