"""`gan-lab explore walk`: paths, loops, planes and sweeps through the latent space."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gan_lab.cli.arguments import command
from gan_lab.errors import UserError
from gan_lab.export.runs import find_run

KINDS = {
    "between": "from one latent to another on the prior's own path",
    "loop": "through several latents and back to the first",
    "geodesic": "the way on which the output changes least, below the prior's path",
    "plane": "a grid between four latents, or along two coordinates or directions",
    "volume": "such grids one behind the other: eight latents, three coordinates or directions",
    "truncation": "towards the centre of the prior",
    "classes": "the same latent as every class",
    "codes": "the codes of a product prior (InfoGAN), one after the other",
    "coordinates": "single coordinates through the range of the prior",
    "mix": "global part of one latent, local noise of another (series)",
}
USAGE = f"""\
gan-lab explore walk: paths, loops, planes and sweeps through the latent space of a run.
usage: gan-lab explore walk [RUN] [key=value ...]      RUN: a run folder, or latest (default)

  kind=between    what to do:
{chr(10).join(f"                    {name:<12} {text}" for name, text in KINDS.items())}
  rows=null       how many latents to begin with; null: 8, for series 4
  steps=9         positions along each row, both ends included
  stops=4         loop: latents on the way
  slices=3        volume: grids
  coordinates=null  plane, volume, coordinates: which ones, such as 3,7
  directions=null   plane, volume: names of saved directions, such as jacobian1,jacobian2
  speed=prior     constant: steps that change the output equally (between, loop, geodesic)
  features=values where output steps are measured: values, random or efficientnet
  iterations=200  geodesic: steps of the minimiser
  penalty=0       geodesic: above 0 it keeps to latents that the prior would draw
  blend=false     true: mix categories and bits along a path instead of switching; off the manifold
  ppl=500         pairs for the perceptual path length; 0: leave it out
  animation=true  false: leave out the moving picture, which takes longest
  seed=0          the same seed gives the same walk
  truncation=1    below 1: latents closer to the centre
  label=null      one class, by name or number, or attributes; null: one class per row, in turn
  output=null     a folder; null: RUN/explore
  trust=false     true: let config.yaml name your own classes; it runs their code
writes walk-KIND.png, .webp, .csv and .npz
"""
SPEEDS = ("prior", "constant")
AXES = {"plane": 2, "volume": 3}
ROUTES = ("between", "loop", "geodesic")
FEATURES = ("values", "random", "efficientnet")


@dataclass(frozen=True)
class Options:
    """Keys of the command."""

    run: str = "latest"
    kind: str = "between"
    rows: int | None = None
    steps: int = 9
    stops: int = 4
    slices: int = 3
    coordinates: str | None = None
    directions: str | None = None
    speed: str = "prior"
    features: str = "values"
    iterations: int = 200
    penalty: float = 0.0
    blend: bool = False
    ppl: int = 500
    animation: bool = True
    seed: int = 0
    truncation: float = 1.0
    label: str | None = None
    output: str | None = None
    trust: bool = False


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 0, or 2 for a mistake in the input."""
    return command(argv, Options, USAGE, walk)


def walk(options: Options) -> None:
    """Walk, write and tell.

    Raises:
        UserError: If a value is out of range, or the run cannot be read or has no such walk.
    """
    check(options)
    run = find_run(options.run)
    from gan_lab import load
    from gan_lab.cli.explore.walk_files import write
    from gan_lab.cli.explore.walk_kinds import build
    from gan_lab.cli.explore.walk_numbers import tell
    from gan_lab.cli.explore.walk_plan import Plan

    plan = Plan(load(run, trust=options.trust), options, run)
    folder = Path(options.output).expanduser() if options.output else run / "explore"
    outcome = build(plan)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        paths = write(plan, outcome, folder)
    except OSError as error:
        raise UserError(f"{folder} cannot be written: {error.strerror}") from error
    tell(plan, outcome)
    for path in paths:
        print(path)


def check(options: Options) -> None:
    """Check the values before anything is loaded.

    Raises:
        UserError: If one is out of range, or does not go with the kind.
    """
    _choice("kind", options.kind, tuple(KINDS))
    _choice("speed", options.speed, SPEEDS)
    _choice("features", options.features, FEATURES)
    grid, ppl = options.kind in AXES, options.ppl
    least: dict[str, float] = {
        "rows": 2 if grid else 1, "steps": 3 if options.kind == "geodesic" else 2, "stops": 2,
        "slices": 2, "iterations": 0, "seed": 0, "penalty": 0, "ppl": 2 if ppl else 0,
    }  # fmt: skip
    for name, value in least.items():
        given = getattr(options, name)
        if given is not None and given < value:
            raise UserError(f"{name}={given}: expected {value} or more")
    if not 0 <= options.truncation <= 1:
        raise UserError(f"truncation={options.truncation}: expected a number from 0 to 1")
    if options.speed == "constant" and options.kind not in ROUTES:
        raise UserError(f"speed=constant goes with kind={', '.join(ROUTES)}, not {options.kind}")
    _check_axes(options)


def _check_axes(options: Options) -> None:
    """Coordinates and directions go with grids, and there are as many as the grid has axes."""
    if options.coordinates and options.directions:
        raise UserError("give coordinates or directions, not both")
    for name in ("coordinates", "directions"):
        given = getattr(options, name)
        if given is None or (name == options.kind and words(given)):
            continue
        if options.kind not in AXES:
            raise UserError(f"{name}={given} does not go with kind={options.kind}")
        if len(words(given)) != AXES[options.kind]:
            raise UserError(
                f"{name}={given}: kind={options.kind} takes {AXES[options.kind]} of them"
            )


def words(text: str) -> list[str]:
    """Parts of a list as typed, such as `3,7` or `[3, 7]`."""
    return [part.strip() for part in text.strip("[]() ").split(",") if part.strip()]


def _choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise UserError(f"{name}={value}: expected one of {', '.join(choices)}")


if __name__ == "__main__":
    sys.exit(main())
