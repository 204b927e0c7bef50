"""The latent space as one still page: samples, directions, a walk, and the nearest real rows."""

from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Float
from markupsafe import Markup
from torch import Tensor

from gan_lab.atomic import write_atomically
from gan_lab.explore.explorer import LatentExplorer
from gan_lab.explore.names import direction_words
from gan_lab.explore.neighbours import Beside
from gan_lab.explore.view import View
from gan_lab.report.charts import cloud
from gan_lab.report.page import page
from gan_lab.report.pictures import flat_pair, one, picture, square_box
from gan_lab.spec import DataSpec

GRID = 40
CROWD = 1500
AMOUNTS = (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0)
STEPS = 9
TWINS = 12
MOST_DIRECTIONS = 12


@dataclass(frozen=True)
class Strip:
    """Samples along a direction or a path.

    Attributes:
        name: Of what.
        share: Share of the output's change in per cent; None where it was not measured.
        pictures: One per place.
        off_prior: Percentile of the first and the last latent among the prior's draws.
    """

    name: str
    share: float | None
    pictures: tuple[Markup, ...]
    off_prior: tuple[float, float]


@dataclass(frozen=True)
class Triple:
    """A sample between its nearest training row and its nearest held-out row."""

    seed: int
    beside: Beside
    train: Markup
    sample: Markup
    held_out: Markup


def write_latent_page(path: Path, explorer: LatentExplorer, *, name: str, seed: int = 0) -> None:
    """Write one HTML file that needs nothing else.

    Args:
        path: The file.
        explorer: The latent space.
        name: Name of the run.
        seed: Seed of the first sample; others follow.

    Raises:
        UserError: If the file cannot be written.
    """
    write_atomically(path, render_latent_page(explorer, name=name, seed=seed).encode())


def render_latent_page(explorer: LatentExplorer, *, name: str, seed: int = 0) -> str:
    """The page as text."""
    directions = explorer.directions[:MOST_DIRECTIONS]
    triples = _triples(explorer, seed)
    return page(
        "latent.html.j2",
        name=name,
        spec=explorer.spec,
        prior=type(explorer.prior).__name__.lower(),
        dim=explorer.prior.dim,
        real=explorer.real,
        grid=_grid(explorer, seed),
        strips=[_strip(explorer, direction.name, seed) for direction in directions],
        amounts=[f"{a:+g}".replace("+0", "0").replace("-", "\u2212") for a in AMOUNTS],
        path=_path(explorer, seed),
        triples=triples,
        suspicious=sum(triple.beside.suspicious for triple in triples),
    )


def _grid(explorer: LatentExplorer, seed: int) -> Markup:
    spec, generator = explorer.spec, explorer.generator
    n = CROWD if spec.modality == "points" else GRID
    x = generator.generate(generator.latents(n, seed), generator.labels(n, seed)).cpu()
    if spec.modality == "images":
        return picture(x, spec, f"{n} samples", columns=10)
    if spec.modality == "series":
        return Markup('<div class="sparks">{}</div>').format(
            Markup("").join(one(row, spec, "sample", "fake") for row in x[:15])
        )
    return _cloud(explorer, x, "samples among training points")


def _strip(explorer: LatentExplorer, name: str, seed: int) -> Strip:
    view = View(seed=seed)
    z = explorer.traverse(explorer.start(view), name, torch.tensor(AMOUNTS), view)
    direction = explorer.direction(name, view)
    share = None if direction.explained is None else 100 * direction.explained
    return _drawn(explorer, direction_words(name), share, z, explorer.label(view))


def _path(explorer: LatentExplorer, seed: int) -> Strip:
    generator = explorer.generator
    ends = [generator.latents(1, k) for k in (seed, seed + 1)]
    t = torch.linspace(0, 1, STEPS)
    z = explorer.prior.interpolate(ends[0], ends[1], t)[0]
    return _drawn(explorer, "path", None, z, explorer.label(View(seed=seed)))


def _drawn(
    explorer: LatentExplorer,
    name: str,
    share: float | None,
    z: Float[Tensor, "s d"],
    label: Tensor | None,
) -> Strip:
    x = explorer.sample(z, label)
    if explorer.spec.modality == "points":
        pictures: tuple[Markup, ...] = (_cloud(explorer, x, f"places along {name}"),)
    else:
        pictures = tuple(
            one(row, explorer.spec, f"{name}, place {k + 1}", "fake") for k, row in enumerate(x)
        )
    return Strip(name, share, pictures, (explorer.off_prior(z[:1]), explorer.off_prior(z[-1:])))


def _cloud(explorer: LatentExplorer, x: Float[Tensor, "n c"], words: str) -> Markup:
    spec = explorer.spec
    fake = _plane(x, spec)
    if explorer.real is None:
        return cloud([("fake", fake, 3.0)], words, box=square_box(fake), side=300.0)
    train = _plane(explorer.real.train.x[:CROWD], spec)
    groups = [("muted", train, 1.6), ("fake", fake, 2.0 if len(fake) > STEPS else 5.0)]
    return cloud(groups, words, box=square_box(train), side=300.0)


def _plane(x: Float[Tensor, "n c"], spec: DataSpec) -> Float[Tensor, "n 2"]:
    return flat_pair(spec.to_window_units(x).float())


def _triples(explorer: LatentExplorer, seed: int) -> list[Triple]:
    if explorer.real is None:
        return []
    found = []
    for k in range(seed, seed + TWINS):
        x = explorer.show(View(seed=k)).x
        beside = explorer.real.beside(x)
        rows = [
            (explorer.real.train.x, beside.train.index, "training row", "real"),
            (explorer.real.held_out.x, beside.held_out.index, "held-out row", "real"),
        ]
        train, held_out = (
            one(part[index[0, 0]], explorer.spec, f"nearest {words}", style)
            for part, index, words, style in rows
        )
        found.append(Triple(k, beside, train, one(x[0], explorer.spec, "sample", "fake"), held_out))
    return found
