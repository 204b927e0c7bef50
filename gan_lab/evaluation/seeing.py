"""What the measures read of real rows and samples, and which measures suit the data."""

import torch
from torch import Tensor

from gan_lab.evaluation import distances
from gan_lab.evaluation.repeats import Measure, Rows
from gan_lab.evaluation.scored import Seen
from gan_lab.evaluation.sets import Sets
from gan_lab.metrics.cells import cell_centres, cell_of
from gan_lab.metrics.copy_evidence import PERCENTILE
from gan_lab.metrics.features.extractor import Extractor, extract
from gan_lab.metrics.neighbours import radii
from gan_lab.model.classifier import FittedClassifier

THRESHOLD = 0.9
MOST_FIT = 2000
MOST_BINS = 100
ROWS_PER_BIN = 10


def see(sets: Sets, extractor: Extractor, judge: FittedClassifier | None) -> Seen:
    """Features, values, cells and classes of real rows and samples."""
    count = bins_of(sets)
    centres = _centres(sets, extractor, count) if count > 1 else None
    parts: list[Rows] = []
    for rows in (sets.real, sets.fake):
        features = extract(extractor, rows.x)
        found = {distances.FEATURES: features, distances.VALUES: rows.x}
        if centres is not None:
            found[distances.BIN] = cell_of(features, centres)
        if sets.modes is not None:
            found[distances.UNITS] = sets.spec.to_window_units(rows.x)
        if judge is not None:
            top, predicted = judge.probabilities(rows.x).max(dim=1)
            found |= {distances.CLASSES: predicted, distances.CLEAR: top >= THRESHOLD}
            if rows.label is not None:
                found[distances.AGREES] = predicted == rows.label
        parts.append(Rows(found))
    return Seen(parts[0], parts[1], extractor, judge)


def measures_of(sets: Sets, seen: Seen) -> list[Measure]:
    """The measures of fidelity and coverage."""
    points, images = (sets.spec.modality == kind for kind in ("points", "images"))
    measures: list[Measure] = [distances.of_shares if points else distances.of_features]
    measures += [distances.of_levels, distances.of_twins(twin_radius(seen.real))]
    measures += [] if points else [distances.of_variety]
    measures.append(distances.of_pixels if images else distances.of_values)
    measures += [] if images else [distances.of_energy]
    if distances.BIN in seen.real:
        measures.append(distances.of_bins(bins_of(sets)))
    if sets.modes is not None:
        measures.append(distances.of_modes(sets.modes))
    if distances.CLASSES in seen.real:
        measures.append(distances.of_classes)
    return measures


def bins_of(sets: Sets) -> int:
    """Number of cells: ten rows of a half fall into each, up to 100 cells."""
    half = min(len(sets.real), len(sets.fake)) // 2
    return min(MOST_BINS, half // ROWS_PER_BIN, len(sets.train))


def twin_radius(real: Rows) -> float:
    """The distance to the nearest other row that 1 % of all real rows are below."""
    return float(radii(real[distances.FEATURES], 1).quantile(PERCENTILE))


def _centres(sets: Sets, extractor: Extractor, count: int) -> Tensor:
    """Cells of the training rows: other rows than those that are counted."""
    rng = torch.Generator().manual_seed(sets.seed)
    order = torch.randperm(len(sets.train), generator=rng)[:MOST_FIT]
    return cell_centres(extract(extractor, sets.train.x[order]), count, rng=rng)
