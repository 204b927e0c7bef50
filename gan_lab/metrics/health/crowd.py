r"""What a set of samples looks like beside the data, from distances between pairs alone.

The energy distance $E(Y, X) = 2 E|y - x| - E|y - y'| - E|x - x'|$ is a squared distance between the
two populations in a Hilbert space (Szekely & Rizzo, 2013; Sejdinovic et al., 2013). There, samples,
clean rows and augmented rows are three points, and school geometry tells how far samples lie on the
way from clean to augmented.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.metrics.health.thresholds import LEAK_VISIBLE, TWIN
from gan_lab.metrics.vendi import vendi_score


@dataclass(frozen=True)
class Crowd:
    """Samples beside real rows; the attributes are those of `Signals`."""

    distance: float
    diversity: float
    variety: float
    duplicates: float


@dataclass(frozen=True)
class Yardstick:
    """What only the real rows say, measured once.

    Attributes:
        real: Rows, `(n, d)`.
        centre: Their mean, `(d,)`.
        spread: Root mean square of their distance to it.
        pair: Mean distance between two different rows.
        vendi: Vendi score of the rows about the centre.
        radius: Distance below which two samples are twins.
        duplicates: Share of rows with a twin.
    """

    real: Float[Tensor, "n d"]
    centre: Float[Tensor, " d"]
    spread: float
    pair: float
    vendi: float
    radius: float
    duplicates: float


def yardstick(real: Float[Tensor, "n d"]) -> Yardstick:
    """Measure real rows `(n, d)`, two or more."""
    near = torch.cdist(real, real)
    nearest = _nearest(near)
    unequal = nearest[nearest > 0]
    radius = TWIN * float(unequal.median()) if len(unequal) else 0.0
    centre = real.mean(0)
    return Yardstick(
        real=real,
        centre=centre,
        spread=float((real - centre).square().sum(1).mean().sqrt().clamp(min=1e-12)),
        pair=max(float(_within(near)), 1e-12),
        vendi=_vendi(real - centre),
        radius=radius,
        duplicates=float((nearest <= radius).float().mean()),
    )


def crowd(fake: Float[Tensor, "m d"], real: Yardstick) -> Crowd:
    """Samples `(m, d)`, two or more and all finite, beside real rows."""
    near = torch.cdist(fake, fake)
    between = torch.cdist(fake, real.real).mean()
    inside = float(_within(near))
    twins = float((_nearest(near) <= real.radius).float().mean())
    return Crowd(
        distance=(2 * float(between) - inside - real.pair) / real.pair,
        diversity=inside / real.pair,
        variety=(_vendi(fake - real.centre) - 1) / max(real.vendi - 1, 1e-12),
        duplicates=twins - real.duplicates,
    )


def leak(
    fake: Float[Tensor, "m d"], clean: Float[Tensor, "n d"], augmented: Float[Tensor, "k d"]
) -> tuple[float, float] | None:
    r"""Position of samples on the way from clean to augmented rows, and how much it explains.

    With energy distances $E$ as squared lengths, $t = (E_{yc} + E_{ca} - E_{ya}) / 2 E_{ca}$ is the
    foot of the perpendicular from the samples $y$ on the line from $c$ to $a$, and
    $t^2 E_{ca} / E_{yc}$ the squared cosine of the angle at c.

    Args:
        fake: Samples, `(m, d)`.
        clean: Training rows, `(n, d)`.
        augmented: Other training rows, augmented, `(k, d)`.

    Returns:
        t and the squared cosine (at most 1), or None if the augmented rows cannot be told from
        clean ones.
    """
    pair = max(float(_within(torch.cdist(clean, clean))), 1e-12)
    way = energy(clean, augmented) / pair
    if way < LEAK_VISIBLE:
        return None
    here, there = energy(fake, clean) / pair, energy(fake, augmented) / pair
    t = (here + way - there) / (2 * way)
    return t, min(1.0, t * t * way / max(here, 1e-12))


def energy(x: Float[Tensor, "n d"], y: Float[Tensor, "m d"]) -> float:
    r"""Energy distance $2 E|x - y| - E|x - x'| - E|y - y'|$ of two sets, without bias.

    >>> energy(torch.tensor([[0.0], [0.0]]), torch.tensor([[1.0], [1.0]]))
    2.0
    """
    return float(
        2 * torch.cdist(x, y).mean() - _within(torch.cdist(x, x)) - _within(torch.cdist(y, y))
    )


def _within(near: Tensor) -> Tensor:
    return near.sum() / (len(near) * (len(near) - 1))


def _nearest(near: Tensor) -> Tensor:
    return near.clone().fill_diagonal_(torch.inf).amin(1)


def _vendi(x: Tensor) -> float:
    """Vendi score of the rows that have a direction."""
    x = x[x.abs().amax(1) > 0]
    return vendi_score(x) if len(x) else 1.0
