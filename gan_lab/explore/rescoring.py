"""Rescoring: does moving along a direction really move the attribute, and what else does it move?

Source: Yang et al. 2021, "Semantic hierarchy emerges in deep generative representations", sec. 3.2.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from scipy.stats import rankdata
from torch import Tensor


@dataclass(frozen=True)
class Rescoring:
    """How an attribute follows the amount of a move, over many starting latents.

    Attributes:
        correlation: Spearman correlation of amount and attribute along the path of one latent,
            averaged over latents.
        correlation_of_mean: The same for the attribute averaged over latents.
        monotone: Share of latents whose path moves and never turns back from the way of the mean.
        effect: Change of the attribute per amount 1 in units of its standard deviation among
            samples: least-squares slope of its mean.
        used: Number of latents whose path has a value everywhere.
    """

    correlation: float
    correlation_of_mean: float
    monotone: float
    effect: float
    used: int


def rescore(value: Float[Tensor, "b s"], amounts: Float[Tensor, " s"], spread: float) -> Rescoring:
    """Judge the attribute of samples that were moved.

    Args:
        value: The attribute of latent b moved by amount s, `(b, s)`; paths with NaN are left out.
        amounts: Increasing amounts, `(s,)`.
        spread: Standard deviation of the attribute among samples of the generator.
    """
    paths = value[value.isfinite().all(1)].double()
    if not len(paths):
        return Rescoring(*(float("nan"),) * 4, 0)
    mean, step = paths.mean(0), amounts.double() - amounts.double().mean()
    slope = float((step * mean).sum() / step.square().sum())
    rho = spearman_rows(paths, amounts)
    forward = paths.diff(dim=1) * (1 if slope >= 0 else -1)
    monotone = (forward >= 0).all(1) & (forward > 0).any(1)
    return Rescoring(
        float(rho.mean()),
        float(spearman_rows(mean[None], amounts)),
        float(monotone.double().mean()),
        slope / spread if spread > 0 else float("nan"),
        len(paths),
    )


def spearman_rows(value: Float[Tensor, "b s"], amounts: Float[Tensor, " s"]) -> Float[Tensor, " b"]:
    """Spearman correlation of each row with the amounts; 0 for a row that does not change."""
    ranks = torch.from_numpy(rankdata(value.cpu().numpy(), axis=1))
    order = torch.from_numpy(rankdata(amounts.cpu().numpy()))
    a, b = ranks - ranks.mean(1, keepdim=True), order - order.mean()
    norm = a.norm(dim=1) * b.norm()
    return torch.where(norm > 0, (a @ b) / norm.clamp_min(1e-12), torch.zeros_like(norm))
