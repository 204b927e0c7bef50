"""The graph of who drives whom, and how far two graphs agree."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.metrics.temporal.fdr import benjamini_hochberg
from gan_lab.metrics.temporal.granger import Granger, granger_conditional


@dataclass(frozen=True)
class GrangerGraph:
    """Edges between channels; row i, column j: i drives j.

    Attributes:
        test: Statistics, p-values and strengths, `(c, c)` each.
        edge: Whether the pair is an edge, `(c, c)`.
        q: False-discovery rate of the edges.
        least_strength: Strength below which nothing is called an edge.
    """

    test: Granger
    edge: Bool[Tensor, "c c"]
    q: float
    least_strength: float


@dataclass(frozen=True)
class GraphAgreement:
    """How far two graphs agree, over the pairs that are defined in both.

    Attributes:
        pairs: Number of such pairs.
        f1: F1 of the edges, 1 for two empty graphs.
        jaccard: Shared edges per edge of either, 1 for two empty graphs.
        spearman: Rank correlation of the strengths; NaN when one of them is all ties.
        strength_gap: Sum of absolute differences of strength, per sum of the first's strengths.
    """

    pairs: int
    f1: float
    jaccard: float
    spearman: float
    strength_gap: float


def granger_graph(
    x: Float[Tensor, "b c t"], lag: int, *, q: float = 0.05, least_strength: float = 0.005
) -> GrangerGraph:
    r"""Edges of `granger_conditional` that are significant and not negligible.

    Significant after Benjamini and Hochberg over the pairs, with a strength of at least
    `least_strength`: with thousands of windows a test alone calls any trace an edge.

    Args:
        x: Windows that do not overlap, `(b, c, t)`.
        lag: Number of past steps; use one number for every set that is compared.
        q: False-discovery rate.
        least_strength: Smallest $\ln(\mathrm{RSS}_{without} / \mathrm{RSS}_{with})$ of an edge.
    """
    test = granger_conditional(x, lag)
    significant = benjamini_hochberg(test.p_value, q)
    return GrangerGraph(test, significant & (test.strength >= least_strength), q, least_strength)


def compare_graphs(real: GrangerGraph, fake: GrangerGraph) -> GraphAgreement:
    """Compare edges and strengths.

    F1 alone is a poor headline: time reversal of the data leaves most edges in place. Read the gap
    of the strengths beside it.

    Raises:
        UserError: If the graphs differ in their number of channels.
    """
    if real.edge.shape != fake.edge.shape:
        raise UserError(f"graphs of {len(real.edge)} and {len(fake.edge)} channels do not compare")
    both = ~(real.test.f.isnan() | fake.test.f.isnan())
    a, b = real.test.strength[both], fake.test.strength[both]
    shared = int((real.edge & fake.edge & both).sum())
    edges = int((real.edge & both).sum()), int((fake.edge & both).sum())
    union = sum(edges) - shared
    return GraphAgreement(
        pairs=int(both.sum()),
        f1=2 * shared / sum(edges) if sum(edges) else 1.0,
        jaccard=shared / union if union else 1.0,
        spearman=float(spearman(a, b)),
        strength_gap=float((a - b).abs().sum() / a.sum()),
    )


def spearman(a: Float[Tensor, " n"], b: Float[Tensor, " n"]) -> Float[Tensor, ""]:
    """Pearson correlation of the ranks, ties sharing their mean rank; NaN if one is all ties.

    >>> a = torch.tensor([1.0, 2.0, 3.0])
    >>> round(spearman(a, a**3).item(), 6)
    1.0
    """
    x, y = (rank - rank.mean() for rank in (_ranks(a), _ranks(b)))
    correlation: Tensor = (x @ y) / (x.norm() * y.norm())
    return correlation


def _ranks(a: Float[Tensor, " n"]) -> Float[Tensor, " n"]:
    ordered = a.sort().values
    before = torch.searchsorted(ordered, a)
    upto = torch.searchsorted(ordered, a, right=True)
    ranks: Tensor = (before + upto).double() / 2
    return ranks
