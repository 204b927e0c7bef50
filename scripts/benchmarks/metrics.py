"""Time and values of the Fréchet distance and of PRDC against scipy, torch-fidelity and prdc.

Both sides get the same features on one thread. The times are CPU seconds of the process, which a
busy machine changes less than the clock on the wall. The peak is the highest resident memory of a
fresh process less what it held before the call, so that it also counts the making of the features.

    pip install --no-deps prdc torch-fidelity
    python scripts/benchmarks/metrics.py --rows 3000
"""

import argparse
import contextlib
import io
import multiprocessing
import os
import platform
import resource
import statistics
import time
from importlib.metadata import version
from pathlib import Path

THREADS = 1
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = str(THREADS)

import numpy as np  # noqa: E402
import scipy.linalg  # noqa: E402
import torch  # noqa: E402
from prdc import compute_prdc  # noqa: E402
from torch_fidelity.metric_fid import (  # noqa: E402
    fid_features_to_statistics,
    fid_statistics_to_metric,
)

from gan_lab.metrics.frechet import frechet_distance, frechet_distance_of_moments, moments  # noqa: E402
from gan_lab.metrics.prdc import precision_recall_density_coverage  # noqa: E402

FEATURES = 2048
DOCS = Path(__file__).parents[2] / "docs"


def features(n: int, seed: int) -> torch.Tensor:
    """ReLU features with 256 strong directions, as those of a deep network, `(n, 2048)`."""
    rng = torch.Generator().manual_seed(seed)
    mix = torch.randn(256, FEATURES, generator=torch.Generator().manual_seed(9))
    strong = torch.randn(n, 256, generator=rng) @ mix * (1 + 0.1 * seed)
    return (strong + torch.randn(n, FEATURES, generator=rng)).relu()


def seconds(call, repeats: int):
    """Median CPU seconds of a call, and its result."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        with contextlib.redirect_stdout(io.StringIO()):
            result = call()
        times.append(time.process_time() - start)
    return statistics.median(times), result


def fidelity(statistics_pair) -> float:
    """Distance of torch-fidelity from its statistics."""
    result = fid_statistics_to_metric(*statistics_pair, False)
    return result["frechet_inception_distance"]


def by_square_root(x, y) -> float:
    """The distance in its first form, with scipy's square root of the product."""
    x, y = (part.double().numpy() for part in (x, y))
    a, b = (np.cov(part, rowvar=False) for part in (x, y))
    root = scipy.linalg.sqrtm(a @ b).real
    shift = x.mean(0) - y.mean(0)
    return shift @ shift + np.trace(a) + np.trace(b) - 2 * np.trace(root)


def frechet_rows(n: int, repeats: int):
    """Table rows: the whole way from features, and the distance alone from stored moments."""
    x, y = features(n, 0), features(n, 1)
    ours, value = seconds(lambda: frechet_distance(x, y), repeats)
    theirs, expected = seconds(lambda: by_square_root(x, y), 1)
    name = f"Fréchet from features, n = {n}, scipy's sqrtm"
    yield name, ours, theirs, value.distance, expected
    theirs, expected = seconds(
        lambda: fidelity([fid_features_to_statistics(part) for part in (x, y)]), repeats
    )
    name = f"Fréchet from features, n = {n}, torch-fidelity"
    yield name, ours, theirs, value.distance, expected
    if n > FEATURES:
        stored = moments(x), moments(y)
        pair = [fid_features_to_statistics(part) for part in (x, y)]
        ours, value = seconds(lambda: frechet_distance_of_moments(*stored), repeats)
        theirs, expected = seconds(lambda: fidelity(pair), repeats)
        name = f"Fréchet from moments, n = {n}, torch-fidelity"
        yield name, ours, theirs, value.distance, expected


def prdc_row(n: int):
    """Table row of PRDC; its four values must agree."""
    x, y = features(n, 0), features(n, 1)
    ours, value = seconds(lambda: precision_recall_density_coverage(real=x, fake=y), 1)
    theirs, expected = seconds(lambda: compute_prdc(x.numpy(), y.numpy(), 5), 1)
    gaps = [abs(getattr(value, name) - expected[name]) for name in expected]
    return f"PRDC, n = {n}, prdc", ours, theirs, value.density, expected["density"], max(gaps)


def peak(n: int, queue) -> None:
    """Put the peak memory of PRDC above what was held before it into the queue, in MiB (Linux)."""
    torch.set_num_threads(THREADS)
    x, y = features(n, 0), features(n, 1)
    precision_recall_density_coverage(real=x[:64], fake=y[:64])
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    precision_recall_density_coverage(real=x, fake=y)
    highest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    queue.put(highest / 1024 - pages * resource.getpagesize() / 2**20)


def main() -> None:
    """Measure and write docs/metrics_speed.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=3000)
    parser.add_argument("--memory-rows", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--output", type=Path, default=DOCS / "metrics_speed.md")
    options = parser.parse_args()
    torch.set_num_threads(THREADS)
    rows = [*frechet_rows(4096, options.repeats), *frechet_rows(500, options.repeats)]
    *row, gap = prdc_row(options.rows)
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    process = context.Process(target=peak, args=(options.memory_rows, queue))
    process.start()
    mebibytes = queue.get()
    process.join()
    names = ("torch", "torch-fidelity", "prdc", "numpy", "scipy", "scikit-learn")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    lines = [
        "# Scores: speed against scipy, torch-fidelity and prdc",
        "",
        f"{FEATURES} features, {THREADS} thread of {platform.machine()}, CPU seconds; Python "
        f"{platform.python_version()}, {versions}. Written by `scripts/benchmarks/metrics.py`.",
        "",
        "| what | gan-lab (s) | reference (s) | ratio | gan-lab value | reference value |",
        "|---|---|---|---|---|---|",
        *(
            f"| {what} | {ours:.3f} | {theirs:.3f} | {theirs / ours:.1f} | {a:.6g} | {b:.6g} |"
            for what, ours, theirs, a, b in [*rows, row]
        ),
        "",
        f"PRDC: largest difference of the four values {gap:.1g}; density shown. Peak memory above "
        f"the features, {options.memory_rows} rows on each side: {mebibytes:.0f} MiB.",
    ]
    options.output.write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
