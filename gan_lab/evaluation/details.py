"""What single parts say on all samples at once: classes, modes, support, levels."""

import math
from dataclasses import asdict
from typing import Any

import torch
from torch import Tensor

from gan_lab.evaluation import distances
from gan_lab.evaluation.scored import Seen
from gan_lab.evaluation.seeing import THRESHOLD, twin_radius
from gan_lab.evaluation.sets import Sets
from gan_lab.metrics.alpha_precision import alpha_precision_beta_recall
from gan_lab.metrics.classes import class_report
from gan_lab.metrics.duplicates import support_size
from gan_lab.metrics.modes import mode_report

MOST_SUPPORT = 1000


def details_of(sets: Sets, seen: Seen) -> dict[str, Any]:
    """Plain values by part."""
    found = {"support": _support(seen), "levels": _levels(seen)}
    if seen.judge is not None:
        found["classifier"] = _classes(sets, seen)
    if sets.modes is not None:
        units = sets.spec.to_window_units(sets.fake.x)
        found["modes"] = asdict(mode_report(units, sets.modes.centres, sets.modes.std))
    return found


def _classes(sets: Sets, seen: Seen) -> dict[str, Any]:
    judge = seen.judge
    assert judge is not None
    label = sets.fake.label if sets.spec.classes else None
    held_out = sets.held_out
    samples = class_report(judge.probabilities(sets.fake.x), label, threshold=THRESHOLD)
    real = class_report(judge.probabilities(held_out.x), held_out.label, threshold=THRESHOLD)
    return {
        "accuracy": judge.accuracy,
        "samples": asdict(samples),
        "held_out": asdict(real),
        "classes": list(sets.spec.classes),
        "seed": sets.seed,
    }


def _support(seen: Seen) -> dict[str, Any]:
    """How many different samples there are to draw, by the birthday paradox."""
    radius = twin_radius(seen.real)
    both = [rows[distances.FEATURES] for rows in (seen.fake, seen.real)]
    n = min(*map(len, both), MOST_SUPPORT)
    found = {}
    for name, x in zip(("samples", "real"), both, strict=True):
        plain = asdict(support_size(x[:n], radius=radius))
        found[name] = {k: v if math.isfinite(v) else None for k, v in plain.items()}
    return {"radius": radius, **found}


def _levels(seen: Seen) -> dict[str, Any]:
    """Curves of alpha-precision and beta-recall; of real rows, half against half."""
    real, fake = (rows[distances.FEATURES] for rows in (seen.real, seen.fake))
    n = min(len(real), len(fake)) // 2
    order = torch.randperm(len(real), generator=torch.Generator().manual_seed(0))
    first, second = real[order[:n]], real[order[n : 2 * n]]

    def curves(x: Tensor) -> dict[str, Any]:
        found = alpha_precision_beta_recall(real=first, fake=x)
        return {
            "levels": list(found.levels),
            "precision": list(found.precision_curve),
            "recall": list(found.recall_curve),
        }

    return {"samples": curves(fake[:n]), "real": curves(second)}
