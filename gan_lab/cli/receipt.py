"""What produced a run: versions, seed, commit, data, threads; nothing about who or where."""

import json
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

from gan_lab import __version__
from gan_lab.atomic import write_atomically

PACKAGES = ("torch", "pytorch-lightning", "hydra-core", "numpy", "torchvision")


def receipt(**facts: Any) -> dict[str, Any]:  # noqa: ANN401
    """Versions and the commit of the working directory, next to the given facts."""
    return {
        "versions": {
            "gan_lab": __version__,
            "python": platform.python_version(),
            **{name: _version(name) for name in PACKAGES},
        },
        "git": git_state(Path.cwd()),
        **facts,
    }


def write_receipt(folder: Path, facts: dict[str, Any]) -> None:
    """Write `receipt.json`."""
    write_atomically(folder / "receipt.json", f"{json.dumps(facts, indent=2)}\n".encode())


def read_receipt(folder: Path) -> dict[str, Any]:
    """What `receipt.json` holds; nothing where there is none, or none that can be read."""
    try:
        facts = json.loads((folder / "receipt.json").read_text())
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}


def git_state(folder: Path) -> dict[str, Any] | None:
    """Commit of the checkout around `folder`, and whether files differ; None outside of one."""
    commit = _git(folder, "rev-parse", "HEAD")
    if commit is None:
        return None
    return {"commit": commit, "dirty": bool(_git(folder, "status", "--porcelain"))}


def device_name(device: torch.device) -> str:
    """Model of a GPU, or architecture of the CPU.

    >>> device_name(torch.device("cpu")).startswith("cpu")
    True
    """
    if device.type == "cuda":
        return str(torch.cuda.get_device_name(device))
    return f"{device.type} ({platform.machine()})"


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _git(folder: Path, *arguments: str) -> str | None:
    command = ["git", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
