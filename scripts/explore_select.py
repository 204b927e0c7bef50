"""The same as `gan-lab explore select`, from a checkout."""

import sys

from gan_lab.cli.main import main

if __name__ == "__main__":
    sys.exit(main(["explore", "select", *sys.argv[1:]]))
