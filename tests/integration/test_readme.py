"""Every command and every Python example of the README runs, in order, in an empty folder."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
BIN = Path(sys.executable).parent

pytestmark = pytest.mark.slow


def blocks(language):
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    return [text for name, text in fenced if name == language]


def commands():
    lines = "".join(blocks("bash")).splitlines()
    return [line.split("#")[0].strip() for line in lines if line.startswith("gan-lab")]


def shell(command, cwd):
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        ["bash", "-c", command], cwd=cwd, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """An empty folder with the pictures and the user's own files that the README speaks of."""
    root = tmp_path_factory.mktemp("readme")
    (root / "my_pictures").mkdir()
    for k in range(6):
        pixels = np.random.default_rng(k).integers(0, 255, (40, 40, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(root / "my_pictures" / f"{k}.png")
    levels = np.exp(np.random.default_rng(0).normal(0, 0.01, (400, 2)).cumsum(0))
    days = np.arange("2020-01-01", "2021-02-04", dtype="datetime64[D]")
    lines = [f"{day},{a:.6f},{b:.6f}" for day, (a, b) in zip(days, levels, strict=True)]
    (root / "prices.csv").write_text("\n".join(["date,one,two", *lines]))
    for language, comment in (("python", "# my_losses.py"), ("yaml", "# my_conf/")):
        for text in blocks(language):
            if text.startswith(comment):
                file = root / text.splitlines()[0].removeprefix("# ")
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
    return root


def test_the_readme_names_commands():
    assert len(commands()) == README.count("\ngan-lab ") >= 12


def test_every_command(folder):
    for command in commands():
        short = f"{command} trainer.max_steps=2 callbacks.health.every=1"
        shortened = short if " train " in command else command
        shell(shortened, folder)
    examples = [text for text in blocks("python") if text.startswith("import gan_lab")]
    assert examples
    shell("gan-lab train experiment=mnist_dcgan trainer.max_steps=2", folder)
    for text in examples:
        shell(f"python - <<'END'\n{text}\nassert digits.shape == (16, 1, 28, 28)\nEND", folder)


def test_completion_is_valid_bash(folder):
    shell('eval "$(gan-lab completion bash)"', folder)


def test_tensorboard_and_make_targets_exist(folder):
    shell("tensorboard --version_tb", folder)
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"^make (\w+)", README, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)
