"""What `gan-lab sample` can be asked for."""

from dataclasses import dataclass

from gan_lab.cli.writers import WRITERS
from gan_lab.errors import UserError

USAGE = """\
gan-lab sample: draw samples from a run.
usage: gan-lab sample [RUN] [key=value ...]      RUN: a run folder, or latest (default)

  n=64            how many
  seed=0          the same seed gives the same files, byte for byte
  truncation=1    below 1: closer to the centre, fewer surprises
  label=null      one class, by name or number, or attributes, label=[0.5]; null: all in turn
  steps=null      series: how many steps; null: as many as those of training have
  given=null      series: a table whose last rows are the past, such as last_30.csv; the samples
                  are `paths` futures of it. Dates go on; a table of quantiles and a picture of the
                  fan lie beside them. Needs a generator that reads what it writes, such as
                  networks=lstm_self_fed. Spelt --given last_30.csv --steps 60 --paths 500 as well
  paths=500       how many futures
  format=null     npy, npz, png, csv, parquet or folder (one PNG each); null: npy, png and, if no
                  images, csv; for futures csv. All but npz are written as they are drawn, in little
                  memory; futures are kept, for their quantiles
  start=null      series of returns or changes: levels to go on from, start=[100,101] (one per
                  column) or a table whose last rows are taken; null: the end of the training data
  output=null     a folder, or a file such as faces.npz; null: RUN/generated
  trust=false     true: let config.yaml name your own classes; it runs their code
"""
FORMATS = tuple(WRITERS)


@dataclass(frozen=True)
class Options:
    """Keys of the command."""

    run: str = "latest"
    n: int = 64
    seed: int = 0
    truncation: float = 1.0
    label: str | None = None
    start: str | None = None
    steps: int | None = None
    given: str | None = None
    paths: int = 500
    format: str | None = None
    output: str | None = None
    trust: bool = False


def check(options: Options) -> None:
    """Check the numbers before anything is loaded.

    Raises:
        UserError: If one is out of range.
    """
    for key in ("n", "paths", "steps"):
        value = getattr(options, key)
        if value is not None and value < 1:
            raise UserError(f"{key}={value}: expected 1 or more")
    if options.given is not None and options.start is not None:
        raise UserError("given and start both say where series begin; leave start out")
    if options.seed < 0:
        raise UserError(f"seed={options.seed}: expected 0 or more")
    if not 0 <= options.truncation <= 1:
        raise UserError(f"truncation={options.truncation}: expected a number from 0 to 1")
    if options.format is not None and options.format not in FORMATS:
        raise UserError(f"format={options.format}: expected one of {', '.join(FORMATS)}")


def count(options: Options) -> int:
    """How many samples are asked for."""
    return options.n if options.given is None else options.paths
