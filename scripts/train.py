"""The same as `gan-lab train`, from a checkout."""

import sys

from gan_lab.cli.main import main

if __name__ == "__main__":
    sys.exit(main(["train", *sys.argv[1:]]))
