"""Errors of torch that a person can do something about."""

import torch


def explained(error: RuntimeError | ValueError) -> str | None:
    """One sentence about what happened and what to do; None for errors that are ours.

    >>> explained(RuntimeError("DataLoader worker (pid 12) is killed by signal: Killed."))
    'DataLoader worker (pid 12) is killed by signal: Killed; try data.num_workers=0'
    """
    text = " ".join(str(error).split()).rstrip(". ")
    if isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in text:
        return f"out of memory: lower data.batch_size, or the width of the networks ({text[:120]})"
    if text.startswith("DataLoader worker"):
        return f"{text.partition('. ')[0]}; try data.num_workers=0"
    if "loading state_dict" in text or "loaded state dict" in text:
        return f"the checkpoint does not fit this configuration: {text}"
    return None
