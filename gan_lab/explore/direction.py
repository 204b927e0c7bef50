"""Directions in the latent space: a name, a vector, what it explains; how to move along one."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab import __version__
from gan_lab.atomic import write_atomically
from gan_lab.errors import UserError
from gan_lab.latent import Product, Sphere
from gan_lab.types import Prior

FORMAT_VERSION = 1
FILE = "directions.json"
DRAWS = 4096


@dataclass(frozen=True, eq=False)
class Direction:
    r"""A unit vector in the latent space.

    Attributes:
        name: What people call it.
        vector: Unit vector, `(d,)`.
        method: How it was found, such as `jacobian` or `supervised`.
        explained: Share of the output's change, $v^\top M v / \mathrm{tr} M$ with the mean
            pull-back metric M; None where it was not measured.
        scale: Length of a step of amount 1: one standard deviation of the prior along the vector.
        facts: Further plain values, such as the correlation that it reaches.
    """

    name: str
    vector: Float[Tensor, " d"]
    method: str
    explained: float | None
    scale: float
    facts: Mapping[str, Any] = field(default_factory=dict)

    def with_facts(self, facts: Mapping[str, Any]) -> "Direction":
        """The same direction with further facts."""
        return replace(self, facts={**self.facts, **facts})


def directions(
    vectors: Float[Tensor, "k d"],
    prior: Prior,
    *,
    method: str,
    names: Sequence[str] = (),
    explained: Sequence[float] = (),
) -> tuple[Direction, ...]:
    """Vectors `(k, d)` as directions, named `method1` and on where names are missing.

    Raises:
        UserError: If a vector is zero or not finite.
    """
    unit = torch.nn.functional.normalize(vectors.detach().cpu().double(), dim=1)
    if not unit.isfinite().all() or (unit.norm(dim=1) < 0.5).any():
        raise UserError(f"{method} gave a direction that is zero or not finite; nothing to follow")
    drawn = prior.sample(DRAWS, torch.Generator().manual_seed(0)).double()
    scale = (drawn @ unit.T).std(0, correction=0).tolist()
    names = [*names, *(f"{method}{k + 1}" for k in range(len(names), len(unit)))]
    shares = [*explained, *[None] * (len(unit) - len(explained))]
    rows = zip(names, unit.float(), shares, scale, strict=True)
    return tuple(Direction(name, vector, method, share, step) for name, vector, share, step in rows)


def move(
    prior: Prior,
    z: Float[Tensor, "b d"],
    direction: Direction,
    amounts: Float[Tensor, " s"],
) -> Float[Tensor, "b s d"]:
    r"""Latents moved along a direction, on the prior's support.

    $$ z_s = \mathrm{project}(z + a_s \sigma\, t(z)) $$

    with the direction's scale $\sigma$. t is the vector itself, and on a sphere its part that is
    tangent at z, so that the path is the great circle that leaves z towards the vector.

    Args:
        prior: Owns the support.
        z: Where to begin, `(b, d)`.
        direction: Where to go.
        amounts: How far, in standard deviations of the prior; 0 gives z, `(s,)`.
    """
    step = direction.scale * tangent(prior, z, direction.vector.to(z))
    moved = z[:, None] + amounts.to(z)[None, :, None] * step[:, None]
    return prior.project(moved.flatten(0, 1)).reshape(moved.shape)


def tangent(
    prior: Prior, z: Float[Tensor, "b d"], vector: Float[Tensor, " d"]
) -> Float[Tensor, "b d"]:
    """The part of the vector along which the prior's support goes on at each latent, `(b, d)`."""
    if isinstance(prior, Product):
        parts = zip(
            prior.priors,
            torch.split(z, prior.sizes, 1),
            torch.split(vector, prior.sizes),
            strict=True,
        )
        return torch.cat([tangent(one, part, piece) for one, part, piece in parts], 1)
    if isinstance(prior, Sphere):
        radial = (z @ vector) / z.square().sum(1).clamp_min(torch.finfo(z.dtype).tiny)
        return vector - radial[:, None] * z
    return vector.expand_as(z)


def save_directions(path: str | Path, found: Sequence[Direction], weights: str) -> None:
    """Write directions as JSON, with the digest of the generator that they belong to.

    Args:
        path: The file; its folder must exist.
        found: What to write; names are unique.
        weights: `gan_lab.metrics.features.extractor.weights_digest` of the generator's network.

    Raises:
        UserError: If a name is used twice or the file cannot be written.
    """
    names = [direction.name for direction in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UserError(f"two directions are called {twice[0]!r}; give each its own name")
    content = {
        "format_version": FORMAT_VERSION,
        "gan_lab": __version__,
        "weights": weights,
        "directions": [_plain(direction) for direction in found],
    }
    write_atomically(Path(path), (json.dumps(content, indent=1) + "\n").encode())


def load_directions(path: str | Path, weights: str | None = None) -> tuple[Direction, ...]:
    """Read what `save_directions` wrote.

    Args:
        path: The file.
        weights: Digest of the generator that they are meant for; None leaves that unchecked.

    Raises:
        UserError: If the file is missing or damaged, or belongs to another generator.
    """
    try:
        content = json.loads(Path(path).read_text())
        version, made_for = content["format_version"], content["weights"]
        found = tuple(_direction(values) for values in content["directions"])
    except FileNotFoundError as error:
        raise UserError(f"{path} is missing; `gan-lab explore directions` writes it") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path} is damaged: expected directions as JSON ({error})") from error
    if version != FORMAT_VERSION:
        raise UserError(f"{path} has format_version {version!r}; expected {FORMAT_VERSION}")
    if weights is not None and made_for != weights:
        raise UserError(
            f"{path} belongs to a generator with weights {str(made_for)[:12]}, not to this one "
            f"({weights[:12]}); they mean nothing elsewhere: remove it or use another output="
        )
    return found


def _plain(direction: Direction) -> dict[str, Any]:
    return {
        "name": direction.name,
        "method": direction.method,
        "explained": direction.explained,
        "scale": direction.scale,
        "facts": dict(direction.facts),
        "vector": direction.vector.tolist(),
    }


def _direction(values: dict[str, Any]) -> Direction:
    vector = torch.tensor(values["vector"], dtype=torch.float32)
    if vector.ndim != 1 or not vector.isfinite().all():
        raise ValueError("a vector is no list of numbers")
    return Direction(
        values["name"],
        vector,
        values["method"],
        values["explained"],
        values["scale"],
        values["facts"],
    )
