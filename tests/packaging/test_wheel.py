"""The wheel works in a clean environment, from a folder that is no checkout."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


def run(*command, cwd):
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    environment.pop("PYTHONPATH", None)
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    run(
        sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT,
        cwd=folder,
    )  # fmt: skip
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """A new environment with gan_lab from the wheel; torch and friends lent by this one."""
    folder = tmp_path_factory.mktemp("clean")
    run(sys.executable, "-m", "venv", folder / "venv", cwd=folder)
    bin_folder = folder / "venv" / "bin"
    run(bin_folder / "pip", "install", "--quiet", "--no-deps", "--no-index", wheel, cwd=folder)
    (site,) = (folder / "venv" / "lib").glob("python*/site-packages")
    # A path line, unlike site.addsitedir, does not run the .pth of the checkout's own install.
    (site / "lent.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    return bin_folder


def test_the_wheel_holds_every_config_and_module(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    for source, inside in ((ROOT / "conf", "gan_lab/conf"), (ROOT / "gan_lab", "gan_lab")):
        for file in source.rglob("*"):
            if file.suffix in {".yaml", ".py"} or file.name == "py.typed":
                assert f"{inside}/{file.relative_to(source)}" in names


def test_train_sample_and_help_from_outside(installed, tmp_path):
    where = run(installed / "python", "-c", "import gan_lab; print(gan_lab.__file__)", cwd=tmp_path)
    assert str(installed.parent) in where
    assert "train" in run(installed / "gan-lab", "--help", cwd=tmp_path)
    run(installed / "gan-lab", "train", "experiment=smoke", "trainer.max_steps=2", cwd=tmp_path)
    run(installed / "gan-lab", "sample", "latest", "n=4", cwd=tmp_path)
    assert list(tmp_path.rglob("samples.npy"))
