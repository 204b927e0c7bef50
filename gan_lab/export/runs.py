"""Find the run folder that a person means."""

from pathlib import Path

from gan_lab.errors import UserError

LATEST = "latest"
MARKER = "generator/config.yaml"


def find_run(text: str | Path = LATEST) -> Path:
    """The run folder at a path; `latest` or `FOLDER/latest` is the newest one below.

    Raises:
        UserError: If there is no finished run.
    """
    path = Path(text).expanduser()
    if path.name == LATEST and not path.exists():
        return newest(Path("outputs") if len(path.parts) == 1 else path.parent)
    if (path / MARKER).is_file():
        return path
    if path.name == "generator" and (path / "config.yaml").is_file():
        return path.parent
    below = finished(path)
    if below:
        raise UserError(f"{text} is no run folder, but holds some; try {below[0]} or {path}/latest")
    reason = "does not exist" if not path.exists() else "holds no exported generator"
    raise UserError(f"run folder {text} {reason}; train one first: gan-lab train")


def newest(folder: Path) -> Path:
    """The run below `folder` that finished last.

    Raises:
        UserError: If there is none.
    """
    runs = finished(folder)
    if not runs:
        raise UserError(f"no finished run below {folder}; train one first: gan-lab train")
    return runs[0]


def finished(folder: Path) -> list[Path]:
    """Runs below `folder` that have a generator, newest first."""
    found = [p for p in folder.rglob(MARKER)] if folder.is_dir() else []
    found.sort(key=lambda p: (p.stat().st_mtime_ns, str(p)), reverse=True)
    return [p.parent.parent for p in found]
