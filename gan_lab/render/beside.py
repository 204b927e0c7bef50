"""What stands beside a walk: how far off the prior it is, and where it is broken."""

from dataclasses import dataclass

from jaxtyping import Bool, Float
from torch import Tensor

TYPICAL = (1.0, 99.0)
"""Percentiles between which a latent is drawn as typical."""


@dataclass(frozen=True)
class Beside:
    """Notes on a walk of r rows and s columns, apart from its samples.

    Attributes:
        gauge: Percentile of each latent among the prior's draws, 0 to 100, `(r, s)`.
        jumps: Whether the path is broken between columns k and k + 1, `(r, s - 1)`.
        off: Whether the prior could not have drawn the latent, `(r, s)`.
    """

    gauge: Float[Tensor, "r s"]
    jumps: Bool[Tensor, "r k"]
    off: Bool[Tensor, "r s"]

    @property
    def shows_jumps(self) -> bool:
        """Whether jumps say something: some steps jump, and not all of them do."""
        return bool(self.jumps.any()) and not bool(self.jumps.all())

    def legend(self) -> list[str]:
        """Sentences that explain what is drawn, and no others."""
        lines = [
            "bar: percentile of the latent among the prior's draws, from 50 in the middle; "
            "left: nearer the centre, right: farther out"
        ]
        if bool(((self.gauge < TYPICAL[0]) | (self.gauge > TYPICAL[1])).any()):
            lines.append("orange bar: outside 1 to 99 %")
        if bool(self.off.any()):
            lines.append("framed: the prior cannot draw it")
        if self.shows_jumps:
            lines.append("orange line between two: the path jumps")
        return lines


def span(values: Float[Tensor, " s"]) -> str:
    """Least and largest percentile of a row, as a reader wants it."""
    low, high = round(float(values.min())), round(float(values.max()))
    return f"{low} %" if low == high else f"{low} to {high} %"
