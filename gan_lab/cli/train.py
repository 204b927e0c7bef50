"""`gan-lab train`: compose a configuration, train, export the generator."""

import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import hydra
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from gan_lab.cli import messages
from gan_lab.cli.resume import is_resume, resume
from gan_lab.cli.schema import register
from gan_lab.config import CONFIG_DIR
from gan_lab.errors import UserError

_failures: list[str] = []


@hydra.main(version_base="1.3", config_path=CONFIG_DIR, config_name="train")
def _task(config: DictConfig) -> None:
    """One job. A mistake ends this job alone, so that the rest of a sweep goes on."""
    try:
        if config.resume is not None:
            raise UserError("resume=RUN belongs on the command line, not into a yaml file")
        if config.dry_run:
            from gan_lab.cli.dry_run import dry_run

            dry_run(config)
        else:
            from gan_lab.cli.run import run

            run(config, Path(HydraConfig.get().runtime.output_dir))
    except messages.Readable as error:
        messages.report(error, sys.argv)
        _failures.append(str(error))
        _discard(Path(HydraConfig.get().runtime.output_dir))


def main(argv: Sequence[str] | None = None) -> int:
    """Train; the exit code is 0, or 2 for a mistake in the input."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if is_resume(arguments):
        return _resume(arguments)
    arguments, scratch = _translate(arguments)
    os.environ["HYDRA_FULL_ERROR"] = "1"  # hydra raises; `messages` does the printing
    register()
    GlobalHydra.instance().clear()
    _failures.clear()
    before, sys.argv = sys.argv, [sys.argv[0], *arguments]
    try:
        _task()
    except messages.Readable as error:
        if isinstance(error, OSError) and error.filename:
            problem = f"{error.filename}: {str(error.strerror).lower()}"
            told = UserError(f"cannot write {problem}; choose another folder with output=DIR")
            return messages.report(told.with_traceback(error.__traceback__), arguments)
        return messages.report(error, arguments)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    finally:
        sys.argv = before
        if scratch:
            shutil.rmtree(scratch, ignore_errors=True)
    return 2 if _failures else 0


def _resume(arguments: list[str]) -> int:
    try:
        resume(arguments)
    except messages.Readable as error:
        return messages.report(error, arguments)
    return 0


def _discard(folder: Path) -> None:
    """Remove the folder of a run that never began: it holds hydra's notes alone."""
    if not (folder / "config.yaml").exists() and {p.name for p in folder.glob("*")} <= {".hydra"}:
        shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):
            folder.parent.rmdir()


def _translate(arguments: list[str]) -> tuple[list[str], str | None]:
    """Flags before keys, as hydra wants them; `--dry-run` to a key and a folder to throw away."""
    words = ["dry_run=true" if a == "--dry-run" else a for a in arguments]
    words.sort(key=lambda word: word[:1] != "-" and ("=" in word or word[:1] == "~"))
    if not any(a.lower() == "dry_run=true" for a in words):
        return words, None
    scratch = tempfile.mkdtemp(prefix="gan_lab_dry_run_")
    words += [f"hydra.run.dir={scratch}", f"hydra.sweep.dir={scratch}", "hydra.output_subdir=null"]
    return words, scratch


if __name__ == "__main__":
    sys.exit(main())
