"""Samples and held-out rows, each set beside the training rows: do samples lie nearer to them?"""

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.evaluation.distances import Meaning
from gan_lab.evaluation.repeats import Measure, Rows
from gan_lab.evaluation.score import Score
from gan_lab.evaluation.scored import Seen, scores_of
from gan_lab.evaluation.sets import Sets, independent
from gan_lab.evaluation.views import plain_look
from gan_lab.metrics.authenticity import authenticity
from gan_lab.metrics.cells import cell_centres
from gan_lab.metrics.data_copying import InCells, copying_statistic, distances_in_cells
from gan_lab.metrics.features.flatten import Flatten
from gan_lab.metrics.neighbours import nearest
from gan_lab.metrics.unseen import far_from_others, reach

CELLS = 3
MOST_TRAIN = 8000
MOST_HELD_OUT = 4000
FEWEST_IN_CELL = 20
VALUES, AUTHENTIC, CELL, IN_CELL, NEARER, TO_TRAIN, MISSED = (
    "values", "authentic", "cell", "in_cell", "nearer", "to_train", "missed"
)  # fmt: skip

MEANINGS = {
    "authenticity": Meaning("novel", "higher", AUTHENTIC, most=1.0),
    "data_copying": Meaning("novel", "higher", CELL, least=-torch.inf),
    "nearer_to_train": Meaning("novel", "lower", NEARER, most=1.0),
    "unseen_reached": Meaning("novel", "higher", VALUES, most=1.0),
}


def beside_train(sets: Sets) -> list[Score]:
    """Scores that need training rows, with held-out rows for the floor; none for too few rows."""
    control = independent(sets.held_out, MOST_HELD_OUT)
    if min(len(control), len(sets.fake)) < 2 * FEWEST_IN_CELL or len(sets.train) < 2 * CELLS:
        return []
    look = plain_look(sets.spec)
    rng = torch.Generator().manual_seed(sets.seed)
    order = torch.randperm(len(sets.train), generator=rng)
    train = look(sets.train.x[order[:MOST_TRAIN]])
    centres = cell_centres(train, min(CELLS, len(train)), rng=rng)
    held_out, fake = look(control.x), look(sets.fake.x)
    limit = far_from_others(train)
    real_rows, fake_rows = (_rows(x, train, centres, limit) for x in (held_out, fake))
    measures: list[Measure] = [of_authenticity, of_cells, of_sides(train, rng), of_unseen]
    # Held-out rows alone: the training rows are what all of them are compared with.
    return scores_of(sets, Seen(real_rows, fake_rows, Flatten()), measures, MEANINGS)


def of_authenticity(a: Rows, b: Rows) -> dict[str, float]:
    """Share of the rows in b that are no nearer to a training row than its next training row."""
    return {"authenticity": float(b[AUTHENTIC].double().mean())}


def of_cells(a: Rows, b: Rows) -> dict[str, float]:
    """$C_T$ of b against a; 0 where no cell holds enough of both."""
    both = (InCells(rows[CELL], rows[IN_CELL]) for rows in (a, b))
    found = copying_statistic(*both, cells=CELLS, fewest=FEWEST_IN_CELL).statistic
    return {"data_copying": 0.0 if found != found else found}


def of_sides(train: Float[Tensor, "n d"], rng: torch.Generator) -> Measure:
    """Share of the rows in b that are nearer to one of k training rows than to the k rows of a."""
    order = torch.randperm(len(train), generator=rng)

    def measure(a: Rows, b: Rows) -> dict[str, float]:
        k = min(len(a), len(train))
        at_train = nearest(b[VALUES], train[order[:k]]).distance[:, 0]
        at_held_out = nearest(b[VALUES], a[VALUES][:k]).distance[:, 0]
        nearer = (at_train - at_held_out).sign().double()
        return {"nearer_to_train": float((1 - nearer).mean() / 2)}

    return measure


def of_unseen(a: Rows, b: Rows) -> dict[str, float]:
    """Share of the held-out rows in a that training misses and b reaches; 0 if none is missed."""
    missed = a[MISSED]
    found = reach(a[TO_TRAIN][missed], a[VALUES][missed], b[VALUES])
    return {"unseen_reached": found.share if found.missed else 0.0}


def _rows(x: Tensor, train: Tensor, centres: Tensor, limit: float) -> Rows:
    places = distances_in_cells(x, train, centres)
    to_train = nearest(x, train).distance[:, 0]
    return Rows(
        {
            VALUES: x,
            AUTHENTIC: authenticity(train=train, fake=x).authentic,
            CELL: places.cell,
            IN_CELL: places.distance,
            TO_TRAIN: to_train,
            MISSED: to_train > limit,
        }
    )
