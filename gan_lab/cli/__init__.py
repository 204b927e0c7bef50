"""Commands: one module each, started by `gan_lab.cli.main`."""
