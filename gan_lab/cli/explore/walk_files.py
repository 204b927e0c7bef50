"""Pictures, animation and tables of a walk."""

import csv
import io
from itertools import chain
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from gan_lab.atomic import write_atomically
from gan_lab.cli.explore.walk_numbers import decoder_of, label_of, output_steps
from gan_lab.cli.explore.walk_plan import Outcome, Plan
from gan_lab.explore.gauge import Gauge
from gan_lab.explore.output import decode_paths
from gan_lab.explore.walks import Walk
from gan_lab.render.animation import save_animation
from gan_lab.render.beside import Beside
from gan_lab.render.style import PAPER
from gan_lab.render.walk import render_walk
from gan_lab.render.walk_frames import frames_of

BACKDROP = 2000
SECONDS = 0.08


def write(plan: Plan, outcome: Outcome, folder: Path) -> list[Path]:
    """Write every file of a walk; returns the paths."""
    stem = folder / f"walk-{plan.options.kind}"
    paths = [stem.with_suffix(suffix) for suffix in (".png", ".webp", ".csv", ".npz")]
    gauge = Gauge(plan.generator.prior)
    samples = [_samples(plan, walk, outcome.labels) for walk in outcome.walks]
    sides = [_beside(walk, gauge) for walk in outcome.walks]
    content = io.BytesIO()
    _picture(plan, outcome, samples, sides).save(content, format="PNG")
    write_atomically(paths[0], content.getvalue())
    if plan.options.animation:
        save_animation(_frames(plan, outcome, gauge), paths[1], seconds=SECONDS)
    steps = [output_steps(plan, walk, outcome.labels) for walk in outcome.walks]
    write_atomically(paths[2], _csv(outcome, sides, steps).encode())
    write_atomically(paths[3], _npz(plan, outcome, samples, sides, steps))
    return paths if plan.options.animation else [paths[0], *paths[2:]]


def _samples(plan: Plan, walk: Walk, labels: Tensor | None) -> Tensor:
    """Samples of a walk in model range, `(r, s, c, *x)`."""
    rows = [
        decode_paths(decoder_of(plan, label_of(walk, labels, row)), walk.z[row : row + 1])
        for row in range(len(walk.z))
    ]
    return torch.cat(rows)


def _beside(walk: Walk, gauge: Gauge) -> Beside:
    values = gauge(walk.z.flatten(0, 1)).view(walk.z.shape[:2])
    return Beside(values, walk.marks.jumps, walk.marks.off)


def _picture(
    plan: Plan, outcome: Outcome, samples: list[Tensor], sides: list[Beside]
) -> Image.Image:
    spec = plan.generator.spec
    pictures = [
        render_walk(
            x, walk.positions, beside, spec, table=outcome.table, rows=walk.rows,
            columns=walk.columns, backdrop=_backdrop(plan), title=_title(plan, outcome, k),
        )
        for k, (walk, x, beside) in enumerate(zip(outcome.walks, samples, sides, strict=True))
    ]  # fmt: skip
    return _joined(pictures, across=plan.options.kind == "volume")


def _title(plan: Plan, outcome: Outcome, k: int) -> str:
    walk, count = outcome.walks[k], len(outcome.walks)
    name = f"slice {k + 1} of {count}" if plan.options.kind == "volume" else walk.name
    if plan.options.kind in ("between", "loop", "geodesic"):
        name = plan.options.kind + (", constant speed" if plan.options.speed == "constant" else "")
    return f"{plan.generator.spec.name}: {name}"


def _backdrop(plan: Plan) -> Tensor | None:
    """Samples to draw behind points."""
    generator = plan.generator
    if generator.spec.modality != "points":
        return None
    z = generator.latents(BACKDROP, plan.options.seed + 1)
    label = generator.labels(BACKDROP, plan.options.seed + 1)
    return generator.generate(z, label).cpu()


def _frames(plan: Plan, outcome: Outcome, gauge: Gauge) -> list[Image.Image]:
    """One picture per position; back again, unless the walk is a loop."""
    samples = [_samples(plan, walk, outcome.labels) for walk in outcome.smooth]
    sides = [_beside(walk, gauge) for walk in outcome.smooth]
    if plan.options.kind == "volume":
        frames = [
            render_walk(
                x, walk.positions, beside, plan.generator.spec, table=True, rows=walk.rows,
                columns=walk.columns, backdrop=_backdrop(plan), title=_title(plan, outcome, k),
            )
            for k, (walk, x, beside) in enumerate(zip(outcome.smooth, samples, sides, strict=True))
        ]  # fmt: skip
        return [*frames, *frames[-2::-1]]
    backdrop = _backdrop(plan)
    parts = [
        frames_of(x, walk.positions, beside, plan.generator.spec, rows=walk.rows,
                  backdrop=backdrop, title=_title(plan, outcome, k))
        for k, (walk, x, beside) in enumerate(zip(outcome.smooth, samples, sides, strict=True))
    ]  # fmt: skip
    frames = list(chain.from_iterable(parts))
    return frames[:-1] if outcome.smooth[0].closed else [*frames, *frames[-2::-1]]


def _joined(pictures: list[Image.Image], *, across: bool) -> Image.Image:
    """Pictures beside or below one another."""
    if across:
        size = (sum(p.width for p in pictures), max(p.height for p in pictures))
    else:
        size = (max(p.width for p in pictures), sum(p.height for p in pictures))
    sheet, at = Image.new("RGB", size, PAPER), 0
    for picture in pictures:
        sheet.paste(picture, (at, 0) if across else (0, at))
        at += picture.width if across else picture.height
    return sheet


def _csv(outcome: Outcome, sides: list[Beside], steps: list[Tensor]) -> str:
    """One line per latent."""
    dim = outcome.walks[0].z.shape[2]
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(
        ["walk", "row", "column", "position", "label", "gauge", "off_prior", "jump_before",
         "output_step", *(f"z{k}" for k in range(dim))]
    )  # fmt: skip
    for number, (walk, beside, lengths) in enumerate(zip(outcome.walks, sides, steps, strict=True)):
        for row in range(walk.z.shape[0]):
            labels = label_of(walk, outcome.labels, row)
            for k in range(walk.z.shape[1]):
                label = "" if labels is None else " ".join(f"{v:g}" for v in labels[k].reshape(-1))
                table.writerow(
                    [number, row, k, f"{walk.positions[row, k]:.6g}", label,
                     f"{beside.gauge[row, k]:.4g}", int(beside.off[row, k]),
                     int(beside.jumps[row, k - 1]) if k else 0,
                     f"{lengths[row, k - 1]:.6g}" if k else "",
                     *(f"{v:.9g}" for v in walk.z[row, k].tolist())]
                )  # fmt: skip
    return text.getvalue()


def _npz(
    plan: Plan,
    outcome: Outcome,
    samples: list[Tensor],
    sides: list[Beside],
    steps: list[Tensor],
) -> bytes:
    """Latents, samples in original units and notes, walks along the first axis."""
    spec = plan.generator.spec
    flat = [spec.to_units(x.flatten(0, 1)) for x in samples]
    units = [y.view(*x.shape[:2], *y.shape[1:]) for x, y in zip(samples, flat, strict=True)]
    columns = {
        "z": [walk.z for walk in outcome.walks],
        "x": units,
        "positions": [walk.positions for walk in outcome.walks],
        "gauge": [side.gauge for side in sides],
        "off_prior": [side.off for side in sides],
        "jumps": [side.jumps for side in sides],
        "output_steps": steps,
    }
    content = io.BytesIO()
    if len({walk.z.shape for walk in outcome.walks}) == 1:
        arrays = {name: torch.stack(values).numpy() for name, values in columns.items()}
    else:
        arrays = {
            f"{name}_{k}": value.numpy()
            for name, values in columns.items()
            for k, value in enumerate(values)
        }
    np.savez_compressed(content, **arrays)  # type: ignore[arg-type]
    return content.getvalue()
