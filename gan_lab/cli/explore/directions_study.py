"""The work behind `gan-lab explore directions`: latents, attributes, directions, strips."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.cli.draws import labels_of
from gan_lab.cli.explore.directions import Options, terms, words
from gan_lab.cli.explore.directions_attributes import asked_for
from gan_lab.errors import UserError
from gan_lab.explore import search
from gan_lab.explore.cohort import Cohort
from gan_lab.explore.composition import summed, without
from gan_lab.explore.direction import FILE, Direction, load_directions
from gan_lab.explore.jacobian import Way
from gan_lab.explore.layer import layer_named
from gan_lab.explore.pullback import (
    Change,
    Spectrum,
    change_by_products,
    change_of,
    sketched_spectrum,
    spectrum,
)
from gan_lab.explore.sefa import first_affine
from gan_lab.explore.strip import Strip, follow, spread_of
from gan_lab.export.portable import PortableGenerator
from gan_lab.metrics.attributes.named import Attribute
from gan_lab.metrics.features.extractor import weights_digest

FAR = 1_000_003
"""Added to the seed for the latents that directions are judged on: not those they are fitted on."""


@dataclass(frozen=True, eq=False)
class Study:
    """A generator with all that its directions are found and judged by.

    Attributes:
        options: Keys of the command.
        cohort: Latents that directions are found on.
        bases: Latents that are moved along them.
        attributes: What is measured, by name.
        members: Whether a sample belongs to a class, by the name of that attribute.
        values: Each attribute of the cohort's samples, `(n,)`.
        saved: Directions saved earlier.
        weights: Digest of the generator.
    """

    options: Options
    cohort: Cohort
    bases: Cohort
    attributes: dict[str, Attribute]
    members: dict[str, Attribute]
    values: dict[str, Float[Tensor, " n"]]
    saved: tuple[Direction, ...]
    weights: str

    @property
    def generator(self) -> PortableGenerator:
        """The generator."""
        return self.cohort.generator


@dataclass(frozen=True, eq=False)
class Found:
    """Directions, random ones beside them, and how much of the change each set carries.

    Attributes:
        directions: What was asked for.
        control: As many random ones.
        change: Measures shares of the output's change.
    """

    directions: tuple[Direction, ...]
    control: tuple[Direction, ...]
    change: Change


def prepare(generator: PortableGenerator, options: Options, run: Path, folder: Path) -> Study:
    """Draw latents, measure attributes, read saved directions.

    Raises:
        UserError: If a label, an attribute or the saved file is wrong.
    """
    weights = weights_digest(generator.network)
    saved = _saved(folder / FILE, weights, options)
    attributes, members = asked_for(
        generator, run, options, {direction.name for direction in saved}
    )
    n = max(options.n, options.jacobians, options.at + 1)
    label = labels_of(generator, n, 0, options.label)
    cohort = Cohort(generator, generator.latents(n, options.seed), label)
    _check_method(cohort, options, saved)
    x = cohort.samples()
    values = {name: measure(x) for name, measure in attributes.items()}
    bases = _bases(cohort, options)
    return Study(options, cohort, bases, attributes, members, values, saved, weights)


def find(study: Study) -> Found:
    """The directions that were asked for.

    Raises:
        UserError: If the method does not suit the generator, or a name is unknown.
    """
    options, prior = study.options, study.generator.prior
    change, leading = _change(study)
    top = min(options.top, prior.dim)
    if options.method == "jacobian":
        found = search.by_jacobian(leading, prior)
    elif options.method == "local":
        found = search.locally(study.cohort, options.at, top, Way(options.way))
    elif options.method == "ganspace":
        found = search.by_ganspace(study.cohort, top, change, layer=options.layer)
    elif options.method == "sefa":
        found = search.by_sefa(study.cohort, top, change)
    elif options.method == "random":
        found = search.at_random(prior, top, change, seed=options.seed)
    elif options.method == "supervised":
        found = _supervised(study, change)
    else:
        found = _composed(study, change)
    control = search.at_random(prior, len(found), change, seed=options.seed + FAR)
    return Found(_renamed(found, words(options.names)), control, change)


def follow_all(study: Study, found: Found) -> list[Strip]:
    """Move along every direction, and along one random direction at the end."""
    options = study.options
    amounts = torch.linspace(-options.reach, options.reach, options.steps)
    amounts[options.steps // 2] = 0.0
    spread = {name: spread_of(value) for name, value in study.values.items()}
    control = replace(found.control[0], name="random")
    return [
        follow(study.bases, direction, amounts, study.attributes, spread)
        for direction in (*found.directions, control)
    ]


def _saved(path: Path, weights: str, options: Options) -> tuple[Direction, ...]:
    if not path.exists() and options.method != "compose":
        return ()
    return load_directions(path, weights)


def _check_method(cohort: Cohort, options: Options, saved: tuple[Direction, ...]) -> None:
    """Find what does not suit the generator before any work is spent.

    Raises:
        UserError: If something does not.
    """
    network, one = cohort.generator.network, cohort.first(1)
    if options.method == "sefa":
        first_affine(network, one.z, one.label)
    if options.layer is not None:
        layer_named(network, options.layer)
    if options.way == "forward":
        one.metric(Way.FORWARD)
    if options.of is not None:
        for _, name in terms(options.of):
            _saved_direction(saved, name)


def _bases(cohort: Cohort, options: Options) -> Cohort:
    """Fresh latents with the cohort's labels; for local directions, the latent itself."""
    label = cohort.label
    if options.method == "local":
        at = slice(options.at, options.at + 1)
        return Cohort(cohort.generator, cohort.z[at], None if label is None else label[at])
    fresh = cohort.generator.latents(options.bases, options.seed + FAR)
    names = labels_of(cohort.generator, options.bases, 0, options.label)
    return Cohort(cohort.generator, fresh, names)


def _change(study: Study) -> tuple[Change, Spectrum]:
    """The output's change over some latents (local: at one), and its leading vectors."""
    options = study.options
    few = study.bases if options.method == "local" else study.cohort.first(options.jacobians)
    top = min(options.top, study.generator.prior.dim)
    if options.way == "sketch":
        near = few.linearised()
        leading = sketched_spectrum(near, top, seed=options.seed)
        return change_by_products(near, leading.total), leading
    metric = few.metric(Way(options.way))
    return change_of(metric), spectrum(metric, top)


def _supervised(study: Study, change: Change) -> tuple[Direction, ...]:
    given = [_direction(study, name, change) for name in words(study.options.given)]
    return tuple(
        search.by_attribute(study.cohort, _target(study, name), name, change, given=given)
        for name in words(study.options.attribute)
    )


def _composed(study: Study, change: Change) -> tuple[Direction, ...]:
    options, prior = study.options, study.generator.prior
    assert options.of is not None
    weights, names = zip(*terms(options.of), strict=True)
    parts = [_saved_direction(study.saved, name) for name in names]
    name = (words(options.names) or ["composed"])[0]
    found = summed(parts, weights, prior, name)
    given = [_direction(study, other, change) for other in words(options.given)]
    if given:
        found = without(found, given, prior, name)
    share = float(change.shares(found.vector[None])[0])
    return (replace(found, explained=share).with_facts({"of": options.of}),)


def _direction(study: Study, name: str, change: Change) -> Direction:
    """A saved direction, or that of an attribute."""
    if name in {direction.name for direction in study.saved}:
        return _saved_direction(study.saved, name)
    return search.by_attribute(study.cohort, _target(study, name), name, change)


def _saved_direction(saved: tuple[Direction, ...], name: str) -> Direction:
    known = {direction.name: direction for direction in saved}
    if name not in known:
        raise UserError(f"no saved direction {name!r}; saved: {', '.join(known) or 'none'}")
    return known[name]


def _target(study: Study, name: str) -> Tensor:
    member: Callable[[Tensor], Tensor] | None = study.members.get(name)
    return study.values[name] if member is None else member(study.cohort.samples())


def _renamed(found: tuple[Direction, ...], names: list[str]) -> tuple[Direction, ...]:
    if len(names) > len(found):
        raise UserError(f"names: {len(names)} names for {len(found)} directions")
    renamed = [replace(d, name=name) for d, name in zip(found, names, strict=False)]
    return (*renamed, *found[len(renamed) :])
