"""Which score sees which failure? Known failures on real digits, mean over random splits.

python scripts/benchmarks/metrics_sensitivity.py --splits 5
"""

import argparse
import math
from pathlib import Path

import torch

from gan_lab.data.digits8 import Digits8
from gan_lab.metrics.authenticity import authenticity
from gan_lab.metrics.data_copying import data_copying
from gan_lab.metrics.energy import energy_distance
from gan_lab.metrics.frechet import frechet_distance
from gan_lab.metrics.invariances import shifts
from gan_lab.metrics.kernel import kernel_distance
from gan_lab.metrics.marginals import marginals
from gan_lab.metrics.ndb import different_bins
from gan_lab.metrics.neighbours import nearest
from gan_lab.metrics.novelty import audit_novelty
from gan_lab.metrics.prdc import precision_recall_density_coverage
from gan_lab.metrics.vendi import vendi_score

TRAIN, HELD_OUT = 900, 448
DOCS = Path(__file__).parents[2] / "docs"


def slightly_noisy(x, rng):
    """Noise of 1 % of the range."""
    return x + 0.02 * torch.randn(x.shape, generator=rng)


def copies(train, fresh, rng):
    """Training rows, slightly noisy."""
    return slightly_noisy(train[torch.randint(len(train), (len(fresh),), generator=rng)], rng)


def some_copies(train, fresh, rng):
    """Fresh rows, a tenth of them replaced by copies."""
    k = len(fresh) // 10
    return torch.cat([copies(train, fresh, rng)[:k], fresh[k:]])


def shifted_copies(train, fresh, rng):
    """Copies, one pixel to the right."""
    return shifts(1, axes=2)[4](copies(train, fresh, rng))


def one_image(train, fresh, rng):
    """One training row, slightly noisy, again and again."""
    return slightly_noisy(train[:1].expand_as(fresh), rng)


def half_lost(train, fresh, rng):
    """Fresh rows, every second replaced by another: half of the variety."""
    return slightly_noisy(fresh[: len(fresh) // 2].repeat(2, 1, 1, 1), rng)


def averages(train, fresh, rng):
    """Means of a fresh row and its nearest fresh one: a blurry generator."""
    flat = fresh.flatten(1)
    near = nearest(flat, flat, skip=torch.arange(len(flat))).index[:, 0]
    return (fresh + fresh[near]) / 2


def noisy(train, fresh, rng):
    """Fresh rows with noise of 15 % of the range."""
    return fresh + 0.3 * torch.randn(fresh.shape, generator=rng)


GENERATORS = {
    "fresh rows": lambda train, fresh, rng: fresh,
    "copies": copies,
    "10 % copies": some_copies,
    "copies, shifted 1 px": shifted_copies,
    "one image": one_image,
    "half of the variety": half_lost,
    "averages of two": averages,
    "15 % noise": noisy,
}
COLUMNS = (
    *("FD", "KID x 1000", "energy", "W1", "precision", "recall", "density", "coverage"),
    *("Vendi", "bins", "authentic", "C_T", "close", "far"),
)


def scores(train, held_out, fake, rng) -> tuple[list[float], str, str]:
    """All columns, and the two verdicts: without and with shifts."""
    a, b, f = (x.flatten(1) for x in (train, held_out, fake))
    cover = precision_recall_density_coverage(real=b, fake=f)
    audit = audit_novelty(fake=fake, train=train, held_out=held_out, trials=20, rng=rng)
    views = shifts(1, axes=2)
    wide = audit_novelty(fake=fake, train=train, held_out=held_out, views=views, trials=20, rng=rng)
    values = [
        frechet_distance(b, f).distance,
        1000 * kernel_distance(b, f, rng=rng).distance,
        energy_distance(b, f),
        marginals(real=b.unsqueeze(1), fake=f.unsqueeze(1)).wasserstein[0],
        cover.precision,
        cover.recall,
        cover.density,
        cover.coverage,
        vendi_score(f),
        different_bins(fit=a, real=b, fake=f, bins=40, rng=rng).different / 40,
        authenticity(train=a, fake=f).share,
        data_copying(train=a, held_out=b, fake=f, rng=rng).statistic,
        audit.close,
        audit.far,
    ]
    return values, audit.verdict, wide.verdict


def main() -> None:
    """Measure and write docs/metrics_sensitivity.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--splits", type=int, default=5)
    parser.add_argument("--output", type=Path, default=DOCS / "metrics_sensitivity.md")
    options = parser.parse_args()
    torch.set_num_threads(1)
    digits = Digits8().load().x
    lines = []
    for name, make in GENERATORS.items():
        rows, verdicts, wide = [], [], []
        for seed in range(options.splits):
            rng = torch.Generator().manual_seed(seed)
            order = torch.randperm(len(digits), generator=rng)
            train, held_out, fresh = (
                digits[order[i:j]]
                for i, j in ((0, TRAIN), (TRAIN, TRAIN + HELD_OUT), (TRAIN + HELD_OUT, -1))
            )
            values, verdict, wide_verdict = scores(train, held_out, make(train, fresh, rng), rng)
            rows.append(values)
            verdicts.append(verdict)
            wide.append(wide_verdict)
        means = torch.tensor(rows, dtype=torch.float64).nanmean(dim=0).tolist()
        cells = ["-" if math.isnan(value) else f"{value:.3g}" for value in means]
        for found in (verdicts, wide):
            cells.append(", ".join(f"{found.count(v)} {v}" for v in sorted(set(found))))
        lines.append(f"| {name} | {' | '.join(cells)} |")
        print(lines[-1], flush=True)
    head = ["generator", *COLUMNS, "verdict", "verdict with shifts"]
    text = [
        "# Scores: which one sees which failure",
        "",
        f"digits8, {TRAIN} training rows, {HELD_OUT} held-out rows, as many samples; mean over "
        f"{options.splits} splits; the values themselves as features. FD to coverage compare the "
        "samples with the held-out rows, so the first line is the floor of every column. Written "
        "by `scripts/benchmarks/metrics_sensitivity.py`.",
        "",
        f"| {' | '.join(head)} |",
        f"|{'---|' * len(head)}",
        *lines,
    ]
    options.output.write_text("\n".join(text) + "\n")


if __name__ == "__main__":
    main()
