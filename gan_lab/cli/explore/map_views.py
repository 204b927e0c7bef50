"""The three maps: of latents, of the data beside samples, of what training rows miss."""

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import torch
from jaxtyping import Float
from PIL import Image
from torch import Tensor

from gan_lab.cli.explore.map_study import Study
from gan_lab.data.samples import Samples
from gan_lab.explore.cohort import Cohort
from gan_lab.explore.maps import Map, by_components, by_coordinates, by_directions, by_umap
from gan_lab.explore.origins import Origin, origin
from gan_lab.explore.out_of_sample import OutOfSample, out_of_sample
from gan_lab.explore.pullback import spectrum
from gan_lab.render.maps import BACKDROP, Layer, Panel, Scale, class_layers, map_figure
from gan_lab.render.style import GENERATED, REAL, to_image

if TYPE_CHECKING:
    from gan_lab.cli.explore.map import Options

JACOBIANS = 32
KINDS = {"sparse": "#c9473b", "rejected": "#e9a23b", "copied": "#7d6b9c"}
WORDS = {"sparse": "low density", "rejected": "rejected by the critic", "copied": "copied"}
MOST_SHOWN = 3000


@dataclass(frozen=True)
class Facts:
    """What a map says in numbers: sentences for the screen, values for a file."""

    lines: tuple[str, ...]
    values: dict[str, Any] = field(default_factory=dict)


Columns = dict[str, Tensor]
View = tuple[Image.Image, Facts, Columns]


def view(study: Study, options: "Options") -> View:
    """Picture, numbers and one column a quantity.

    Raises:
        UserError: If a colour needs what the run lacks.
    """
    if options.of == "latent":
        return _latents(study, options)
    return _data(study, options) if options.of == "data" else _beyond(study, options)


def latent_map(study: Study, options: "Options") -> Map:
    """Two coordinates as they are; of more, the plane in which the output changes most."""
    if options.method == "umap":
        return by_umap(study.z, seed=options.seed)
    if study.z.shape[1] <= 2:
        return by_coordinates(study.z)
    few = Cohort(study.generator, study.z, study.fake.label).first(JACOBIANS)
    found = spectrum(few.metric(), 2)
    first, second = found.shares.tolist()
    return by_directions(study.z, found.vectors, (first, second))


def _latents(study: Study, options: "Options") -> View:
    placed = latent_map(study, options)
    panels = [_coloured(study, colour, placed, placed.xy, study.fake) for colour in options.colours]
    kinds = _kinds(study)
    log_prob = study.generator.prior.log_prob(study.z)
    origins = [
        origin(name, kind, xy=placed.xy, log_prob=log_prob, seed=options.seed)
        for name, kind in kinds.items()
    ]
    panels.append(_origin_panel(placed, kinds))
    lines = [_explained(placed), *(_said(found) for found in origins)]
    picture = map_figure(
        panels, title=f"{study.generator.spec.name}: the latent space", note=_note(study)
    )
    values = {"explained": placed.explained, "origins": [asdict(found) for found in origins]}
    columns = {**_places(placed.xy), **_quantities(study, options), **kinds}
    return to_image(picture), Facts(tuple(lines), values), columns


def _data(study: Study, options: "Options") -> View:
    train, held_out, fake = study.features
    shown = [x[:MOST_SHOWN] for x in (train, held_out, fake)]
    if options.method == "umap":
        placed = by_umap(torch.cat(shown), seed=options.seed)
    elif train.shape[1] <= 2:
        placed = by_coordinates(torch.cat(shown), ("x", "y"))
    else:
        placed = by_components(torch.cat(shown), train)
    places = torch.split(placed.xy, [len(x) for x in shown])
    sets = Panel(
        "who is where",
        (
            Layer(f"training ({len(train):,})", places[0], BACKDROP, 5.0),
            Layer(f"held out ({len(held_out):,})", places[1], REAL, 5.0),
            Layer(f"generated ({len(fake):,})", places[2], GENERATED, 5.0),
        ),
        names=placed.names,
    )
    real = Layer("", places[0], BACKDROP, 4.0)
    panels = [sets]
    for colour in options.colours:
        few = study.fake.select(torch.arange(len(shown[2])))
        panel = _coloured(study, colour, placed, places[2], few)
        panels.append(Panel(panel.title, (real, *panel.layers), panel.scale, placed.names))
    kinds = _kinds(study)
    lines = [_explained(placed)]
    lines += [
        f"{WORDS[name]}: {int(kind.sum()):,} of {len(kind):,} samples"
        for name, kind in kinds.items()
    ]
    title = f"{study.generator.spec.name}: data and samples"
    picture = map_figure(panels, title=title, note=_note(study))
    values = {"explained": placed.explained, **{k: int(v.sum()) for k, v in kinds.items()}}
    columns = {**_places(places[2]), **_quantities(study, options), **kinds}
    return to_image(picture), Facts(tuple(lines), values), columns


def _beyond(study: Study, options: "Options") -> View:
    train, held_out, fake = study.features
    found = out_of_sample(train=train, held_out=held_out, fake=fake, seed=options.seed)
    rows = torch.cat([train[:MOST_SHOWN], held_out, fake])
    if options.method == "umap":
        placed = by_umap(rows, seed=options.seed)
    elif train.shape[1] <= 2:
        placed = by_coordinates(rows, ("x", "y"))
    else:
        placed = by_components(rows, train)
    sizes = [min(len(train), MOST_SHOWN), len(held_out), len(fake)]
    places = torch.split(placed.xy, sizes)
    missed = found.rows & ~found.rows_reached
    layers = (
        Layer("training", places[0], BACKDROP, 5.0),
        Layer("samples there", places[2][found.samples], GENERATED, 9.0),
        Layer("held out, missed by training, reached", places[1][found.rows_reached], REAL, 22.0),
        Layer("held out, missed by training, not reached", places[1][missed], "#243042", 22.0, "x"),
    )
    panel = Panel("beyond the training rows", layers, names=placed.names)
    title = f"{study.generator.spec.name}: out of sample"
    picture = map_figure([panel], title=title, note=_shares_note(found))
    scalars = {k: v for k, v in vars(found).items() if not isinstance(v, Tensor)}
    columns = {**_places(places[2]), "beyond": found.samples}
    return to_image(picture), Facts(_beyond_lines(found), scalars), columns


def _coloured(
    study: Study, colour: str, placed: Map, xy: Float[Tensor, "n 2"], rows: Samples
) -> Panel:
    n = len(xy)
    if colour == "class":
        label, names = study.classes(rows)
        layers = class_layers(xy, label, names)
        if len(names) > 10:  # a legend of more helps nobody
            layers = tuple(Layer("", x.xy, x.colour, x.size) for x in layers)
        return Panel("class", layers, names=placed.names)
    value, scale = _value(study, colour)
    return Panel(scale.name, (Layer("", xy, value[:n]),), scale, placed.names)


def _value(study: Study, colour: str) -> tuple[Float[Tensor, " n"], Scale]:
    if colour == "density":
        return study.standing.density, Scale("density, percentile of held-out rows", 0.0, 100.0)
    if colour == "novelty":
        return study.standing.novelty, Scale("novelty, percentile of held-out rows", 0.0, 100.0)
    ratio = study.calibration.log_ratio(study.logits(study.fake))
    return ratio.sigmoid(), Scale("probability of being real, by the critic", 0.0, 1.0)


def _kinds(study: Study) -> dict[str, Tensor]:
    kinds = {"sparse": study.standing.sparse, "copied": study.standing.copied}
    if study.rejected is not None:
        kinds["rejected"] = study.rejected
    return kinds


def _origin_panel(placed: Map, kinds: dict[str, Tensor]) -> Panel:
    layers = [Layer("other", placed.xy, BACKDROP, 5.0)]
    for name in ("rejected", "sparse", "copied"):
        if name in kinds and kinds[name].any():
            size = 7.0 if name == "rejected" else 10.0
            layers.append(Layer(WORDS[name], placed.xy[kinds[name]], KINDS[name], size))
    return Panel("where they come from", tuple(layers), names=placed.names)


def _quantities(study: Study, options: "Options") -> Columns:
    columns = {"density": study.standing.density, "novelty": study.standing.novelty,
               "distance": study.standing.distance, "train_row": study.standing.row}  # fmt: skip
    if study.critic is not None:
        columns["critic"] = study.logits(study.fake)
    if "class" in options.colours:
        columns["class"] = study.classes(study.fake)[0]
    columns |= {f"z{k + 1}": z for k, z in enumerate(study.z.T)} if options.of == "latent" else {}
    return columns


def _places(xy: Float[Tensor, "n 2"]) -> Columns:
    return {"map_x": xy[:, 0], "map_y": xy[:, 1]}


def _explained(placed: Map) -> str:
    if placed.explained is None:
        return "a curved map: neighbours are kept, distances are not"
    both = 100 * sum(placed.explained)
    what = "what the output changes" if placed.method == "directions" else "the variance"
    return f"the map shows {both:.0f} % of {what}"


def _said(found: Origin) -> str:
    start = f"{WORDS[found.name]}: {found.count:,} samples ({100 * found.share:.1f} %)"
    if found.together != found.together:
        return start
    off = "" if found.off_prior != found.off_prior else f", off-prior z {found.off_prior:+.1f}"
    return f"{start}; {found.together:.1f} times as many beside each other (p {found.p:.3f}){off}"


def _note(study: Study) -> str:
    return (
        f"n = {len(study.fake):,}; low density: below 99 % of {len(study.held_out):,} held-out "
        "rows; copied: nearer to a training row than 99 % of them"
    )


def _shares_note(found: OutOfSample) -> str:
    return (
        f"{found.confirmed} of {found.cells} cells; of those that half of the held-out rows "
        f"confirm, samples reach {100 * found.share:.0f} %,\nthe other half "
        f"{100 * found.share_fresh:.0f} %, jittered training rows {100 * found.share_jitter:.0f} %"
    )


def _beyond_lines(found: OutOfSample) -> tuple[str, ...]:
    low, mean, high = found.confirmed_null
    return (
        f"{found.confirmed} of {found.cells} cells hold held-out rows and no training row "
        f"(at random {mean:.0f}, {low:.0f} to {high:.0f})",
        f"samples reach {found.reached} of them",
        f"at equal numbers: samples {found.share:.3f}, fresh real rows {found.share_fresh:.3f}, "
        f"jittered training rows {found.share_jitter:.3f} (p {found.p:.3f})",
    )
