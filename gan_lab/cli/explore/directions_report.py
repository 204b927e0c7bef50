"""What `gan-lab explore directions` writes and prints."""

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from rich.console import Console
from rich.table import Column, Table

from gan_lab.atomic import write_atomically
from gan_lab.cli.explore.directions import words
from gan_lab.cli.explore.directions_study import Found, Study
from gan_lab.explore.direction import FILE, Direction, save_directions
from gan_lab.explore.disentanglement import LEAST, dci, mutual_information_gap
from gan_lab.explore.groups import centred_within
from gan_lab.explore.rescoring import Rescoring
from gan_lab.explore.strip import Strip
from gan_lab.render.directions import render_directions

BACKDROP = 1000
SHOWN = 2


def write(study: Study, found: Found, strips: Sequence[Strip], folder: Path) -> list[Path]:
    """Picture, table, arrays, and the file of saved directions; returns the paths.

    Raises:
        UserError: If the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"directions-{_stem(study)}"
    picture = io.BytesIO()
    _picture(study, strips).save(picture, format="PNG")
    write_atomically(folder / f"{stem}.png", picture.getvalue())
    write_atomically(folder / f"{stem}.csv", _table(strips).encode())
    write_atomically(folder / f"{stem}.npz", _arrays(study, strips))
    judged = [_with_moves(strip) for strip in strips[:-1]]
    names = {direction.name for direction in judged}
    kept = [direction for direction in study.saved if direction.name not in names]
    save_directions(folder / FILE, [*kept, *judged], study.weights)
    return [*(folder / f"{stem}.{kind}" for kind in ("png", "csv", "npz")), folder / FILE]


def show(study: Study, found: Found, strips: Sequence[Strip]) -> None:
    """Print one line a direction, and how they compare with random ones."""
    console = Console(highlight=False)
    table = Table(
        Column("direction", no_wrap=True),
        Column("change", justify="right"),
        "moves, sd per 1 (rho)",
        Column("gauge", justify="right"),
    )
    for strip in strips:
        table.add_row(*_row(strip))
    console.print(table)
    few = min(3, len(found.directions))
    sets = [torch.stack([d.vector for d in ds[:few]]) for ds in (found.directions, found.control)]
    ours, theirs = (found.change.together(vectors) for vectors in sets)
    console.print(
        f"first {few} together: {ours:.1%} of the output's change; {few} random: {theirs:.1%}. "
        "Gauge: median percentile at the two ends"
    )
    for line in _scores(study, found.directions):
        console.print(line)


def _row(strip: Strip) -> list[str]:
    share = strip.direction.explained
    ends = strip.percentile[:, [0, -1]].median(0).values.tolist()
    return [
        strip.direction.name,
        "-" if share is None else f"{share:.1%}",
        ", ".join(_words(name, strip.moves[name]) for name in order(strip)[:SHOWN]),
        f"{ends[0]:.0f}, {ends[1]:.0f}",
    ]


def order(strip: Strip) -> list[str]:
    """Attributes that move: the one that the direction is made for, then by size of effect."""
    made_for = strip.direction.facts.get("attribute")
    known = [name for name, moved in strip.moves.items() if moved.effect == moved.effect]
    return sorted(known, key=lambda name: (name != made_for, -abs(strip.moves[name].effect)))


def _words(name: str, moved: Rescoring) -> str:
    return f"{name} {moved.effect:+.2f} ({moved.correlation:+.2f})"


def _scores(study: Study, found: Sequence[Direction]) -> list[str]:
    """Disentanglement of two directions or more, with the attributes of the output as factors."""
    factors = {
        name: value
        for name, value in study.values.items()
        if value.isfinite().sum() >= len(value) / 2 and value[value.isfinite()].std() > 0
    }
    rows = torch.stack(list(factors.values()), 1) if factors else torch.zeros(0, 1)
    known = rows.isfinite().all(1)
    if len(found) < 2 or int(known.sum()) < LEAST:
        return []
    rows = centred_within(rows[known], study.cohort.group[known])
    codes = study.cohort.z[known].double() @ torch.stack([d.vector for d in found]).double().T
    score = dci(codes, rows)
    return [
        f"as codes for {', '.join(factors)}: MIG {mutual_information_gap(codes, rows):.3f}, "
        f"disentanglement {score.disentanglement:.2f}, completeness {score.completeness:.2f}, "
        f"informativeness {score.informativeness:.2f}"
    ]


def _picture(study: Study, strips: Sequence[Strip]) -> Image.Image:
    spec, options = study.generator.spec, study.options
    backdrop = None
    if spec.modality == "points":
        backdrop = study.cohort.first(BACKDROP).samples()
    label = "" if options.label is None else f", label {options.label}"
    return render_directions(
        torch.stack([strip.x for strip in strips]),
        strips[0].amounts,
        torch.stack([strip.percentile for strip in strips]),
        spec,
        names=[strip.direction.name for strip in strips],
        notes=[_note(strip) for strip in strips],
        title=f"{spec.name}: directions, {options.method}{label}",
        backdrop=backdrop,
    )


def _note(strip: Strip) -> str:
    share = strip.direction.explained
    return "" if share is None else f"{share:.1%}"


def _table(strips: Sequence[Strip]) -> str:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    columns = ("effect", "rho", "monotone")
    measured = list(strips[0].moves)
    rows.writerow(
        ["name", "method", "explained", "scale", "fit"]
        + [f"{name} {column}" for name in measured for column in columns]
    )
    for strip in strips:
        d = strip.direction
        numbers = [number for name in measured for number in _numbers(strip.moves[name])]
        rows.writerow([d.name, d.method, d.explained, d.scale, d.facts.get("fit"), *numbers])
    return text.getvalue()


def _numbers(moved: Rescoring) -> tuple[float, float, float]:
    return moved.effect, moved.correlation, moved.monotone


def _arrays(study: Study, strips: Sequence[Strip]) -> bytes:
    """Vectors, latents and samples of all strips, the control last; samples in window units."""
    units = [study.generator.spec.to_window_units(strip.x.flatten(0, 1)) for strip in strips]
    samples = torch.stack([y.reshape(*strips[0].x.shape[:2], *y.shape[1:]) for y in units])
    content = io.BytesIO()
    np.savez_compressed(
        content,
        names=np.array([strip.direction.name for strip in strips]),
        vectors=torch.stack([strip.direction.vector for strip in strips]).numpy(),
        scale=np.array([strip.direction.scale for strip in strips]),
        amounts=strips[0].amounts.numpy(),
        latents=torch.stack([strip.z for strip in strips]).numpy(),
        percentile=torch.stack([strip.percentile for strip in strips]).numpy(),
        samples=samples.numpy(),
    )
    return content.getvalue()


def _with_moves(strip: Strip) -> Direction:
    """The direction with what it was seen to move: effect and correlation by attribute."""
    moves = {
        name: {"effect": round(m.effect, 4), "rho": round(m.correlation, 4)}
        for name, m in strip.moves.items()
        if m.effect == m.effect
    }
    return strip.direction.with_facts({"moves": moves})


def _stem(study: Study) -> str:
    """The method, or what a supervised or composed direction is called."""
    options = study.options
    if options.method == "supervised":
        return re.sub(r"[^\w-]+", "-", "-".join(words(options.attribute)))
    if options.method == "compose":
        return re.sub(r"[^\w-]+", "-", (words(options.names) or ["composed"])[0])
    return options.method
