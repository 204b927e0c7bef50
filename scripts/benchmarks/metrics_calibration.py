"""Do the tests reject too often when nothing is wrong, and often enough when something is?

python scripts/benchmarks/metrics_calibration.py --repetitions 200
"""

import argparse
from itertools import pairwise
from pathlib import Path

import torch

from gan_lab.data.digits8 import Digits8
from gan_lab.data.synthetic.var import VAR
from gan_lab.evaluation.sets import apart
from gan_lab.metrics.cells import cell_centres
from gan_lab.metrics.copy_evidence import copy_evidence
from gan_lab.metrics.data_copying import data_copying
from gan_lab.metrics.kernel import kernel_distance
from gan_lab.metrics.membership import black_box_membership, membership
from gan_lab.metrics.ndb import bins_of_labels, cell_of

DOCS = Path(__file__).parents[2] / "docs"
LEVEL, Z, ONE_SIDED = 0.05, 1.96, -1.645
TRAIN, HELD_OUT = 900, 448
BINS = 20


def of_rows(train, held_out, fake, rng):
    """Which tests reject, by name."""
    a, b, f = (x.flatten(1) for x in (train, held_out, fake))
    evidence = copy_evidence(
        train=train, held_out=held_out, fake=fake, views=(), features=None, rng=rng
    )
    box = black_box_membership(train=a, held_out=b, fake=f)
    centres = cell_centres(a, BINS, rng=rng)
    n = min(len(b), len(f))
    kernel = kernel_distance(b[:n], f[:n], rng=rng)
    bins = bins_of_labels(*(cell_of(x, centres) for x in (b, f)), bins=BINS)
    return {
        "close share (beta-binomial)": evidence.close_p < LEVEL,
        "nearness z, nearer": evidence.mann_whitney < ONE_SIDED,
        "C_T, nearer": data_copying(train=a, held_out=b, fake=f, rng=rng).statistic < ONE_SIDED,
        "black-box membership": box.auc - 0.5 > box.chance,
        "kernel distance, 95 % interval above 0": kernel.low > 0,
        "cells, share that differs": bins.different / BINS,
    }


def of_critic(train, held_out, knows, rng):
    """Membership by a critic whose logits are noise, with `knows` deviations more for training."""
    logits = (torch.randn(len(x), generator=rng) for x in (train, held_out))
    found = membership(next(logits) + knows, next(logits))
    return {"critic membership": found.auc - 0.5 > found.chance}


def some_copies(share):
    """Fresh rows, a share of which are training rows with noise of 1 %."""

    def make(train, fresh, rng):
        k = round(share * len(fresh))
        rows = train[torch.randint(len(train), (k,), generator=rng)]
        return torch.cat([rows + 0.02 * torch.randn(rows.shape, generator=rng), fresh[k:]])

    return make


def half_missing(train, fresh, rng):
    """Rows with more than the median amount of ink, twice."""
    ink = fresh.flatten(1).mean(dim=1)
    few = fresh[ink > ink.median()]
    return few.repeat(2, 1, 1, 1)[: len(fresh)]


ALTERNATIVES = {
    "5 % copies": (some_copies(0.05), ("close share (beta-binomial)",)),
    "30 % copies": (
        some_copies(0.3),
        (
            "close share (beta-binomial)",
            "nearness z, nearer",
            "C_T, nearer",
            "black-box membership",
        ),
    ),
    "half of the ink missing": (
        half_missing,
        ("kernel distance, 95 % interval above 0",),
    ),
}


def parts_of(digits, seed):
    """Training, held-out and fresh rows at random, and random numbers to go on."""
    rng = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(digits), generator=rng)
    ends = (0, TRAIN, TRAIN + HELD_OUT, len(digits))
    train, held_out, fresh = (digits[order[i:j]] for i, j in pairwise(ends))
    return train, held_out, fresh, rng


def of_overlapping_windows(seed):
    """The copy test on windows of one history at every step; samples are another history's."""
    rng = torch.Generator().manual_seed(seed)
    data = VAR(channels=2, edges=1, window=16, n=100)
    paths = [data.simulate(1, steps, rng)[0].float() for steps in (1500, 800)]
    train, held_out = (path.unfold(0, 16, 1) for path in paths)
    fake = data.simulate(300, 16, rng).transpose(1, 2).float()
    found = {}
    for name, h in (("thinned", len(apart(torch.arange(len(held_out)), 16))), ("naive", None)):
        evidence = copy_evidence(
            train=train, held_out=held_out, fake=fake, views=(), features=None, rng=rng,
            independent=h,
        )  # fmt: skip
        found[f"close share, windows that overlap, {name}"] = evidence.close_p < LEVEL
        z = evidence.mann_whitney
        found[f"nearness z, windows that overlap, {name}"] = z < ONE_SIDED
    return found


def mean_of(rows):
    """Share of the repetitions, by name."""
    return {name: sum(float(row[name]) for row in rows) / len(rows) for name in rows[0]}


def null(digits, repetitions):
    """Rejection rates when samples are fresh rows."""
    rows = []
    for seed in range(repetitions):
        train, held_out, fresh, rng = parts_of(digits, seed)
        found = of_rows(train, held_out, fresh, rng)
        found |= of_critic(train, held_out, 0.0, rng) | of_overlapping_windows(seed)
        rows.append(found)
    return mean_of(rows)


def power(digits, repetitions):
    """Rejection rates of the named tests under each alternative."""
    lines = []
    for name, (make, tests) in ALTERNATIVES.items():
        rows = []
        for seed in range(repetitions):
            train, held_out, fresh, rng = parts_of(digits, 1000 + seed)
            rows.append(of_rows(train, held_out, make(train, fresh, rng), rng))
        means = mean_of(rows)
        lines += [(test, name, means[test]) for test in tests]
    rng = torch.Generator().manual_seed(5)
    rows = [of_critic(torch.zeros(900), torch.zeros(448), 0.25, rng) for _ in range(repetitions)]
    name = "critic membership"
    return [*lines, (name, "logits .25 deviations higher", mean_of(rows)[name])]


def main() -> None:
    """Measure and write docs/metrics_calibration.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=200)
    parser.add_argument("--power-repetitions", type=int, default=50)
    parser.add_argument("--output", type=Path, default=DOCS / "metrics_calibration.md")
    options = parser.parse_args()
    torch.set_num_threads(1)
    digits = Digits8().load().x
    rates = null(digits, options.repetitions)
    found = power(digits, options.power_repetitions)
    text = [
        "# Tests: how often they reject",
        "",
        f"digits8, {TRAIN} training rows, {HELD_OUT} held-out rows, as many samples; level .05. "
        "Windows that overlap: 16 steps of a vector autoregression of 2 channels, 785 held-out "
        "windows at every step of one history, of which 50 share none; 300 samples of another. "
        "Written by `scripts/benchmarks/metrics_calibration.py`.",
        "",
        f"## Real against real, {options.repetitions} repetitions",
        "",
        "| test | rejects |",
        "|---|---|",
        *(f"| {name} | {rate:.3f} |" for name, rate in rates.items()),
        "",
        f"## Power, {options.power_repetitions} repetitions",
        "",
        "| test | alternative | rejects |",
        "|---|---|---|",
        *(f"| {test} | {name} | {rate:.2f} |" for test, name, rate in found),
    ]
    options.output.write_text("\n".join(text) + "\n")
    print("\n".join(text))


if __name__ == "__main__":
    main()
