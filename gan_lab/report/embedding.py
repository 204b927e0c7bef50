"""A map of real, held-out and generated samples: two principal components of the real ones."""

import torch
from jaxtyping import Float
from markupsafe import Markup
from torch import Tensor

from gan_lab.evaluation.sets import Sets
from gan_lab.evaluation.views import plain_look
from gan_lab.report.charts import cloud
from gan_lab.report.pictures import flat_pair, square_box

SHOWN = 700


def coverage_map(sets: Sets, *, side: float = 420.0, axes: bool = False) -> Markup:
    """Training rows, held-out rows and samples in the plane in which training rows differ most."""
    train, held_out, fake = (_thinned(x) for x in (sets.train.x, sets.held_out.x, sets.fake.x))
    if sets.spec.modality == "points":
        groups = [flat_pair(sets.spec.to_window_units(x)) for x in (train, held_out, fake)]
    else:
        flat = plain_look(sets.spec)
        groups = list(_projected(*(flat(x) for x in (train, held_out, fake))))
    styles = ("muted", "real", "fake")
    box = square_box(torch.cat(groups[:2]))
    drawn = [(style, x, 1.6) for style, x in zip(styles, groups, strict=True)]
    return cloud(drawn, "map of the samples", box=box, side=side, axes=axes)


def _thinned(x: Tensor) -> Tensor:
    return x[:: max(1, -(-len(x) // SHOWN))][:SHOWN]


def _projected(base: Float[Tensor, "n d"], *others: Tensor) -> tuple[Tensor, ...]:
    """All sets in the plane of the first one's two main components, `(n, 2)` each."""
    centre = base.double().mean(dim=0)
    centred = base.double() - centre
    if base.shape[1] < 2:
        return tuple(flat_pair(x.double() - centre) for x in (base, *others))
    _, vectors = torch.linalg.eigh(centred.T @ centred)
    plane = vectors[:, -2:].flip(1)
    return tuple((x.double() - centre) @ plane for x in (base, *others))
