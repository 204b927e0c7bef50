"""Inversion with labels: given ones, or the ones that suit the targets best."""

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from gan_lab.explore.inversion import Inversion, Tell, choose, invert, joined, ordered
from gan_lab.explore.output import Decode
from gan_lab.types import Prior

FINALISTS = 2
SCREEN: dict[str, Any] = {"restarts": 2, "steps": 40, "polish": 0}


def invert_given(
    decoders: Sequence[Decode],
    prior: Prior,
    target: Float[Tensor, "b c *s"],
    label: Int[Tensor, " b"],
    *,
    start: Float[Tensor, "b d"] | None = None,
    **settings: Any,  # noqa: ANN401
) -> Inversion:
    """`invert` each target with the decoder of its own label.

    Args:
        decoders: One per label, such as `generator.decoder(k)`.
        prior: Where latents come from.
        target: Samples in model range.
        label: Number of the decoder of each target.
        start: One start each.
        settings: Further arguments of `invert`.
    """
    parts, order = [], []
    progress, labels = settings.pop("progress", None), sorted(set(label.tolist()))
    for number, k in enumerate(labels):
        rows = (label == k).nonzero()[:, 0]
        own = None if start is None else start[rows]
        tell = _part_of(progress, number, len(labels))
        parts.append(invert(decoders[k], prior, target[rows], start=own, progress=tell, **settings))
        order.append(rows)
    back = torch.cat(order).argsort()
    found = ordered(joined(parts), back)
    return _labelled(found, label)


def invert_any(
    decoders: Sequence[Decode],
    prior: Prior,
    target: Float[Tensor, "b c *s"],
    *,
    start: Float[Tensor, "b d"] | None = None,
    **settings: Any,  # noqa: ANN401
) -> Inversion:
    """`invert` with every label: all for a few steps, the best two of each target to the end.

    Args:
        decoders: One per label.
        prior: Where latents come from.
        target: Samples in model range.
        start: One start each.
        settings: Further arguments of `invert`.

    Returns:
        The better one for each target; `label` tells which.
    """
    kept = {key: value for key, value in settings.items() if key not in (*SCREEN, "progress")}
    screened = [invert(one, prior, target, start=start, **kept, **SCREEN) for one in decoders]
    loss = torch.stack([one.loss for one in screened], 1)
    best = loss.topk(min(FINALISTS, len(decoders)), dim=1, largest=False).indices.cpu()
    finals = []
    for column in best.T:
        row = torch.arange(len(target))
        first = torch.stack([one.z for one in screened], 1)[row, column.to(loss.device)]
        finals.append(invert_given(decoders, prior, target, column, start=first, **settings))
    winner = choose(finals)
    assert winner.label is not None
    return _labelled(winner, best[torch.arange(len(target)), winner.label])


def _part_of(progress: Tell | None, number: int, count: int) -> Tell | None:
    """Tells the share of the whole, told that of one of several equal parts."""
    return None if progress is None else lambda done: progress((number + done) / count)


def _labelled(found: Inversion, label: Int[Tensor, " b"]) -> Inversion:
    return Inversion(
        found.z, found.x, found.error, found.percentile, found.loss, found.trace, label.cpu()
    )
