"""Versions below which a known hole is open must not be installable."""

import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from gan_lab.config import CONFIG_DIR

PROJECT = Path(CONFIG_DIR).parent / "pyproject.toml"
# What is refused, and why.
HOLES = {
    "torch": ("2.5.1", "2.9.1"),  # CVE-2025-32434, CVE-2026-24747: the safe loader runs code
    "pytorch-lightning": ("2.6.2", "2.6.3", "2.6.5"),  # stolen releases; CVE-2026-58659
    "hydra-core": ("1.3.2", "1.3.7"),  # CVE-2026-68508 and the way around its first repair
    "pillow": ("10.0.0", "11.3.0"),
    "omegaconf": ("2.2.3",),
}
SAFE = {"torch": "2.14.1", "pytorch-lightning": "2.6.6", "hydra-core": "1.3.8", "pillow": "13.0.0"}


@pytest.fixture(scope="module")
def wanted():
    lines = tomllib.loads(PROJECT.read_text())["project"]["dependencies"]
    return {r.name.lower(): r.specifier for r in map(Requirement, lines)}


@pytest.mark.parametrize("package", HOLES)
def test_versions_with_a_hole_are_refused(wanted, package):
    assert [v for v in HOLES[package] if Version(v) in wanted[package]] == []


@pytest.mark.parametrize("package", SAFE)
def test_present_versions_are_allowed(wanted, package):
    assert Version(SAFE[package]) in wanted[package]
