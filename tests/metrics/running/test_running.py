"""Batch by batch gives what all at once gives, on one process and on two."""

import subprocess
import sys

import pytest
import torch

from gan_lab.errors import UserError
from gan_lab.metrics.alpha_precision import alpha_precision_beta_recall
from gan_lab.metrics.energy import energy_distance
from gan_lab.metrics.frechet import frechet_distance
from gan_lab.metrics.kernel import polynomial_mmd
from gan_lab.metrics.marginals import marginals
from gan_lab.metrics.prdc import precision_recall_density_coverage
from gan_lab.metrics.running.frechet import FrechetDistance
from gan_lab.metrics.running.pooled import (
    AlphaPrecision,
    EnergyDistance,
    KernelDistance,
    Marginals,
    PrecisionRecallDensityCoverage,
    SlicedWasserstein,
    VendiScore,
)
from gan_lab.metrics.vendi import vendi_score

SIZES = (30, 5, 25)


def rows(seed, offset=0.0):
    return offset + torch.randn(60, 4, generator=torch.Generator().manual_seed(seed))


def fed(metric, offset=0.0):
    for real in (True, False):
        for batch in rows(int(real), offset + 0.3 * real).split(SIZES):
            metric.update(batch, real=real)
    return metric


def both(offset=0.0):
    return rows(1, offset + 0.3), rows(0, offset)


def test_frechet_keeps_its_digits_far_from_the_origin():
    expected = frechet_distance(*both()).distance
    assert float(fed(FrechetDistance(4)).compute()) == pytest.approx(expected, rel=1e-9)
    real, fake = (x.double() + 1e6 for x in both())
    metric = FrechetDistance(4)
    for x, is_real in ((real, True), (fake, False)):
        for batch in x.split(SIZES):
            metric.update(batch, real=is_real)
    exact = frechet_distance(real, fake).distance
    assert float(metric.compute()) == pytest.approx(exact, rel=1e-7)


def test_unequal_numbers_are_refused():
    metric = FrechetDistance(2)
    metric.update(torch.randn(5, 2), real=True)
    metric.update(torch.randn(6, 2), real=False)
    with pytest.raises(UserError, match="moments of 5 and 6 rows"):
        metric.compute()


@pytest.mark.parametrize(
    ("metric", "name", "expected"),
    [
        (KernelDistance(), "kernel", lambda r, f: polynomial_mmd(r, f)),
        (EnergyDistance(), "energy", lambda r, f: energy_distance(r, f)),
        (VendiScore(), "vendi", lambda r, f: vendi_score(f)),
        (
            PrecisionRecallDensityCoverage(3),
            "coverage",
            lambda r, f: precision_recall_density_coverage(real=r, fake=f, k=3).coverage,
        ),
        (
            AlphaPrecision(),
            "beta_recall",
            lambda r, f: alpha_precision_beta_recall(real=r, fake=f).recall,
        ),
        (
            Marginals(),
            "marginal_ks",
            lambda r, f: sum(marginals(real=r, fake=f).kolmogorov_smirnov) / 4,
        ),
    ],
)
def test_pooled_scores_are_the_functions(metric, name, expected):
    assert float(fed(metric).compute()[name]) == expected(*both())
    metric.reset()
    assert float(fed(metric).compute()[name]) == expected(*both())


def test_sliced_wasserstein_takes_the_same_directions_each_time():
    metric = fed(SlicedWasserstein(16))
    first = float(metric.compute()["sliced_wasserstein"])
    assert first == float(fed(SlicedWasserstein(16)).compute()["sliced_wasserstein"]) > 0


PROCESS = """
import sys, torch, torch.distributed as dist
from gan_lab.metrics.running.frechet import FrechetDistance
from gan_lab.metrics.running.pooled import KernelDistance
rank, meeting, sets = int(sys.argv[1]), sys.argv[2], torch.load(sys.argv[3])
dist.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=2)
metrics = FrechetDistance(4), KernelDistance()
for metric in metrics:
    for real, x in zip((True, False), sets):
        metric.update(x[rank::2], real=real)
print(float(metrics[0].compute()), float(metrics[1].compute()["kernel"]))
dist.destroy_process_group()
"""


@pytest.mark.slow
def test_two_processes_give_what_one_gives(tmp_path):
    torch.save(both(), tmp_path / "sets.pt")
    words = [str(tmp_path / "meeting"), str(tmp_path / "sets.pt")]
    running = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS, str(rank), *words], stdout=subprocess.PIPE, text=True
        )
        for rank in range(2)
    ]
    expected = (frechet_distance(*both()).distance, polynomial_mmd(*both()))
    for process in running:
        printed, _ = process.communicate(timeout=300)
        assert [float(word) for word in printed.split()] == pytest.approx(expected, rel=1e-6)
