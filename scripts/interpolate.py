"""The same as `gan-lab interpolate`, from a checkout."""

import sys

from gan_lab.cli.main import main

if __name__ == "__main__":
    sys.exit(main(["interpolate", *sys.argv[1:]]))
