"""Pictures, tables and numbers of latent arithmetic and of walks between samples."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table
from torch import Tensor

from gan_lab.atomic import write_atomically
from gan_lab.cli.explore.arithmetic_study import Judged, Passage, Sum
from gan_lab.cli.explore.operands import Source
from gan_lab.errors import UserError
from gan_lab.explore.gauge import HIGH, LOW, atypical
from gan_lab.explore.output import step_lengths
from gan_lab.render.arithmetic import render_sum
from gan_lab.render.beside import Beside
from gan_lab.render.walk import render_walk

SHOWN = 8


def write_sum(source: Source, total: Sum, folder: Path) -> list[Path]:
    """Picture, table and arrays of a sum; returns the paths.

    Raises:
        UserError: If the folder cannot be written.
    """
    spec = source.data.spec
    rows = [(name, one, verdict(source, one)) for name, one in total.rows()]
    picture = render_sum(
        [torch.cat([one.picture, one.operand.x[:SHOWN]]) for _, one, _ in rows],
        [one.gauge[: SHOWN + 1] for _, one, _ in rows],
        spec,
        names=[f"{name}: {one.operand.text}" if name in "abc" else name for name, one, _ in rows],
        notes=[seen for _, _, seen in rows],
        title=f"{spec.name}: {total.result.operand.text}",
        backdrop=source.data.train.x[:2000] if spec.modality == "points" else None,
    )
    arrays = {
        f"{'result' if name not in 'abc' else name}_{key}": value
        for name, one, _ in rows
        for key, value in (("z", one.operand.z), ("average", one.average), ("x", one.operand.x))
    }
    return _write(folder, "arithmetic", picture, _sum_table(source, total), arrays)


def write_walk(source: Source, path: Passage, folder: Path) -> list[Path]:
    """Picture, table and arrays of walks between samples; returns the paths.

    Raises:
        UserError: If the folder cannot be written.
    """
    spec, x, gauge, jumps = source.data.spec, path.x, path.gauge, path.walk.marks.jumps
    if path.label is not None:
        jumps = jumps | (path.label.diff(dim=1) != 0)
    off, positions, columns = path.walk.marks.off, path.walk.positions, path.walk.columns
    if path.real is not None and spec.modality == "images":
        x = torch.cat([path.real[:, :1], x, path.real[:, 1:]], 1)
        gauge, off, positions = (_with_ends(one) for one in (gauge, off, positions))
        no = torch.zeros(len(x), 1, dtype=torch.bool)
        jumps = torch.cat([no, jumps, no], 1)
        columns = ("real", *columns, "real")
    picture = render_walk(
        x, positions, Beside(gauge, jumps, off), spec, rows=path.walk.rows, columns=columns,
        title=f"{spec.name}: between samples",
        backdrop=source.data.train.x[:2000] if spec.modality == "points" else None,
    )  # fmt: skip
    arrays = {"z": path.walk.z, "x": path.x, "gauge": path.gauge}
    arrays |= {"label": path.label} if path.label is not None else {}
    return _write(folder, "between", picture, _walk_table(source, path), arrays)


def verdict(source: Source, one: Judged) -> str:
    """What the classifier sees in most samples."""
    if one.probability is None:
        return ""
    name, share = one.top(source.data.spec.classes)
    return f"{share:.0%} judged {name}"


def tell_sum(source: Source, total: Sum) -> None:
    """Print what is seen in the operands and the result."""
    names = _named(source, total)
    heads = (
        Column(name, justify="right", min_width=len(name)) for name in ("n", "gauge", "off", *names)
    )
    table = Table(Column("", no_wrap=True), *heads, "classifier")
    for name, one in total.rows():
        values = [f"{one.attributes[attribute]:.3g}" for attribute in names]
        off = int(atypical(one.gauge[1:]).sum())
        text = f"{name}: {one.operand.text}" if name in "abc" else name
        row = (f"{len(one.operand.z)}", f"{one.gauge[0]:.0f} %", str(off), *values)
        table.add_row(escape(text), *row, _shares(source, one))
    console = Console(highlight=False)
    console.print(table)
    console.print(
        f"gauge: of the average; off: latents outside {LOW:.0f} to {HIGH:.0f} % of the prior"
    )
    for attribute in names:
        a, b, c, r = (one.attributes[attribute] for _, one in total.rows())
        console.print(f"{attribute}: a - b is {a - b:+.3g}; the result moved by {r - c:+.3g}")


def tell_walk(source: Source, path: Passage) -> None:
    """Print the gauge, the steps and the classes along each walk."""
    steps = step_lengths(path.x.flatten(2))
    for row, name in enumerate(path.walk.rows):
        gauge, length = path.gauge[row], steps[row]
        print(
            f"{name}: gauge {gauge.min():.1f} to {gauge.max():.1f} %, output steps "
            f"{length.min():.3g} to {length.max():.3g}"
        )
        if path.probability is not None:
            p, best = path.probability[row].max(1)
            classes = source.data.spec.classes
            seen = zip(best.tolist(), p.tolist(), strict=True)
            print("  judged " + ", ".join(f"{classes[k]} ({share:.0%})" for k, share in seen))


def _named(source: Source, total: Sum) -> list[str]:
    """Attributes that an operand names; all of them where none does."""
    typed = " ".join(one.operand.text for _, one in total.rows())
    named = [name for name in total.c.attributes if name in typed]
    return named or list(total.c.attributes)[:3]


def _shares(source: Source, one: Judged) -> str:
    if one.probability is None:
        return ""
    classes = source.data.spec.classes
    counts = torch.bincount(one.probability.argmax(1), minlength=len(classes))
    order = counts.argsort(descending=True, stable=True)[:3].tolist()
    total = int(counts.sum())
    return ", ".join(f"{escape(classes[k])} {counts[k] / total:.0%}" for k in order if counts[k])


def _sum_table(source: Source, total: Sum) -> list[list[Any]]:
    classes = source.data.spec.classes
    dim = total.c.average.shape[1]
    rows: list[list[Any]] = [
        ["operand", "text", "number", "label", "gauge", "judged", "probability",
         *(f"z{k}" for k in range(dim))]
    ]  # fmt: skip
    for name, one in total.rows():
        own = one.operand
        for k in range(len(own.z)):
            label = "" if own.label is None else classes[int(own.label[k])]
            seen = _seen(one.probability, k, classes)
            gauge = f"{one.gauge[k + 1]:.4g}"
            numbers = [f"{v:.9g}" for v in own.z[k].tolist()]
            rows.append([name, own.text, k, label, gauge, *seen, *numbers])
    return rows


def _walk_table(source: Source, path: Passage) -> list[list[Any]]:
    classes = source.data.spec.classes
    steps = step_lengths(path.x.flatten(2))
    dim = path.walk.z.shape[2]
    rows: list[list[Any]] = [
        ["walk", "t", "label", "gauge", "output_step", "judged", "probability",
         *(f"z{k}" for k in range(dim))]
    ]  # fmt: skip
    for row, name in enumerate(path.walk.rows):
        for k in range(path.walk.z.shape[1]):
            label = "" if path.label is None else classes[int(path.label[row, k])]
            seen = _seen(None if path.probability is None else path.probability[row], k, classes)
            step = f"{steps[row, k - 1]:.6g}" if k else ""
            t, gauge = f"{path.walk.positions[row, k]:.6g}", f"{path.gauge[row, k]:.4g}"
            numbers = [f"{v:.9g}" for v in path.walk.z[row, k].tolist()]
            rows.append([name, t, label, gauge, step, *seen, *numbers])
    return rows


def _seen(probability: Tensor | None, k: int, classes: tuple[str, ...]) -> tuple[str, str]:
    if probability is None:
        return "", ""
    p, best = probability[k].max(0)
    return classes[int(best)], f"{p:.4g}"


def _with_ends(values: Tensor) -> Tensor:
    return torch.cat([values[:, :1], values, values[:, -1:]], 1)


def _write(
    folder: Path,
    stem: str,
    picture: Image.Image,
    rows: Iterable[list[Any]],
    arrays: dict[str, Tensor],
) -> list[Path]:
    paths = [folder / f"{stem}.{suffix}" for suffix in ("png", "csv", "npz")]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{folder} cannot be written: {error.strerror}") from error
    image, text, npz = io.BytesIO(), io.StringIO(), io.BytesIO()
    picture.save(image, format="PNG")
    csv.writer(text, lineterminator="\n").writerows(rows)
    np.savez_compressed(
        npz, allow_pickle=False, **{name: value.numpy() for name, value in arrays.items()}
    )
    contents = (image.getvalue(), text.getvalue().encode(), npz.getvalue())
    for path, content in zip(paths, contents, strict=True):
        write_atomically(path, content)
    return paths
