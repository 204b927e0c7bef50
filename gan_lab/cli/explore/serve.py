"""`gan-lab explore serve`: a page with sliders, a map and neighbours, on this machine alone."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gan_lab.cli.arguments import command
from gan_lab.errors import UserError
from gan_lab.export.runs import find_run

if TYPE_CHECKING:
    from gan_lab.explore.direction import Direction
    from gan_lab.explore.explorer import LatentExplorer
    from gan_lab.page.workbench import Bench

USAGE = """\
gan-lab explore serve: sliders, a map and neighbours of a run, as a page on this machine alone.
usage: gan-lab explore serve [RUN] [key=value ...]      RUN: a run folder, or latest (default)

  port=0          where to listen on 127.0.0.1; 0: any free port
  open=false      true: open the page in the browser
  top=6           sliders of directions that are found at the start, where none are saved
  data=true       false: do without the data of the run, and so without neighbours
  file=null       a file such as latent.html: write one still page instead, which needs no server
  seed=0          seed of the map, of the directions and of the still page
  trust=false     true: let config.yaml name your own classes; it runs their code

Prints the address; it holds a secret, new at each start, and works on this machine alone. What
follows the ? in the address is the view: keep or send it to come back to the same latent.
Saved directions are those of `gan-lab explore directions`.
Needs pip install 'gan-lab-torch[explore]'.
"""
JACOBIANS = 32
LONGEST = 256
"""Latents with more coordinates are searched by products with random vectors."""


@dataclass(frozen=True)
class Options:
    """Keys of the command."""

    run: str = "latest"
    port: int = 0
    open: bool = False
    top: int = 6
    data: bool = True
    file: str | None = None
    seed: int = 0
    trust: bool = False


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 0, or 2 for a mistake in the input."""
    return command(argv, Options, USAGE, serve)


def serve(options: Options) -> None:
    """Serve the page until interrupted, or write the still one.

    Raises:
        UserError: If a value is out of range, the run cannot be read, or Dash is missing.
    """
    if not 0 <= options.port <= 65535 or options.top < 0 or options.seed < 0:
        raise UserError(
            f"port={options.port}, top={options.top}, seed={options.seed}: expected a port up to "
            "65535, and numbers of 0 or more"
        )
    run = find_run(options.run)
    if options.file is not None:
        write_still(options, run, Path(options.file).expanduser())
        return
    open_page, workbench_of = _page_parts()
    name = run_name(run)
    workbench = workbench_of(lambda tell: prepare(options, run, tell))
    page = open_page(name, workbench, port=options.port)
    print(page.address, flush=True)
    print("Stop with Ctrl-C.", file=sys.stderr)
    if options.open:
        import webbrowser

        webbrowser.open(page.address)
    try:
        page.run()
    finally:
        page.server.server_close()


def run_name(run: Path) -> str:
    """Name of a run, as reports write it."""
    return f"{run.absolute().parent.name}/{run.name}"


def write_still(options: Options, run: Path, path: Path) -> None:
    """Write the page that needs no server.

    Raises:
        UserError: If the run cannot be read or the file cannot be written.
    """
    from gan_lab.report.latent_page import write_latent_page

    explorer = explorer_of(options, run, lambda stage: print(stage, file=sys.stderr))
    write_latent_page(path, explorer, name=run_name(run), seed=options.seed)
    print(path)


def prepare(options: Options, run: Path, tell: Callable[[str], None]) -> "Bench":
    """Read the run for the page.

    Raises:
        UserError: If it cannot be read.
    """
    tell("Loading PyTorch")
    import torch

    # Requests come in threads of their own, and one sample at a time is too small to share out.
    torch.set_num_threads(1)
    explorer = explorer_of(options, run, tell)
    tell("Drawing the maps")
    from gan_lab.page.atlas import Atlas
    from gan_lab.page.stage import Stage
    from gan_lab.page.workbench import Bench

    def keep(direction: "Direction") -> None:
        save(run, explorer, direction)

    return Bench(run_name(run), explorer, Atlas(explorer, options.seed), Stage(explorer), keep)


def explorer_of(options: Options, run: Path, tell: Callable[[str], None]) -> "LatentExplorer":
    """Generator, data and directions of a run.

    Raises:
        UserError: If the run cannot be read.
    """
    tell("Reading the generator")
    from gan_lab import load
    from gan_lab.explore.explorer import LatentExplorer
    from gan_lab.explore.neighbours import RealRows

    generator = load(run, trust=options.trust)
    real = None
    if options.data:
        tell("Reading the data")
        from gan_lab.cli.evaluate import data_of

        data = data_of(run, trust=options.trust)
        data.setup()
        if data.spec.shape != generator.spec.shape:
            raise UserError(
                f"the generator makes {generator.spec.shape}, but the data of the run hold "
                f"{data.spec.shape}; data=false does without them"
            )
        tell("Measuring usual distances")
        real = RealRows(data.train, data.held_out)
    explorer = LatentExplorer(generator, real)
    tell("Finding directions")
    for direction in directions_of(options, run, explorer):
        explorer.add(direction)
    return explorer


def directions_of(options: Options, run: Path, explorer: "LatentExplorer") -> "Sequence[Direction]":
    """Saved directions of a run; where there are none, those of most change.

    Raises:
        UserError: If the saved ones are damaged or belong to other weights.
    """
    from gan_lab.explore.cohort import Cohort
    from gan_lab.explore.direction import FILE, load_directions
    from gan_lab.explore.pullback import sketched_spectrum, spectrum
    from gan_lab.explore.search import by_jacobian
    from gan_lab.metrics.features.extractor import weights_digest

    path = run / "explore" / FILE
    generator = explorer.generator
    if path.is_file():
        return load_directions(path, weights_digest(generator.network))
    if options.top == 0:
        return ()
    z = generator.latents(JACOBIANS, options.seed)
    cohort = Cohort(generator, z, generator.labels(JACOBIANS, options.seed))
    if generator.prior.dim > LONGEST:
        found = sketched_spectrum(cohort.linearised(), options.top, seed=options.seed)
    else:
        found = spectrum(cohort.metric(), options.top)
    return by_jacobian(found, generator.prior)


def save(run: Path, explorer: "LatentExplorer", direction: "Direction") -> None:
    """Add a direction to the saved ones of a run.

    Raises:
        UserError: If the file is damaged or cannot be written.
    """
    from gan_lab.explore.direction import FILE, save_directions
    from gan_lab.metrics.features.extractor import weights_digest

    path = run / "explore" / FILE
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{path.parent} cannot be written: {error.strerror}") from error
    digest = weights_digest(explorer.generator.network)
    kept = [known for known in explorer.directions if known.name != direction.name]
    save_directions(path, [*kept, direction], digest)


def _page_parts() -> tuple[Any, Any]:
    try:
        from gan_lab.page.server import open_page
        from gan_lab.page.workbench import Workbench
    except ImportError as error:
        raise UserError(
            f"the page needs the extra `explore` ({error.name} is missing): "
            "pip install 'gan-lab-torch[explore]'; file=latent.html writes a still page without it"
        ) from error
    return open_page, Workbench


if __name__ == "__main__":
    sys.exit(main())
