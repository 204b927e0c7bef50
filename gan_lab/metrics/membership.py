"""Membership: does a score tell training rows from rows that training never saw?"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.metrics.neighbours import nearest

Z = 1.96


@dataclass(frozen=True)
class Membership:
    """How well a score tells training rows from held-out rows.

    Attributes:
        auc: Probability that a training row scores higher than a held-out row, ties one half:
            .5 where the score knows nothing, 1 where it knows all training rows.
        low: Lower end of the 95 % interval.
        high: Upper end.
        chance: Half-width of the range of 95 % around .5 that chance alone gives.
        n_train: Training rows.
        n_held_out: Held-out rows.
    """

    auc: float
    low: float
    high: float
    chance: float
    n_train: int
    n_held_out: int


def membership(train: Float[Tensor, " n"], held_out: Float[Tensor, " m"]) -> Membership:
    r"""Area under the curve of scores, with DeLong's interval.

    With $V_i$ the share of the held-out rows below training row i (ties one half) and $W_j$ the
    share of the training rows above held-out row j, the area is the mean of either, and its
    variance $\mathrm{var}(V) / n + \mathrm{var}(W) / m$. Without any difference the area has the
    variance $(n + m + 1) / 12nm$.

    Args:
        train: Score of each training row, `(n,)`, higher for what looks like a member.
        held_out: Score of each held-out row, `(m,)`.

    Raises:
        UserError: If a side has fewer than two rows, or a score is not finite.

    Source: DeLong, DeLong & Clarke-Pearson, "Comparing the areas under two or more correlated
    receiver operating characteristic curves", 1988, eq. 5.

    >>> membership(torch.tensor([2.0, 3.0]), torch.tensor([1.0, 3.0])).auc
    0.625
    """
    n, m = len(train), len(held_out)
    if min(n, m) < 2:
        raise UserError(f"membership: {n} training and {m} held-out rows; expected two of each")
    a, b = train.double(), held_out.double()
    if not bool(torch.cat([a, b]).isfinite().all()):
        raise UserError("membership: a score is NaN or infinite")
    of_train, of_held_out = _share_below(a, b), 1 - _share_below(b, a)
    auc = float(of_train.mean())
    error = float(of_train.var() / n + of_held_out.var() / m) ** 0.5
    chance = Z * ((n + m + 1) / (12 * n * m)) ** 0.5
    low, high = max(auc - Z * error, 0.0), min(auc + Z * error, 1.0)
    return Membership(auc, low, high, chance, n, m)


@torch.no_grad()
def critic_membership(
    critic: Callable[[Tensor], Tensor],
    train: Float[Tensor, "n c *s"],
    held_out: Float[Tensor, "m c *s"],
    *,
    batch_size: int = 256,
) -> Membership:
    """Membership by the critic's logits: the first thing that moves when training remembers.

    Args:
        critic: Rows `(b, c, *s)` to logits `(b,)`, higher for real.
        train: Training rows.
        held_out: Rows of the same population that it never saw.
        batch_size: Rows at a time.

    Source: Hayes et al., "LOGAN: membership inference attacks against generative models", 2019.
    """
    logits = (
        torch.cat([critic(part).flatten().float().cpu() for part in torch.split(x, batch_size)])
        for x in (train, held_out)
    )
    return membership(*logits)


def black_box_membership(
    *, train: Float[Tensor, "n d"], held_out: Float[Tensor, "m d"], fake: Float[Tensor, "k d"]
) -> Membership:
    r"""Membership by samples alone: the score of a row x is $-\min_j \|x - y_j\|$.

    Args:
        train: Training rows, `(n, d)`.
        held_out: Rows of the same population that the generator never saw, `(m, d)`.
        fake: Samples y, `(k, d)`.

    Source: Chen et al., "GAN-Leaks", 2020, section 5.2 (full black-box attack).
    """
    return membership(*(-nearest(x, fake).distance[:, 0] for x in (train, held_out)))


def _share_below(x: Tensor, y: Tensor) -> Tensor:
    """For each of x, the share of y below it; equal ones count one half."""
    ordered = y.sort().values
    below = torch.searchsorted(ordered, x.contiguous())
    up_to = torch.searchsorted(ordered, x.contiguous(), right=True)
    return (below + up_to).double() / (2 * len(y))
