"""A score as a dot with its interval, over the band of real rows."""

import math

from markupsafe import Markup

from gan_lab.evaluation.score import Score
from gan_lab.evaluation.words import percent

SHARES = frozenset(
    {"precision", "recall", "coverage", "confident", "as_labelled", "high_quality",
     "close_to_train", "far_from_train", "class_balance", "twins", "different_bins",
     "authenticity", "nearer_to_train", "unseen_reached", "trained_on_samples"}
)  # fmt: skip
WIDTH, MIDDLE = 280.0, 13.0


def gauge(score: Score) -> Markup:
    """One line: the band is where 95 % of real-against-real scores lie, the dot is the score."""
    low, high = _range(score)

    def place(value: float) -> float:
        return 8 + (WIDTH - 16) * (min(max(value, low), high) - low) / ((high - low) or 1.0)

    floor, interval = score.floor_interval, score.interval
    style = "good" if score.like_real else "bad"
    drift = Markup("")
    if score.drift is not None:
        drift = Markup('<line class="drift" x1="{0:.1f}" x2="{0:.1f}" y1="2" y2="24"/>').format(
            place(score.drift)
        )
    return Markup(
        '<svg class="gauge" viewBox="0 0 {:g} 26" role="img" aria-label="{}">'
        '<line class="grid" x1="8" x2="{:g}" y1="13" y2="13"/>'
        '<rect class="band" x="{:.1f}" width="{:.1f}" y="4" height="18" rx="3"/>'
        '<line class="floor" x1="{:.1f}" x2="{:.1f}" y1="4" y2="22"/>'
        '{}<line class="whisker {}" x1="{:.1f}" x2="{:.1f}" y1="13" y2="13"/>'
        '<circle class="dot {}" cx="{:.1f}" cy="13" r="5"/></svg>'
    ).format(
        WIDTH, f"{score.name}: {number(score, score.value)}, real {number(score, score.floor)}",
        WIDTH - 8, place(floor[0]), max(place(floor[1]) - place(floor[0]), 2.0),
        place(score.floor), place(score.floor), drift, style, place(interval[0]),
        place(interval[1]), style, place(score.value),
    )  # fmt: skip


def number(score: Score, value: float) -> str:
    """A value as people write it: shares in per cent."""
    if not math.isfinite(value):
        return "undefined"
    if score.name in SHARES:
        return percent(value)
    return f"{value:.3g}"


def _range(score: Score) -> tuple[float, float]:
    if score.name in SHARES and score.better == "higher":
        return 0.0, 1.0
    values = [*score.interval, *score.floor_interval, score.value, score.floor]
    values += [] if score.drift is None else [score.drift]
    known = [v for v in values if math.isfinite(v)] or [0.0, 1.0]
    low, high = min(known), max(known)
    low = min(low, 0.0) if low < 0.5 * high else low
    return low, high + 0.05 * (high - low)
