"""The same as `gan-lab explore serve`, from a checkout."""

import sys

from gan_lab.cli.main import main

if __name__ == "__main__":
    sys.exit(main(["explore", "serve", *sys.argv[1:]]))
