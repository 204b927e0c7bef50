"""States that lie in the numbers themselves: not finite, too large, too small."""

from collections.abc import Sequence

from gan_lab.metrics.health.signals import Signals
from gan_lab.metrics.health.state import Finding
from gan_lab.metrics.health.thresholds import EXPLODING, GONE, SATURATED, SHALLOW, SILENT
from gan_lab.metrics.health.window import series

CALM = (
    "lower model.generator_optimizer.lr and model.critic_optimizer.lr tenfold, set model.clip=1.0, "
    "or constrain the critic with regularizers=r1_r2"
)


def diverged(window: Sequence[Signals]) -> Finding | None:
    """Something is not finite, gradients explode, or samples have left the data."""
    now = window[-1]
    if now.failure is not None:
        return Finding(now.failure, f"{CALM}; with 16-bit numbers, trainer.precision=32-true")
    for side in ("generator", "critic"):
        gradient = series(window[-2:], f"{side}_gradient")
        if gradient is not None and min(gradient) > EXPLODING:
            return Finding(
                f"the {side}'s gradient explodes, root mean square {gradient[-1]:.2g}", CALM
            )
    distance = series(window[-2:], "distance")
    if distance is not None and min(distance) > GONE:
        return Finding(
            f"samples have left the data: their energy distance is {distance[-1]:.3g} times the "
            "mean distance inside the data",
            CALM,
        )
    return None


def vanishing(window: Sequence[Signals]) -> Finding | None:
    """The generator hardly hears anything: the loss, the network or both swallow the gradient."""
    slope, far = series(window, "slope"), series(window, "accuracy")
    if slope is not None and far is not None and max(slope) < SATURATED:
        return Finding(
            f"the generator's loss passes on {slope[-1]:.2g} of the critic's slope, where the "
            f"critic is right in {far[-1]:.0%} of pairs",
            "use a loss that does not saturate, objectives=rpgan or objectives=non_saturating, "
            "or add regularizers=r1_r2",
        )
    gradient = series(window, "generator_gradient")
    if gradient is not None and max(gradient) < SILENT:
        return Finding(
            f"the generator's gradient has a root mean square of {gradient[-1]:.2g}, which Adam "
            "takes for zero",
            "raise regularizers.r1.weight so that the critic has a slope between real and fake, "
            "and use networks.critic.activation=leaky_relu",
        )
    depth = series(window, "depth")
    if depth is not None and max(depth) < SHALLOW:
        return Finding(
            f"the gradient dies inside the generator: {window[-1].depth_layer} gets {depth[-1]:.2g}"
            " of what the strongest layer gets",
            "use networks.generator.activation=leaky_relu, a norm such as "
            "networks.generator.norm=batch, or a smaller networks.generator.depth",
        )
    return None
