"""`gan-lab explore WAY RUN ...`: hands over to the module of that way."""

import difflib
import sys
from collections.abc import Sequence
from importlib import import_module

WAYS = {
    "walk": "paths, loops, planes and sweeps through the latent space",
    "directions": "what the latent space varies: found from the generator alone, or from labels",
    "invert": "find the latent of a real picture or series, to edit or to judge it",
    "arithmetic": "a - b + c, and walks between two real samples",
    "map": "the latent space and the data in two dimensions",
    "select": "let the critic choose among samples; what precision gains, what recall loses",
    "serve": "a page with sliders, a map and neighbours, on this machine alone",
}
USAGE = """\
gan-lab explore: walk, map, steer and invert the latent space of a trained generator.
usage: gan-lab explore WAY [RUN] [key=value ...]      RUN: a run folder, or latest (default)

{ways}

gan-lab explore WAY --help explains one way.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one way; the exit code is 0, or 2 for a mistake in the input."""
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or words[0] in ("-h", "--help"):
        print(USAGE.format(ways="\n".join(f"  {k:<12} {v}" for k, v in WAYS.items())))
        return 0
    way, *rest = words
    if way not in WAYS:
        close = difflib.get_close_matches(way, WAYS, n=1)
        hint = f"did you mean {close[0]!r}? " if close else ""
        print(f"error: no way {way!r}; {hint}ways: {', '.join(WAYS)}", file=sys.stderr)
        return 2
    code: int = import_module(f"gan_lab.cli.explore.{way}").main(rest)
    return code


if __name__ == "__main__":
    sys.exit(main())
