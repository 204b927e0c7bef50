"""Attributes by the names that people type."""

import difflib
from collections.abc import Callable
from functools import partial

from jaxtyping import Float
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.metrics.attributes import dynamics, place, strokes
from gan_lab.spec import DataSpec

Attribute = Callable[[Tensor], Tensor]
"""Samples in model range `(b, c, *s)` to one number each, `(b,)` in float64."""

STROKES: dict[str, Attribute] = {
    "thickness": strokes.thickness,
    "slant": strokes.slant,
    "size": strokes.size,
    "brightness": strokes.brightness,
}
DYNAMICS: dict[str, Attribute] = {
    "level": dynamics.level,
    "volatility": dynamics.volatility,
    "roughness": dynamics.roughness,
    "trend": dynamics.trend,
    "memory": dynamics.memory,
}


def attributes_of(spec: DataSpec) -> dict[str, Attribute]:
    """The attributes that samples of these data have, by name.

    Series: `granger` needs two channels. Points: their channels' names, and `radius`.
    """
    if spec.modality == "images":
        return {name: partial(_drawn, spec=spec, measure=STROKES[name]) for name in STROKES}
    if spec.modality == "series":
        pairs = {"granger": dynamics.granger} if spec.channels > 1 else {}
        return DYNAMICS | pairs
    channels: dict[str, Attribute] = {
        name: partial(_place, spec=spec, channel=k) for k, name in enumerate(names(spec))
    }
    return channels | {"radius": partial(_radius, spec=spec)}


def attribute_named(spec: DataSpec, text: str) -> Attribute:
    """The attribute that a text names.

    Args:
        spec: What the samples look like.
        text: A name of `attributes_of`; of series also `volatility:close`, of one channel alone,
            and `granger:open:close`, of the first on the second.

    Raises:
        UserError: If there is no such attribute or channel.
    """
    name, *channels = text.split(":")
    known = attributes_of(spec)
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {close[0]!r}? " if close else ""
        raise UserError(f"no attribute {name!r}; {hint}{spec.modality} have: {', '.join(known)}")
    if not channels:
        return known[name]
    if spec.modality != "series" or len(channels) != 1 + (name == "granger"):
        form = "granger:CAUSE:EFFECT" if name == "granger" else f"{name} or {name}:CHANNEL"
        raise UserError(f"{text!r} names no attribute; expected {form}, of series")
    chosen = [_channel(spec, channel) for channel in channels]
    if name == "granger":
        return partial(dynamics.granger_edge, cause=chosen[0], effect=chosen[1])
    return partial(_one_channel, measure=known[name], channel=chosen[0])


def names(spec: DataSpec) -> tuple[str, ...]:
    """Names of the channels, or `channel-1` and on."""
    return spec.channel_names or tuple(f"channel-{k + 1}" for k in range(spec.channels))


def _channel(spec: DataSpec, name: str) -> int:
    if name not in names(spec):
        raise UserError(f"no channel {name!r}; channels: {', '.join(names(spec))}")
    return names(spec).index(name)


def _drawn(x: Float[Tensor, "b c h w"], spec: DataSpec, measure: Attribute) -> Tensor:
    return measure(strokes.intensity(x, spec))


def _one_channel(x: Float[Tensor, "b c t"], measure: Attribute, channel: int) -> Tensor:
    return measure(x[:, channel : channel + 1])


def _place(x: Float[Tensor, "b c"], spec: DataSpec, channel: int) -> Tensor:
    return place.coordinate(spec.to_units(x), channel)


def _radius(x: Float[Tensor, "b c"], spec: DataSpec) -> Tensor:
    return place.radius(spec.to_units(x))
