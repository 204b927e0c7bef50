"""Alpha-precision and beta-recall: fidelity and coverage of the typical, level by level."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.metrics.neighbours import nearest, radii


@dataclass(frozen=True)
class AlphaPrecision:
    r"""Two curves and their scores.

    Attributes:
        precision: $1 - 2 \int |P_\alpha - \alpha|\, d\alpha$; 1 when fakes fill every level set of
            the reals in proportion.
        recall: $1 - 2 \int |R_\beta - \beta|\, d\beta$.
        levels: The levels $\alpha = \beta$, from 0 to 1.
        precision_curve: Share of the fakes inside the ball that holds $\alpha$ of the reals.
        recall_curve: Share of the reals whose nearest fake is close and among the $\beta$ most
            typical fakes.
    """

    precision: float
    recall: float
    levels: tuple[float, ...]
    precision_curve: tuple[float, ...]
    recall_curve: tuple[float, ...]


def alpha_precision_beta_recall(
    *, real: Float[Tensor, "n d"], fake: Float[Tensor, "m d"], levels: int = 30
) -> AlphaPrecision:
    r"""Precision and recall at every level of typicality.

    Typical is what lies close to the mean of its own set. With $R_\alpha$ the $\alpha$-quantile of
    $\|x - \bar x\|$, $P_\alpha = \mathrm{mean}_j\, 1[\|y_j - \bar x\| \le R_\alpha]$. With $y^*$
    the fake nearest to $x_i$, $R_\beta = \mathrm{mean}_i\, 1[\|x_i - y^*\| \le r_1(x_i)]\,
    1[\|y^* - \bar y\| \le B_\beta]$, where $r_1(x_i)$ is the distance to the next real row and
    $B_\beta$ the $\beta$-quantile of $\|y - \bar y\|$. Features in which the mean is not typical
    (several far clusters) make the score hard to read.

    Args:
        real: `(n, d)`.
        fake: `(m, d)`.
        levels: Number of levels above 0.

    Raises:
        UserError: If there are fewer than two real rows.

    Source: Alaa et al., "How faithful is your synthetic data?", 2022, sections 3 and 4.
    """
    level = torch.linspace(0, 1, levels + 1, dtype=torch.float64)
    centre = real.double().mean(dim=0)
    inner = torch.linalg.vector_norm(real.double() - centre, dim=1)
    outer = torch.linalg.vector_norm(fake.double() - centre, dim=1)
    precision = (outer[:, None] <= torch.quantile(inner, level)).double().mean(dim=0)

    depth = torch.linalg.vector_norm(fake.double() - fake.double().mean(dim=0), dim=1)
    found = nearest(real, fake)
    close = found.distance[:, 0] <= radii(real, 1)
    typical = depth[found.index[:, 0], None] <= torch.quantile(depth, level)
    recall = (close[:, None] & typical).double().mean(dim=0)
    return AlphaPrecision(
        precision=_score(precision, level),
        recall=_score(recall, level),
        levels=tuple(level.tolist()),
        precision_curve=tuple(precision.tolist()),
        recall_curve=tuple(recall.tolist()),
    )


def _score(curve: Tensor, level: Tensor) -> float:
    return 1 - 2 * float(torch.trapezoid((curve - level).abs(), level))
