"""One place in the latent space as plain text, so that it fits into a link."""

import base64
import binascii
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.errors import UserError

Start = Literal["seed", "between", "given"]
MOVE = "m."
REACH = 10.0
"""Largest amount of a move, in standard deviations of the prior."""
MOST_SEED = 2**31 - 1
MOST_MOVES = 200


@dataclass(frozen=True)
class View:
    """Where to start, what to show there, and how far to move along which directions.

    Attributes:
        start: `seed`: a draw of the prior; `between`: on the way from `first` to `second`;
            `given`: the latent `given`.
        seed: Seed of the draw.
        given: A latent as `pack` writes it.
        first: The latent where the way begins; empty: the draw of seed 0.
        second: The latent where it ends; empty: the draw of seed 1.
        t: Position on the way, in [0, 1].
        label: Name of a class, or attributes as `0.5,-1`; empty: drawn with the seed.
        truncation: 1 keeps the start; less pulls it towards the prior's centre.
        moves: Amount for each name of a direction, in standard deviations of the prior.
    """

    start: Start = "seed"
    seed: int = 0
    given: str = ""
    first: str = ""
    second: str = ""
    t: float = 0.5
    label: str = ""
    truncation: float = 1.0
    moves: Mapping[str, float] = field(default_factory=dict)

    @property
    def origin(self) -> tuple[object, ...]:
        """What decides the start and what is shown there: all but the moves."""
        return tuple(self.stay().items())

    def to_query(self) -> dict[str, str]:
        """What differs from the default, as keys and values of a link."""
        return self.stay() | {f"{MOVE}{k}": _number(v) for k, v in self.moves.items() if v}

    def stay(self) -> dict[str, str]:
        """The same without moves."""
        texts = {
            "start": self.start, "seed": str(self.seed), "z": self.given, "a": self.first,
            "b": self.second, "t": _number(self.t), "label": self.label,
            "psi": _number(self.truncation),
        }  # fmt: skip
        return {key: text for key, text in texts.items() if text != DEFAULTS[key]}

    @classmethod
    def from_query(cls, query: Mapping[str, object]) -> "View":
        """Read `to_query`; keys that are not a view's are left alone.

        Raises:
            UserError: If a value is out of range or damaged.

        >>> View.from_query({"seed": "3", "m.slant": "1.5"}).moves
        {'slant': 1.5}
        """
        text = {key: str(query.get(key, default)) for key, default in DEFAULTS.items()}
        start = text["start"]
        if start not in get_args(Start):
            raise UserError(f"start={start}: expected {', '.join(get_args(Start))}")
        moves = {
            key.removeprefix(MOVE): _in_range(key, str(value), -REACH, REACH)
            for key, value in query.items()
            if key.startswith(MOVE)
        }
        if len(moves) > MOST_MOVES:
            raise UserError(f"{len(moves)} moves; expected at most {MOST_MOVES}")
        return cls(
            start=start,  # type: ignore[arg-type]
            seed=_seed(text["seed"]),
            given=text["z"],
            first=text["a"],
            second=text["b"],
            t=_in_range("t", text["t"], 0.0, 1.0),
            label=text["label"],
            truncation=_in_range("psi", text["psi"], 0.0, 1.0),
            moves={name: amount for name, amount in moves.items() if amount},
        )


DEFAULTS = {
    "start": "seed", "seed": "0", "z": "", "a": "", "b": "", "t": "0.5", "label": "", "psi": "1",
}  # fmt: skip


def pack(z: Float[Tensor, "1 d"]) -> str:
    """A latent bit for bit as text that needs no quoting in a link."""
    return base64.urlsafe_b64encode(z[0].float().numpy().astype("<f4").tobytes()).decode()


def unpack(text: str, dim: int) -> Float[Tensor, "1 d"]:
    """Read `pack`.

    Raises:
        UserError: If the text is damaged or belongs to a latent of another length.
    """
    try:
        content = base64.b64decode(text.encode(), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise UserError("the link holds a damaged latent; copy the whole link again") from error
    if len(content) != 4 * dim:
        raise UserError(
            f"the link holds a latent of {len(content) / 4:g} coordinates; this generator has {dim}"
        )
    z = torch.frombuffer(bytearray(content), dtype=torch.float32)[None]
    if not z.isfinite().all():
        raise UserError("the link holds a latent that is not finite; copy the whole link again")
    return z


def _number(value: float) -> str:
    return f"{value:.6g}"


def _seed(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) > MOST_SEED:
        raise UserError(f"seed={text[:20]}: expected a whole number from 0 to {MOST_SEED}")
    return int(text)


def _in_range(key: str, text: str, low: float, high: float) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not low <= value <= high:
        raise UserError(f"{key}={text[:20]}: expected a number from {low:g} to {high:g}")
    return value
