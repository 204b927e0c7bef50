"""What a walk says in numbers."""

import torch
from torch import Tensor

from gan_lab.cli.explore.walk_plan import Outcome, Plan
from gan_lab.errors import UserError
from gan_lab.explore.gauge import HIGH, LOW, Gauge, atypical
from gan_lab.explore.output import Decode, embed_paths, step_lengths
from gan_lab.explore.path_length import (
    Interpolate,
    PathLength,
    neighbours,
    squared_speeds,
    summary,
)
from gan_lab.explore.speed import unevenness
from gan_lab.explore.walks import Walk
from gan_lab.latent.blend import blended
from gan_lab.latent.path import lerp

EPSILON = 1e-4


def label_of(walk: Walk, labels: Tensor | None, row: int) -> Tensor | None:
    """Labels of the latents of a row, `(s, ...)`: those of a class sweep, or the row's own."""
    if walk.label is not None:
        return walk.label[row]
    if labels is None:
        return None
    return labels[row].expand(walk.z.shape[1], *labels.shape[1:])


def decoder_of(plan: Plan, label: Tensor | None) -> Decode:
    """Latents `(s, d)` of one row to samples, each with its label."""
    return lambda z: plan.generator.generate(z, label)


def output_steps(plan: Plan, walk: Walk, labels: Tensor | None) -> Tensor:
    """How far the output goes on each step, `(r, s - 1)`."""
    rows = []
    for row in range(len(walk.z)):
        decode = decoder_of(plan, label_of(walk, labels, row))
        rows.append(step_lengths(embed_paths(decode, walk.z[row : row + 1], plan.features)))
    return torch.cat(rows).cpu()


def tell(plan: Plan, outcome: Outcome) -> None:
    """Print the gauge, the steps, energies and path lengths."""
    gauge = Gauge(plan.generator.prior)
    for walk in outcome.walks:
        print(f"{walk.name}: {_gauge(walk, gauge)}")
        if not outcome.table:
            print(f"  output steps {_steps(output_steps(plan, walk, outcome.labels))}")
    for k, one in enumerate(outcome.geodesics):
        print(
            f"  geodesic {k + 1}: energy {float(one.energy_before):.4g} -> {float(one.energy):.4g},"
            f" length {float(one.length_before):.4g} -> {float(one.length):.4g}"
            f" (straight through the output: {float(one.straight):.4g})"
        )
    if plan.options.ppl:
        _tell_path_lengths(plan)


def _gauge(walk: Walk, gauge: Gauge) -> str:
    values = gauge(walk.z.flatten(0, 1))
    outside, jumps, off = atypical(values).sum(), walk.marks.jumps.sum(), walk.marks.off.sum()
    text = (
        f"gauge {values.min():.0f} to {values.max():.0f} %, {outside} of {len(values)} latents "
        f"outside {LOW:.0f} to {HIGH:.0f} %"
    )
    text += f", {jumps} jumps" if jumps else ""
    return text + (f", {off} latents that the prior cannot draw" if off else "")


def _steps(lengths: Tensor) -> str:
    return (
        f"{lengths.mean():.3g} on average, {lengths.min():.3g} to {lengths.max():.3g}; "
        f"unevenness {unevenness(lengths).mean():.3f}"
    )


def _tell_path_lengths(plan: Plan) -> None:
    where = "values" if plan.features is None else plan.options.features
    print(f"perceptual path length, {plan.options.ppl} pairs, epsilon {EPSILON:g}, in {where}:")
    for name, interpolate in (("prior's paths", None), ("straight lines", lerp)):
        try:
            found = _path_length(plan, interpolate)
        except UserError as error:
            print(f"  {name:<15} {error}")
            continue
        print(
            f"  {name:<15} {found.value:.4g} ± {found.error:.2g}; "
            f"per latent step {found.per_latent:.4g} ± {found.per_latent_error:.2g}"
            + (f"; {found.jumps} pairs jumped" if found.jumps else "")
        )


def _path_length(plan: Plan, interpolate: Interpolate | None) -> PathLength:
    """Pooled over the classes, unless one is asked for."""
    label = plan.options.label
    labels = plan.labels(len(plan.generator.classes) if label is None else 1)
    count = 1 if labels is None else len(labels)
    # A straight line passes between categories; only the prior's own paths jump.
    prior = plan.prior if interpolate is None else blended(plan.prior)
    speeds = []
    for k in range(count):
        z, jumps = neighbours(
            prior, n=max(2, plan.options.ppl // count), epsilon=EPSILON,
            interpolate=interpolate, seed=plan.options.seed * 1000 + k,
        )  # fmt: skip
        speeds.append(squared_speeds(plan.decode(labels, k), z, EPSILON, plan.features, jumps))
    return summary(speeds)
