"""How many CPU threads to use: measured, as on a busy machine more threads can be far slower."""

import contextlib
import json
import os
import platform
import time
from typing import Any

import torch
from torch import nn

from gan_lab.atomic import write_atomically
from gan_lab.cache import cache_folder
from gan_lab.errors import UserError


def set_threads(wanted: Any) -> int:  # noqa: ANN401
    """Set torch's number of CPU threads and return it.

    Args:
        wanted: A number, or `auto` for the faster of one and all (at most `OMP_NUM_THREADS`).

    Raises:
        UserError: If it is neither.
    """
    if wanted == "auto":
        chosen = remembered(available())
    elif isinstance(wanted, int) and not isinstance(wanted, bool) and wanted >= 1:
        chosen = wanted
    else:
        raise UserError(f"trainer.threads is {wanted!r}; expected auto or a number of 1 or more")
    torch.set_num_threads(chosen)
    return chosen


def available() -> int:
    """CPUs that this process may use, at most `OMP_NUM_THREADS` where that is set."""
    cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    limit = os.environ.get("OMP_NUM_THREADS", "")
    return min(cpus, int(limit)) if limit.isdigit() and int(limit) >= 1 else cpus


def remembered(most: int) -> int:
    """`fastest`, timed once per machine, torch and CPU count: results depend on it in the last bit.

    A noisy moment at the second run must not change what the same seed gives, so the first choice
    is kept in the cache folder; delete `threads.json` there to time again.
    """
    if most == 1:
        return 1
    file = cache_folder() / "threads.json"
    key = f"{platform.node()} {platform.machine()} torch {torch.__version__} {most} CPUs"
    try:
        known = json.loads(file.read_text())
    except (OSError, ValueError):
        known = {}
    if known.get(key) not in (1, most):
        known[key] = fastest(most)
        with contextlib.suppress(UserError):
            write_atomically(file, json.dumps(known, indent=2).encode())
    return int(known[key])


def fastest(most: int) -> int:
    """1 or `most`, whichever runs a small critic faster; a tie goes to 1."""
    if most == 1:
        return 1
    before = torch.get_num_threads()
    seconds = {}
    for threads in (1, most):
        torch.set_num_threads(threads)
        seconds[threads] = trial()
    torch.set_num_threads(before)
    return most if seconds[most] < 0.9 * seconds[1] else 1


def trial(repeats: int = 8) -> float:
    """Median seconds of one forward and backward pass through two convolutions."""
    with torch.random.fork_rng(devices=[]):
        net = nn.Sequential(nn.Conv2d(1, 32, 4, 2), nn.LeakyReLU(0.2), nn.Conv2d(32, 64, 4, 2))
        x = torch.randn(64, 1, 28, 28)
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        net(x).mean().backward()
        times.append(time.perf_counter() - start)
    return sorted(times)[repeats // 2]
