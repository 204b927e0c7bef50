"""Randomness as a pure function of where training stands, so that a run can be resumed."""

import numpy as np
import torch


def generator_at(seed: int, rank: int, step: int, stream: int) -> torch.Generator:
    """A random generator of its own for one turn of one process.

    Args:
        seed: Seed of the run.
        rank: Index of the process.
        step: Generator steps so far.
        stream: Index of the turn within the step.
    """
    state = np.random.SeedSequence((seed, rank, step, stream)).generate_state(1, np.uint64)
    return torch.Generator().manual_seed(int(state[0]) >> 1)
