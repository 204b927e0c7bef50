"""`gan-lab COMMAND ...`: starts a command without importing torch or hydra itself."""

import difflib
import os
import sys
from collections.abc import Sequence

COMMANDS = {
    "train": "train a generator:  gan-lab train experiment=mnist_dcgan",
    "inspect": "look at data before training:  gan-lab inspect data=table data.path=prices.csv",
    "sample": "draw samples from a run:  gan-lab sample outputs/mnist_dcgan/latest n=64",
    "interpolate": "walk between samples:  gan-lab interpolate outputs/mnist_dcgan/latest",
    "evaluate": "score a run:  gan-lab evaluate outputs/mnist_dcgan/latest",
    "compare": "runs side by side:  gan-lab compare outputs/a/latest outputs/b/latest",
    "diagnose": "is a run healthy?  gan-lab diagnose outputs/mnist_dcgan/latest",
    "explore": "the latent space:  gan-lab explore walk outputs/mnist_dcgan/latest",
    "completion": "print a completion script:  source <(gan-lab completion bash)",
}
HELP = """\
gan-lab learns the population behind a sample with a GAN.

usage: gan-lab COMMAND [key=value ...]

{commands}

gan-lab COMMAND --help explains one command; gan-lab --version prints the version.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0, or 2 for a mistake in the input.

    Commands replace this process by `python -m gan_lab.cli.COMMAND`: the working directory is
    then importable, so that `_target_: my_module.MyLoss` works, and so is Lightning's relaunch
    of the same command for every further device.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(_help())
        return 0
    command, *rest = arguments
    if command in ("-V", "--version"):
        from gan_lab import __version__

        print(f"gan-lab {__version__}")
        return 0
    if command not in COMMANDS:
        print(_unknown(command), file=sys.stderr)
        return 2
    if command == "completion":
        from gan_lab.cli.completion import main as completion

        return completion(rest)
    # Idle OpenMP threads sleep instead of spinning: on a busy machine, spinning ones cost 5 times.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.execv(sys.executable, [sys.executable, "-m", f"gan_lab.cli.{command}", *rest])
    return 0


def _help() -> str:
    return HELP.format(commands="\n".join(f"  {k:<12} {v}" for k, v in COMMANDS.items()))


def _unknown(command: str) -> str:
    close = difflib.get_close_matches(command, COMMANDS, n=1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    return f"gan-lab: no command {command!r}; {hint}commands: {', '.join(COMMANDS)}"


if __name__ == "__main__":
    sys.exit(main())
