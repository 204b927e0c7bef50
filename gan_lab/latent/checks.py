"""What every prior asks of its arguments."""

from gan_lab.errors import UserError


def check_dim(dim: object, *, minimum: int = 1) -> int:
    """The number of latent coordinates, where it is a whole number of at least `minimum`.

    Raises:
        UserError: If it is not.
    """
    if isinstance(dim, bool) or not isinstance(dim, int) or dim < minimum:
        raise UserError(f"latent.dim is {dim!r}; expected a whole number, {minimum} or more")
    return dim


def check_count(n: int) -> int:
    """The number of latents to draw, where it is not negative.

    Raises:
        UserError: If it is.
    """
    if n < 0:
        raise UserError(f"cannot draw {n} latents; expected 0 or more")
    return n


def check_psi(psi: float) -> float:
    """The strength of a truncation, where it lies in [0, 1].

    Raises:
        UserError: If it does not.
    """
    if not 0 <= psi <= 1:
        raise UserError(f"truncation is {psi}; expected a number from 0 (centre) to 1 (untouched)")
    return float(psi)


def check_index(index: int, dim: int) -> int:
    """The number of a latent coordinate, where there is such a coordinate.

    Raises:
        UserError: If there is none.
    """
    if not 0 <= index < dim:
        raise UserError(f"latent coordinate {index} does not exist; expected 0 to {dim - 1}")
    return index


def check_positive(name: str, value: object) -> float:
    """The argument `name`, where it is a positive number.

    Raises:
        UserError: If it is not.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e300:
        raise UserError(f"latent.{name} is {value!r}; expected a positive number")
    return float(value)
