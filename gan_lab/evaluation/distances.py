"""Numbers of two sets of rows that say how faithful and how varied one is."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch

from gan_lab.evaluation.repeats import Measure, Rows
from gan_lab.evaluation.score import Better, Family
from gan_lab.evaluation.sets import Modes
from gan_lab.metrics.alpha_precision import alpha_precision_beta_recall
from gan_lab.metrics.energy import energy_distance
from gan_lab.metrics.frechet import frechet_distance
from gan_lab.metrics.kernel import polynomial_mmd
from gan_lab.metrics.marginals import marginals
from gan_lab.metrics.modes import mode_report
from gan_lab.metrics.ndb import bins_of_labels
from gan_lab.metrics.neighbours import radii
from gan_lab.metrics.prdc import precision_recall_density_coverage
from gan_lab.metrics.sliced_wasserstein import sliced_wasserstein
from gan_lab.metrics.vendi import vendi_score

NEIGHBOUR = 5
FEATURES, VALUES, UNITS, CLASSES, CLEAR, AGREES, BIN = (
    "features", "values", "units", "classes", "clear", "agrees", "bin"
)  # fmt: skip


@dataclass(frozen=True)
class Meaning:
    """What a number says: the question, which way is better, the part that it reads, its range."""

    family: Family
    better: Better
    part: str
    most: float = math.inf
    least: float = 0.0


MEANINGS: Mapping[str, Meaning] = {
    "frechet": Meaning("faithful", "lower", FEATURES),
    "kernel": Meaning("faithful", "lower", FEATURES, least=-math.inf),
    "precision": Meaning("faithful", "higher", FEATURES, most=1.0),
    "density": Meaning("faithful", "floor", FEATURES),
    "recall": Meaning("covers", "higher", FEATURES, most=1.0),
    "coverage": Meaning("covers", "higher", FEATURES, most=1.0),
    "vendi": Meaning("covers", "floor", FEATURES),
    "alpha_precision": Meaning("faithful", "higher", FEATURES, most=1.0),
    "beta_recall": Meaning("covers", "higher", FEATURES, most=1.0, least=-1.0),
    "different_bins": Meaning("covers", "lower", FEATURES, most=1.0),
    "twins": Meaning("covers", "lower", FEATURES, most=1.0),
    "sliced_wasserstein": Meaning("faithful", "lower", VALUES),
    "energy": Meaning("faithful", "lower", VALUES),
    "marginal_wasserstein": Meaning("faithful", "lower", VALUES),
    "marginal_ks": Meaning("faithful", "lower", VALUES, most=1.0),
    "tails": Meaning("faithful", "lower", VALUES),
    "high_quality": Meaning("faithful", "higher", UNITS, most=1.0),
    "modes_covered": Meaning("covers", "higher", UNITS),
    "modes_kl": Meaning("covers", "lower", UNITS),
    "class_balance": Meaning("covers", "lower", CLASSES, most=1.0),
    "confident": Meaning("faithful", "higher", CLASSES, most=1.0),
    "as_labelled": Meaning("faithful", "higher", CLASSES, most=1.0),
}


def of_features(a: Rows, b: Rows) -> dict[str, float]:
    """Fréchet and kernel distance, precision, recall, density and coverage of b against a."""
    x, y = a[FEATURES], b[FEATURES]
    shares = precision_recall_density_coverage(real=x, fake=y, k=NEIGHBOUR)
    return {
        "frechet": frechet_distance(x, y).distance,
        "kernel": polynomial_mmd(x, y),
        "precision": shares.precision,
        "recall": shares.recall,
        "density": shares.density,
        "coverage": shares.coverage,
    }


def of_variety(a: Rows, b: Rows) -> dict[str, float]:
    """Effective number of different rows in b; rows without a direction do not count."""
    x = b[FEATURES]
    return {"vendi": vendi_score(x[x.abs().amax(dim=1) > 0])}


def of_levels(a: Rows, b: Rows) -> dict[str, float]:
    """Alpha-precision and beta-recall of b against a."""
    found = alpha_precision_beta_recall(real=a[FEATURES], fake=b[FEATURES])
    return {"alpha_precision": found.precision, "beta_recall": found.recall}


def of_bins(count: int) -> Measure:
    """Share of the cells that hold more or fewer rows of b than of a, each at a level of 5 %."""

    def measure(a: Rows, b: Rows) -> dict[str, float]:
        return {"different_bins": bins_of_labels(a[BIN], b[BIN], bins=count).different / count}

    return measure


def of_twins(radius: float) -> Measure:
    """Share of the rows in b that have another one of b within `radius`."""

    def measure(a: Rows, b: Rows) -> dict[str, float]:
        return {"twins": float((radii(b[FEATURES], 1) < radius).double().mean())}

    return measure


def of_values(a: Rows, b: Rows) -> dict[str, float]:
    """Distances of the values themselves and of each channel's distribution, mean of channels."""
    x, y = a[VALUES], b[VALUES]
    directions = torch.Generator().manual_seed(0)
    channels = marginals(real=_by_channel(x), fake=_by_channel(y))
    excess = [
        abs(share - channels.tail) / channels.tail
        for share in (*channels.below, *channels.above)
    ]  # fmt: skip
    return {
        "sliced_wasserstein": sliced_wasserstein(x, y, directions=128, rng=directions),
        "marginal_wasserstein": _mean(channels.scaled_wasserstein),
        "marginal_ks": _mean(channels.kolmogorov_smirnov),
        "tails": _mean(excess),
    }


def of_pixels(a: Rows, b: Rows) -> dict[str, float]:
    """Sliced Wasserstein distance of the values themselves."""
    directions = torch.Generator().manual_seed(0)
    x, y = a[VALUES], b[VALUES]
    return {"sliced_wasserstein": sliced_wasserstein(x, y, directions=128, rng=directions)}


def of_energy(a: Rows, b: Rows) -> dict[str, float]:
    """Energy distance of the flattened values."""
    return {"energy": energy_distance(a[VALUES].flatten(1), b[VALUES].flatten(1))}


def of_shares(a: Rows, b: Rows) -> dict[str, float]:
    """Distance of precision, recall, density and coverage without Fréchet's Gaussians."""
    x, y = a[FEATURES], b[FEATURES]
    shares = precision_recall_density_coverage(real=x, fake=y, k=NEIGHBOUR)
    names = ("precision", "recall", "density", "coverage")
    return {name: getattr(shares, name) for name in names}


def of_classes(a: Rows, b: Rows) -> dict[str, float]:
    """Half the summed gap between class shares, and the share of clear and of agreeing rows."""
    found = {
        "class_balance": _gap(a[CLASSES], b[CLASSES]),
        "confident": float(b[CLEAR].double().mean()),
    }
    if AGREES in a and AGREES in b:
        found["as_labelled"] = float(b[AGREES].double().mean())
    return found


def of_modes(modes: Modes) -> Measure:
    """How many of the known modes are reached, how evenly, and how many rows lie at one."""

    def measure(a: Rows, b: Rows) -> dict[str, float]:
        # By chance alone a covered mode has a few rows: a tenth of its fair share is asked.
        fair = max(1, len(b) // (10 * len(modes.centres)))
        report = mode_report(b[UNITS], modes.centres, modes.std, at_least=fair)
        worst = math.log(len(modes.centres))
        return {
            "high_quality": report.high_quality,
            "modes_covered": float(report.covered),
            "modes_kl": worst if math.isnan(report.kl) else report.kl,
        }

    return measure


def _by_channel(x: torch.Tensor) -> torch.Tensor:
    """The same rows, the values of a channel side by side in memory, as a search wants them."""
    return x.movedim(1, 0).contiguous().movedim(0, 1)


def _gap(a: torch.Tensor, b: torch.Tensor) -> float:
    count = int(max(a.max(), b.max())) + 1
    shares = [torch.bincount(x, minlength=count).double() / len(x) for x in (a, b)]
    return float((shares[0] - shares[1]).abs().sum() / 2)


def _mean(values: "tuple[float, ...] | list[float]") -> float:
    known = [v for v in values if math.isfinite(v)]
    return sum(known) / len(known) if known else math.nan
