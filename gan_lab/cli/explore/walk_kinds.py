"""What each kind of walk does with a generator."""

from collections.abc import Callable
from dataclasses import replace

import torch
from rich.console import Console
from rich.progress import track
from torch import Tensor

from gan_lab.cli.explore.walk import words
from gan_lab.cli.explore.walk_plan import Outcome, Plan
from gan_lab.errors import UserError
from gan_lab.explore import sweeps
from gan_lab.explore.direction import FILE, load_directions, move
from gan_lab.explore.geodesic import geodesic
from gan_lab.explore.mixing import mix, shared_coordinates
from gan_lab.explore.route import Route, even
from gan_lab.explore.speed import constant_speed
from gan_lab.explore.walks import Move, Walk, along, lattice, plane, volume
from gan_lab.latent.marks import Marks
from gan_lab.metrics.features.extractor import weights_digest
from gan_lab.types import Label

FRAMES = 24
LEG = 12
"""Frames of an animation: of a path, and between two stops of a loop."""
REACH = 2.5
"""How far a grid goes along a saved direction, in standard deviations."""


def build(plan: Plan) -> Outcome:
    """Walk as `kind` says.

    Raises:
        UserError: If the generator or its prior has no such walk.
    """
    builders: dict[str, Callable[[Plan], Outcome]] = {
        "between": _between, "loop": _loop, "geodesic": _geodesic, "plane": _plane,
        "volume": _volume, "truncation": _truncation, "classes": _classes, "codes": _codes,
        "coordinates": _coordinates, "mix": _mix,
    }  # fmt: skip
    return builders[plan.options.kind](plan)


def _between(plan: Plan) -> Outcome:
    return _routes(plan, plan.draw(2 * plan.rows).view(2, plan.rows, -1).transpose(0, 1))


def _loop(plan: Plan) -> Outcome:
    stops = plan.draw(plan.options.stops * plan.rows)
    return _routes(plan, stops.view(plan.rows, plan.options.stops, -1), closed=True)


def _routes(plan: Plan, stops: Tensor, *, closed: bool = False) -> Outcome:
    labels = plan.labels(len(stops))
    routes = [Route(plan.prior, row[None], closed=closed) for row in stops]
    names = _row_names(plan, labels, len(stops))
    smooth = LEG * stops.shape[1] + 1 if closed else FRAMES
    walks = [
        _stack([_along(plan, route, labels, k, steps) for k, route in enumerate(routes)], names)
        for steps in (plan.options.steps, smooth)
    ]
    return Outcome((walks[0],), labels, (walks[1],))


def _along(plan: Plan, route: Route, labels: Label | None, row: int, steps: int) -> Walk:
    if plan.options.speed == "prior":
        return along(route, even(1, steps))
    t = constant_speed(plan.decode(labels, row), route, steps, features=plan.features)
    return along(route, t, "t, constant speed")


def _geodesic(plan: Plan) -> Outcome:
    rows, options = plan.rows, plan.options
    start, end = plan.draw(2 * rows).chunk(2)
    labels = plan.labels(rows)
    console = Console(stderr=True)
    found = tuple(
        geodesic(
            plan.decode(labels, k), plan.prior, start[k : k + 1], end[k : k + 1],
            steps=options.steps, iterations=options.iterations, penalty=options.penalty,
            features=plan.features,
        )
        for k in track(range(rows), "geodesics", console=console, transient=True)
    )  # fmt: skip
    routes = [
        Route(plan.prior, stops)
        for k, one in enumerate(found)
        for stops in (torch.stack([start[k : k + 1], end[k : k + 1]], 1), one.z)
    ]
    names = [f"{word} {k + 1}" for k in range(rows) for word in ("prior", "geodesic")]
    doubled = None if labels is None else labels.repeat_interleave(2, dim=0)
    walks = [
        _stack([_along(plan, route, doubled, k, steps) for k, route in enumerate(routes)], names)
        for steps in (options.steps, FRAMES)
    ]
    return Outcome((walks[0],), doubled, (walks[1],), geodesics=found)


def _plane(plan: Plan) -> Outcome:
    moves = _moves(plan, [plan.rows, plan.options.steps])
    if moves:
        grid = _named_lattice(plan, moves)
    else:
        grid = plane(plan.prior, plan.draw(4), plan.rows, plan.options.steps)
    return Outcome((grid,), _one_label(plan, plan.rows), (grid,), table=True)


def _volume(plan: Plan) -> Outcome:
    rows, options = plan.rows, plan.options
    moves = _moves(plan, [options.slices, rows, options.steps])
    if moves:
        first, *others = moves
        behind = first[1](plan.draw(1))[0]
        walks = tuple(_named_lattice(plan, others, z[None]) for z in behind)
    else:
        walks = volume(plan.prior, plan.draw(8), options.slices, rows, options.steps)
    return Outcome(walks, _one_label(plan, rows), walks, table=True)


def _moves(plan: Plan, sizes: list[int]) -> list[tuple[str, Move, Tensor]]:
    """Name, move and values of each axis that was asked for."""
    if plan.options.coordinates:
        return [
            _coordinate_move(plan, index, size)
            for index, size in zip(_indices(plan), sizes, strict=True)
        ]
    if plan.options.directions:
        asked = words(plan.options.directions)
        return [_direction_move(plan, name, n) for name, n in zip(asked, sizes, strict=True)]
    return []


def _coordinate_move(plan: Plan, index: int, size: int) -> tuple[str, Move, Tensor]:
    values = sweeps.spread(plan.prior, index, size)
    return f"coordinate {index}", lambda z: plan.prior.traverse(z, index, values), values


def _direction_move(plan: Plan, name: str, size: int) -> tuple[str, Move, Tensor]:
    digest = weights_digest(plan.generator.network)
    saved = {d.name: d for d in load_directions(plan.run / "explore" / FILE, digest)}
    if name not in saved:
        raise UserError(f"directions: no direction {name!r}; saved are: {', '.join(saved)}")
    amounts = torch.linspace(-REACH, REACH, size)
    return name, lambda z: move(plan.prior, z, saved[name], amounts), amounts


def _named_lattice(
    plan: Plan, moves: list[tuple[str, Move, Tensor]], z: Tensor | None = None
) -> Walk:
    (down, first, rows), (across, second, columns) = moves
    grid = lattice(plan.prior, plan.draw(1) if z is None else z, [first, second])
    return replace(
        grid, name=f"{down} down, {across} across", positions=columns.expand(len(rows), -1),
        rows=tuple(f"{v:.2g}" for v in rows.tolist()),
        columns=tuple(f"{v:.2g}" for v in columns.tolist()),
    )  # fmt: skip


def _truncation(plan: Plan) -> Outcome:
    z, labels = plan.draw(plan.rows), plan.labels(plan.rows)
    names = _row_names(plan, labels, plan.rows)
    walks = [
        replace(sweeps.truncation(plan.prior, z, torch.linspace(0, 1, steps)), rows=names)
        for steps in (plan.options.steps, FRAMES)
    ]
    return Outcome((walks[0],), labels, (walks[1],))


def _classes(plan: Plan) -> Outcome:
    if plan.options.label is not None:
        raise UserError("kind=classes shows every class; leave label out")
    walk = sweeps.classes(plan.prior, plan.draw(plan.rows), plan.generator.classes)
    return Outcome((walk,), None, (walk,), table=True)


def _codes(plan: Plan) -> Outcome:
    z, labels = plan.draw(plan.rows), plan.labels(plan.rows)
    walks = sweeps.codes(plan.prior, z, plan.options.steps)
    return Outcome(walks, labels, sweeps.codes(plan.prior, z, FRAMES), table=True)


def _coordinates(plan: Plan) -> Outcome:
    indices = _indices(plan) if plan.options.coordinates else list(range(plan.prior.dim))
    indices = indices if plan.options.coordinates else indices[: plan.rows]
    z = plan.draw(1)
    names = [f"coordinate {index}" for index in indices]
    walks = [
        _stack([sweeps.coordinate(plan.prior, z, index, steps) for index in indices], names)
        for steps in (plan.options.steps, FRAMES)
    ]
    labels = _one_label(plan, len(indices))
    return Outcome((walks[0],), labels, (walks[1],))


def _mix(plan: Plan) -> Outcome:
    shared = shared_coordinates(plan.generator.network)
    z = plan.draw(plan.rows + plan.options.steps)
    walk = mix(plan.prior, z[: plan.rows], z[plan.rows :], shared)
    return Outcome((walk,), _one_label(plan, plan.rows), (walk,), table=True)


def _indices(plan: Plan) -> list[int]:
    parts = words(plan.options.coordinates or "")
    if not parts or not all(part.isdigit() for part in parts):
        raise UserError(
            f"coordinates={plan.options.coordinates}: expected whole numbers, such as 3,7"
        )
    return [int(part) for part in parts]


def _one_label(plan: Plan, rows: int) -> Label | None:
    """The same label for every row: as asked, or the first class."""
    label = plan.labels(1)
    return None if label is None else label.repeat(rows, *[1] * (label.ndim - 1))


def _row_names(plan: Plan, labels: Label | None, rows: int) -> tuple[str, ...]:
    if labels is None or not plan.generator.classes:
        return tuple(f"path {k + 1}" for k in range(rows))
    return tuple(plan.generator.classes[k] for k in labels.tolist())


def _stack(walks: list[Walk], rows: list[str] | tuple[str, ...]) -> Walk:
    """Walks of one row each as one walk."""
    first = walks[0]
    alike = all(walk.columns == first.columns for walk in walks)
    return Walk(
        first.name, torch.cat([walk.z for walk in walks]),
        torch.cat([walk.positions for walk in walks]),
        Marks(
            torch.cat([walk.marks.jumps for walk in walks]),
            torch.cat([walk.marks.off for walk in walks]),
        ),
        rows=tuple(rows), columns=first.columns if alike else (), closed=first.closed,
    )  # fmt: skip
