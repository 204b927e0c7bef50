"""Tell a user which argument was wrong and what would be right."""

from collections.abc import Collection

from gan_lab.errors import UserError


def check_choice(name: str, value: str, choices: Collection[str]) -> None:
    """Accept `value` only if it is one of `choices`.

    Raises:
        UserError: If it is not; the message lists the choices.
    """
    if value not in choices:
        raise UserError(f"{name} is {value!r}; expected one of {', '.join(choices)}")


def check_at_least(minimum: int, **values: int) -> None:
    """Accept the named numbers only if none is below `minimum`.

    Raises:
        UserError: If one is.
    """
    for name, value in values.items():
        if value < minimum:
            raise UserError(f"{name} is {value}; expected {minimum} or more")
