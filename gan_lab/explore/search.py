"""Directions of one generator, by each of the methods; every one returns `Direction`s."""

from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from gan_lab.explore.cohort import Cohort
from gan_lab.explore.direction import Direction, directions
from gan_lab.explore.ganspace import ganspace
from gan_lab.explore.jacobian import Way
from gan_lab.explore.pullback import Change, Spectrum, local_spectrum
from gan_lab.explore.random_control import random_vectors
from gan_lab.explore.sefa import first_affine, sefa
from gan_lab.explore.supervised import (
    Boundary,
    attribute_boundary,
    conditional,
    label_boundary,
)
from gan_lab.types import Prior


def by_jacobian(found: Spectrum, prior: Prior) -> tuple[Direction, ...]:
    """Eigenvectors of the mean pull-back metric, largest change first."""
    return _of_spectrum(found, prior, "jacobian")


def locally(cohort: Cohort, at: int, top: int, way: Way = Way.COLUMNS) -> tuple[Direction, ...]:
    """Right singular vectors of the Jacobian at latent number `at` of the cohort.

    `explained` is the share of the change at that latent.
    """
    label = None if cohort.label is None else cohort.label[at : at + 1]
    decode = cohort.generator.decoder(label)
    found = local_spectrum(decode, cohort.z[at : at + 1], top, way)
    return _of_spectrum(found, cohort.generator.prior, "local")


def by_ganspace(
    cohort: Cohort, top: int, change: Change, *, layer: str | None = None
) -> tuple[Direction, ...]:
    """Directions behind the principal components of the outputs, or of a layer.

    Raises:
        UserError: If there is no such layer, or there are too few samples.
    """
    found = ganspace(cohort.z, cohort.activations(layer), top, group=cohort.group)
    return _judged(found.vectors, cohort.generator.prior, "ganspace", change)


def by_sefa(cohort: Cohort, top: int, change: Change) -> tuple[Direction, ...]:
    """Directions that the first affine map stretches most.

    Raises:
        UserError: If the generator is recurrent, or does not begin with an affine map of z.
    """
    few = cohort.first(4)
    found = sefa(first_affine(cohort.generator.network, few.z, few.label), top)
    return _judged(found.vectors, cohort.generator.prior, "sefa", change)


def at_random(prior: Prior, count: int, change: Change, *, seed: int = 0) -> tuple[Direction, ...]:
    """Orthonormal directions of random orientation: the control."""
    return _judged(random_vectors(prior.dim, count, seed), prior, "random", change)


def by_attribute(
    cohort: Cohort,
    values: Float[Tensor, " n"] | Bool[Tensor, " n"],
    name: str,
    change: Change,
    *,
    given: Sequence[Direction] = (),
) -> Direction:
    """The direction along which an attribute grows, or membership becomes likelier.

    Args:
        cohort: Latents.
        values: The attribute of each latent's sample, or whether it belongs, `(n,)`.
        name: Name of the direction.
        change: Measures the share of the change.
        given: Directions that it has to leave alone.

    Raises:
        UserError: If there is nothing to fit, or nothing is left beside `given`.
    """
    boundary = boundary_of(cohort, values)
    vector = boundary.vector
    if given:
        vector = conditional(vector, torch.stack([other.vector for other in given]))
    prior = cohort.generator.prior
    share = change.shares(vector[None]).tolist()
    (found,) = directions(vector[None], prior, method="supervised", names=[name], explained=share)
    facts = {
        "attribute": name,
        "fit": boundary.score,
        "samples": boundary.used,
        "given": [other.name for other in given],
    }
    return found.with_facts(facts)


def boundary_of(cohort: Cohort, values: Float[Tensor, " n"] | Bool[Tensor, " n"]) -> Boundary:
    """The boundary of a label where values are true or false, of an attribute otherwise."""
    if values.dtype == torch.bool:
        return label_boundary(cohort.z, values)
    return attribute_boundary(cohort.z, values, cohort.group)


def _of_spectrum(found: Spectrum, prior: Prior, method: str) -> tuple[Direction, ...]:
    return directions(found.vectors, prior, method=method, explained=found.shares.tolist())


def _judged(
    vectors: Float[Tensor, "k d"], prior: Prior, method: str, change: Change
) -> tuple[Direction, ...]:
    shares = change.shares(vectors).tolist()
    return directions(vectors, prior, method=method, explained=shares)
