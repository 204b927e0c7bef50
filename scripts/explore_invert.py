"""The same as `gan-lab explore invert`, from a checkout."""

import sys

from gan_lab.cli.main import main

if __name__ == "__main__":
    sys.exit(main(["explore", "invert", *sys.argv[1:]]))
