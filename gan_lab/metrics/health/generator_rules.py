"""States of what the generator makes."""

from collections.abc import Sequence

from gan_lab.metrics.health.signals import Signals
from gan_lab.metrics.health.state import Finding
from gan_lab.metrics.health.thresholds import (
    FAR,
    LEAK,
    LEAK_SHARE,
    LEARNS,
    NARROW,
    RECOVERING,
    SWING,
    TWINS,
)
from gan_lab.metrics.health.window import halves, mean, series

COVER = (
    "lower model.generator_optimizer.lr, use objectives=rpgan with regularizers=r1_r2 "
    "(raise regularizers.r1.weight), or let the critic see packs with model.pack=2"
)


def collapsed(window: Sequence[Signals]) -> Finding | None:
    """Samples are all alike, and stay so."""
    words = {
        "diversity": "samples are {:.1%} as far apart as data",
        "variety": "samples spread in {:.1%} as many directions as data",
    }
    for name, text in words.items():
        values = series(window, name)
        if values is None or max(mean(values), values[-1]) >= NARROW:
            continue
        if values[-1] < RECOVERING * max(values[:-1]):
            return Finding(text.format(values[-1]), COVER)
    twins = series(window, "duplicates")
    if twins is not None and min(twins) > TWINS:
        return Finding(f"{twins[-1]:.0%} of samples have a twin that data rows do not have", COVER)
    return None


def leaks(window: Sequence[Signals]) -> Finding | None:
    """Samples look like augmented rows rather than like clean ones."""
    leak, share = series(window, "leak"), series(window, "leak_share")
    if leak is None or share is None or min(leak) <= LEAK or min(share) <= LEAK_SHARE:
        return None
    now = window[-1]
    probability = now.augment_probability
    at = "" if probability is None else f" at augment/probability {probability:.2g}"
    return Finding(
        f"samples lie {leak[-1]:.2g} ways from clean towards augmented rows (at 1), and that way "
        f"explains {share[-1]:.0%} of their distance to the data{at}",
        "lower augment.probability (augment.limit if adaptive) below 0.8, leave out transforms "
        "that move the data where no data are, or use augment=none",
    )


def oscillating(window: Sequence[Signals]) -> Finding | None:
    """Samples go to and fro around the data instead of towards them."""
    movement, distance = series(window[1:], "movement"), series(window, "distance")
    drift = window[-1].drift
    if movement is None or distance is None or drift is None:
        return None
    path, (before, after) = sum(movement), halves(distance)
    if mean(movement) < SWING or mean(distance) < FAR or after < LEARNS * before:
        return None
    return Finding(
        f"the samples' centre went {path:.2g} spreads of the data in {len(movement)} intervals, "
        f"{drift:.2g} of them net, and the energy distance went from {before:.2g} to {after:.2g}",
        "constrain the critic with regularizers=r1_r2 or gradient_penalty, lower both "
        "learning rates, and use an optimizer without momentum, "
        "model.generator_optimizer.betas=[0.0,0.99]",
    )
