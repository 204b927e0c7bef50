"""`gan-lab explore arithmetic`: a - b + c in the latent space, and walks between real samples."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gan_lab.cli.arguments import command
from gan_lab.cli.explore.invert import progress
from gan_lab.errors import UserError
from gan_lab.export.runs import find_run

SOURCES = ("samples", "real")
USAGE = """\
gan-lab explore arithmetic: a - b + c with averages of latents, judged by a classifier.
usage: gan-lab explore arithmetic [RUN] a=... b=... c=... [key=value ...]
       gan-lab explore arithmetic [RUN] between=heldout:3,heldout:8 [key=value ...]

  a, b, c          what to add, to take away and to move; each is
                     a class:                      c=7
                     an attribute, high or low:    a=thickness:high  b=thickness:low
                     both:                         a=3/thickness:high
                     samples of the seed:          a=sample:4,19
                     rows of the data, inverted:   a=heldout:3,8  or  train:0
  between=null     instead: pairs of samples or rows to walk between, on the prior's own path
  n=64             latents to average, and to move
  from=samples     where members of a class come from: samples, or real rows, inverted
  amount=1         how much of a - b is added
  share=0.1        high and low: this share of the members with the most or the least
  confidence=0.9   least probability of the class that the classifier must see in a sample
  steps=9          between: positions, both ends included
  restarts=8       inversion: starts for each row
  seed=0           the same seed gives the same files
  output=null      a folder; null: RUN/explore
  trust=false      true: let config.yaml name your own classes; it runs their code
writes arithmetic.png, .csv and .npz, or between.png, .csv and .npz

In a conditional generator the class is a label, and latents hold what is left of a sample: the
label becomes a's where b and c have the same, and stays c's otherwise.
"""


@dataclass(frozen=True)
class Options:
    """Keys of the command."""

    run: str = "latest"
    a: str | None = None
    b: str | None = None
    c: str | None = None
    between: str | None = None
    n: int = 64
    source: str = "samples"
    amount: float = 1.0
    share: float = 0.1
    confidence: float = 0.9
    steps: int = 9
    restarts: int = 8
    seed: int = 0
    output: str | None = None
    trust: bool = False


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit code is 0, or 2 for a mistake in the input."""
    # `from` cannot name a field of a dataclass.
    words = [
        f"source={word[5:]}" if word.startswith("from=") else word
        for word in (sys.argv[1:] if argv is None else argv)
    ]
    return command(words, Options, USAGE, arithmetic)


def arithmetic(options: Options) -> None:
    """Add or walk, write and tell.

    Raises:
        UserError: If a value is out of range, or an operand does not suit the run.
    """
    check(options)
    run = find_run(options.run)
    from gan_lab import load
    from gan_lab.cli.explore import arithmetic_files as files
    from gan_lab.cli.explore.arithmetic_study import add, prepare, walk

    generator = load(run, trust=options.trust)
    folder = Path(options.output).expanduser() if options.output else run / "explore"
    with progress("latents") as told:
        study = prepare(generator, options, run)
        if options.between is None:
            total = add(study, told)
            paths = files.write_sum(study, total, folder)
            files.tell_sum(study, total)
        else:
            path = walk(study, told)
            paths = files.write_walk(study, path, folder)
            files.tell_walk(study, path)
    for written in paths:
        print(written)


def check(options: Options) -> None:
    """Check the values before anything is loaded.

    Raises:
        UserError: If one is out of range, or an operand is missing.
    """
    operands = [options.a, options.b, options.c]
    if options.between is None and None in operands:
        raise UserError("give a=, b= and c=, such as a=3 b=1 c=7, or between=heldout:3,heldout:8")
    if options.between is not None and operands != [None] * 3:
        raise UserError("give a=, b= and c=, or between=, not both")
    if options.source not in SOURCES:
        raise UserError(f"from={options.source}: expected one of {', '.join(SOURCES)}")
    for name, least in {"n": 1, "steps": 2, "restarts": 1, "seed": 0}.items():
        if getattr(options, name) < least:
            raise UserError(f"{name}={getattr(options, name)}: expected {least} or more")
    for name, most in {"share": 0.5, "confidence": 1.0}.items():
        if not 0 < getattr(options, name) <= most:
            raise UserError(f"{name}={getattr(options, name)}: expected above 0, up to {most}")
    if not abs(options.amount) <= 100:
        raise UserError(f"amount={options.amount}: expected a number from -100 to 100")


if __name__ == "__main__":
    sys.exit(main())
