"""States of the critic."""

from collections.abc import Sequence

from gan_lab.metrics.health.signals import Signals
from gan_lab.metrics.health.state import Finding
from gan_lab.metrics.health.thresholds import CERTAIN, ERRORS, FAR, REMEMBERS, STUCK
from gan_lab.metrics.health.window import halves, mean, series


def overfits(window: Sequence[Signals]) -> Finding | None:
    """The critic knows its training rows by heart: held-out ones look false to it."""
    share, error = series(window, "overfitting"), series(window, "overfitting_error")
    if share is None or error is None:
        return None
    if mean(share) <= REMEMBERS or mean(share) <= ERRORS * mean(error):
        return None
    return Finding(
        f"held-out rows lack {mean(share):.0%} of the gap between training rows and samples "
        f"(standard error {mean(error):.0%})",
        "get more data, use augment=ada (images), series or jitter, raise regularizers.r1.weight, "
        "or take a smaller networks.critic.width",
    )


def overpowers(window: Sequence[Signals]) -> Finding | None:
    """The critic is always right and the generator makes no progress.

    A critic that is always right does no harm by itself: with a Wasserstein or a relativistic loss
    it still shows the way.
    """
    right, distance = series(window, "accuracy"), series(window, "distance")
    if right is None or distance is None or min(right) < CERTAIN or min(distance) < FAR:
        return None
    before, after = halves(distance)
    if after < STUCK * before:
        return None
    return Finding(
        f"the critic is right in {right[-1]:.1%} of pairs and samples come no closer: energy "
        f"distance {before:.3g}, then {after:.3g}",
        "lower model.critic_optimizer.lr or model.d_steps, raise model.generator_optimizer.lr, or "
        "add regularizers=r1_r2 (raise regularizers.r1.weight)",
    )
