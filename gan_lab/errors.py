"""The one error that a user of gan_lab is meant to read."""


class UserError(Exception):
    """A mistake in the input, told in one line: what and where, what was expected, what to do.

    The command line prints the message alone and exits with code 2; in Python it is an ordinary
    exception.
    """
