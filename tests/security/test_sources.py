"""What the sources may not contain: ways to load files that run code, or to reach the network."""

import re
from pathlib import Path

import pytest

import gan_lab

PACKAGE = Path(gan_lab.__file__).parent
SOURCES = {str(p.relative_to(PACKAGE)): p.read_text() for p in sorted(PACKAGE.rglob("*.py"))}
NEVER = [
    r"pickle\.loads?\(", r"Unpickler\(", r"joblib", r"\bdill\b", r"cloudpickle", r"read_pickle",
    r"weights_only=False", r"allow_pickle=True", r"yaml\.(unsafe_|full_)?load\((?!.*_Plain)",
    r"\bexec\(", r"(?<![\w.])eval\(", r"os\.system", r"shell=True", r"extractall\(",
    r"extract_archive", r"load_state_dict_from_url", r"hub\.load\(", r"load_from_checkpoint",
]  # fmt: skip
CALLS = {
    r"torch\.load\(": {
        "export/checkpoints.py",
        "metrics/features/efficientnet.py",
        "metrics/features/inception.py",
    },
    r"np\.load\(": {"data/emoji.py", "evaluation/samples_file.py"},
    r"urlopen|download_url|requests\.": {"metrics/features/inception.py"},
}  # fmt: skip


@pytest.mark.parametrize("pattern", NEVER)
def test_what_is_never_called(pattern):
    assert [name for name, text in SOURCES.items() if re.search(pattern, text)] == []


@pytest.mark.parametrize("pattern", CALLS)
def test_where_files_are_loaded(pattern):
    found = {name for name, text in SOURCES.items() if re.search(pattern, text)}
    assert found <= CALLS[pattern]


def test_every_load_of_torch_says_so():
    for name, text in SOURCES.items():
        for call in re.findall(r"torch\.load\((.*)", text):
            assert "weights_only=True" in call, name


def test_the_patterns_find_what_they_are_for():
    bad = "yaml.load(x)\npickle.load(f)\neval(x)\ntorch.load(p)"
    assert sum(bool(re.search(pattern, bad)) for pattern in NEVER) == 3
