"""Fidelity and coverage level by level, and the support, as pictures and words."""

from typing import Any

from markupsafe import Markup

from gan_lab.evaluation.result import Evaluation
from gan_lab.report.charts import Line, line_chart

CURVES = {
    "precision": "Alpha-precision: samples within the level set of real rows, by level",
    "recall": "Beta-recall: real rows that typical samples reach, by level",
}


def level_charts(evaluation: Evaluation) -> list[tuple[str, Markup]]:
    """Both curves with captions, real rows beside samples; none in older evaluations."""
    levels = evaluation.details.get("levels")
    if levels is None:
        return []
    real, fake = levels["real"], levels["samples"]
    percents = [100 * level for level in fake["levels"]]
    found = []
    for name, caption in CURVES.items():
        lines = [Line(real[name], "real"), Line(fake[name], "fake")]
        found.append((caption, line_chart(lines, caption, x=percents, include=(0.0, 1.0))))
    return found


def support_text(evaluation: Evaluation) -> str:
    """How many different samples there are, by the birthday paradox, in words."""
    support = evaluation.details.get("support")
    if support is None:
        return ""
    fake, real = support["samples"], support["real"]
    return (
        f"Among {fake['n']:,} samples {_pairs(fake)} as near to each other as the closest 1 % of "
        f"real rows; among as many real rows {_pairs(real)}. By the birthday paradox the generator "
        f"makes {_size(fake)} different samples, the data {_size(real)}."
    )


def _pairs(part: dict[str, Any]) -> str:
    return f"{part['pairs']:,} pair is" if part["pairs"] == 1 else f"{part['pairs']:,} pairs are"


def _size(part: dict[str, Any]) -> str:
    if part["size"] is None:
        return f"at least {_round(part['low'])}"
    return f"about {_round(part['size'])} ({_round(part['low'])} to {_round(part['high'])})"


def _round(value: float) -> str:
    """Two digits of a count.

    >>> _round(12345.0)
    '12,000'
    """
    return f"{float(f'{value:.2g}'):,.0f}"
