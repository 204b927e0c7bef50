"""`gan-lab explore map`: the latent space and the data in two dimensions."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gan_lab.cli.arguments import command
from gan_lab.errors import UserError
from gan_lab.export.runs import find_run

KINDS = ("latent", "data", "out_of_sample")
COLOURS = ("class", "density", "critic", "novelty")
METHODS = ("pca", "umap")
USAGE = """\
gan-lab explore map: the latent space and the data in two dimensions.
usage: gan-lab explore map [RUN] [key=value ...]      RUN: a run folder, or latest (default)

  of=latent         latent: where in the latent space samples come from
                    data: training rows, held-out rows and samples
                    out_of_sample: regions that held-out rows confirm and training rows miss; does
                    the generator reach them?
  colour=density    class: by the classifier of the data, or the mode of known populations
                    density: of the data around a sample
                    critic: how real the critic finds it
                    novelty: distance to the nearest training row
                    density and novelty are percentiles of held-out rows; several: class,critic
  method=pca        pca: the plane in which rows differ most; of latents, in which the output
                    changes most; the coordinates themselves where there are two
                    umap: a curved map; needs umap-learn
  n=2000            samples, and most rows of each kind
  label=null        one class, by name or number, or attributes; null: as often as data have them
  features=auto     what distances are taken of, as in gan-lab evaluate
  seed=0            the same seed gives the same files
  output=null       a folder; null: RUN/explore
  trust=false       true: let the run name your own classes; it runs their code

Writes map-OF.png, map-OF.csv (one line a sample) and map-OF.json.
"""


@dataclass(frozen=True)
class Options:
    """Keys of the command."""

    run: str = "latest"
    of: str = "latent"
    colour: str = "density"
    method: str = "pca"
    n: int = 2000
    label: str | None = None
    features: str = "auto"
    seed: int = 0
    output: str | None = None
    trust: bool = False

    @property
    def colours(self) -> tuple[str, ...]:
        """The colours, one map each."""
        return tuple(word for word in self.colour.strip("[]() ").split(",") if word)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 0, or 2 for a mistake in the input."""
    return command(argv, Options, USAGE, draw)


def draw(options: Options) -> None:
    """Place, measure, draw, write.

    Raises:
        UserError: If a value is out of range, or the run lacks what a colour needs.
    """
    check(options)
    run = find_run(options.run)
    from gan_lab.cli.explore.map_study import prepare
    from gan_lab.cli.explore.map_views import view
    from gan_lab.cli.explore.map_write import write

    folder = Path(options.output).expanduser() if options.output else run / "explore"
    study = prepare(run, options)
    picture, facts, columns = view(study, options)
    for line in facts.lines:
        print(line)
    for path in write(folder, options.of, picture, facts.values, columns):
        print(path)


def check(options: Options) -> None:
    """Check words and numbers before anything is loaded.

    Raises:
        UserError: If one is wrong.
    """
    for key, known in (("of", KINDS), ("method", METHODS)):
        value = getattr(options, key)
        if value not in known:
            raise UserError(f"{key}={value}: expected one of {', '.join(known)}")
    unknown = [word for word in options.colours if word not in COLOURS]
    if unknown or not options.colours:
        raise UserError(f"colour={options.colour}: expected one or more of {', '.join(COLOURS)}")
    if options.n < 100 or options.seed < 0:
        raise UserError(
            f"n={options.n}, seed={options.seed}: expected n of 100 or more, seed of 0 or more"
        )
    if options.method == "umap":
        from gan_lab.explore.maps import require_umap

        require_umap()


if __name__ == "__main__":
    sys.exit(main())
