"""What the critic's logits say: can it tell, does it remember, does the loss pass it on?"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor


@dataclass(frozen=True)
class Judgement:
    """Logits in numbers; the attributes are those of `Signals`."""

    accuracy: float
    gap: float
    overfitting: float | None
    overfitting_error: float | None
    slope: float


def judgement(
    *,
    train: Float[Tensor, " n"],
    held_out: Float[Tensor, " m"],
    fake: Float[Tensor, " n"],
    generator_loss: Callable[..., Tensor],
) -> Judgement:
    r"""Compare logits on training rows, held-out rows and samples.

    The overfitting is the share of the gap that held-out rows lack, with the standard error that
    the means of its numerator have; it is None where training rows do not score above samples.

    Args:
        train: Logits on training rows, `(n,)`, finite.
        held_out: On held-out rows, `(m,)`.
        fake: On samples, `(n,)`.
        generator_loss: Keyword arguments `real` and `fake`, logits `(n,)`, to one loss per sample.

    Source: Karras et al., "Training generative adversarial networks with limited data", 2020,
    eq. 1.
    """
    gap = float(train.mean() - fake.mean())
    share = error = None
    if gap > 0 and min(len(train), len(held_out)) > 1:
        share = float(train.mean() - held_out.mean()) / gap
        variance = train.var() / len(train) + held_out.var() / len(held_out)
        error = float(variance.sqrt()) / gap
    return Judgement(
        accuracy=accuracy(real=train, fake=fake),
        gap=gap,
        overfitting=share,
        overfitting_error=error,
        slope=slope(real=train, fake=fake, generator_loss=generator_loss),
    )


def accuracy(*, real: Float[Tensor, " n"], fake: Float[Tensor, " m"]) -> float:
    """Share of the pairs in which the real one scores higher; ties count one half.

    >>> accuracy(real=torch.tensor([1.0, 3.0]), fake=torch.tensor([2.0, 1.0]))
    0.625
    """
    return float((real[:, None] - fake[None]).sign().mean() / 2 + 0.5)


def slope(
    *,
    real: Float[Tensor, " n"],
    fake: Float[Tensor, " n"],
    generator_loss: Callable[..., Tensor],
) -> float:
    r"""Mean $|\partial \ell_i / \partial D(y_i)|$ of the generator's loss.

    1 for a Wasserstein loss; $\sigma(-D)$ for the non-saturating one, $\sigma(D)$ for minimax.

    >>> from gan_lab.objectives import wgan
    >>> slope(real=torch.zeros(2), fake=torch.ones(2), generator_loss=wgan.generator)
    1.0
    """
    with torch.enable_grad():
        fake = fake.detach().clone().requires_grad_()
        total = generator_loss(real=real.detach(), fake=fake).sum()
        (gradient,) = torch.autograd.grad(total, fake)
    return float(gradient.abs().mean())
