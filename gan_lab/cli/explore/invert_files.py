"""Pictures, tables and numbers of inversions."""

import csv
import io
from pathlib import Path

import numpy as np
from torch import Tensor

from gan_lab.atomic import write_atomically
from gan_lab.cli.explore.invert_study import Outcome, Study
from gan_lab.errors import UserError
from gan_lab.explore.closeness import nrmse, psnr
from gan_lab.explore.gauge import HIGH, LOW, atypical
from gan_lab.explore.recovery import Recovery
from gan_lab.render.inversion import render_inversion

MOST_PICTURED = 16


def write(study: Study, outcome: Outcome, folder: Path) -> list[Path]:
    """Write every file; returns the paths.

    Raises:
        UserError: If the folder cannot be written.
    """
    paths = [folder / f"inversion.{suffix}" for suffix in ("png", "csv", "npz")]
    content = io.BytesIO()
    shown = slice(0, MOST_PICTURED)
    spec = study.spec
    sheet = render_inversion(
        outcome.targets.x[shown],
        outcome.found.x[shown].cpu(),
        study.data.train.x[outcome.yardstick.index[shown]],
        spec,
        names=outcome.targets.names[shown],
        notes=notes(study, outcome)[shown],
        percentile=outcome.found.percentile[shown],
        title=f"{spec.name}: inversion of {len(outcome.targets)} targets",
    )
    sheet.save(content, format="PNG")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{folder} cannot be written: {error.strerror}") from error
    write_atomically(paths[0], content.getvalue())
    write_atomically(paths[1], _csv(study, outcome).encode())
    write_atomically(paths[2], _npz(study, outcome))
    return paths


def notes(study: Study, outcome: Outcome) -> list[tuple[str, str]]:
    """Two short lines on each target: how close it is, and how close the nearest row is."""
    name, values, form = closeness(study, outcome.found.error.cpu(), outcome)
    _, beside, _ = closeness(study, outcome.yardstick.error, outcome)
    return [
        (f"{name} {form.format(value)}", f"nearest training {form.format(other)}")
        for value, other in zip(values.tolist(), beside.tolist(), strict=True)
    ]


def closeness(study: Study, error: Tensor, outcome: Outcome) -> tuple[str, Tensor, str]:
    """Name, value and format of the customary measure: PSNR of images, NRMSE of series, RMSE."""
    if study.spec.modality == "images":
        return "PSNR", psnr(error, study.spec), "{:.1f} dB"
    if study.spec.modality == "series":
        return "NRMSE", nrmse(error, outcome.targets.x), "{:.3f}"
    return "RMSE", error.sqrt(), "{:.3g}"


def tell(study: Study, outcome: Outcome) -> None:
    """Print how close the targets are and how far off the prior."""
    found, beside = outcome.found, outcome.yardstick
    name, values, form = closeness(study, found.error.cpu(), outcome)
    _, others, _ = closeness(study, beside.error, outcome)
    better = int((found.error.cpu() < beside.error).sum())
    print(
        f"{len(found)} targets: {name} {form.format(values.median())} in the median, "
        f"{form.format(values.min())} to {form.format(values.max())}"
    )
    print(
        f"  nearest training row: {form.format(others.median())}; the generator is closer for "
        f"{better} of {len(found)}"
    )
    print(
        f"  gauge {found.percentile.min():.1f} to {found.percentile.max():.1f} %, "
        f"{int(atypical(found.percentile).sum())} outside {LOW:.0f} to {HIGH:.0f} %"
    )
    own = outcome.targets.label
    if found.label is not None and own is not None and study.generator.classes:
        same = int((found.label == own).sum())
        print(f"  class of the target: {same} of {len(found)}")


def tell_recovery(found: Recovery) -> None:
    """Print the audit of training against held-out rows."""
    low, high = found.interval
    print(
        f"latent recovery, {len(found.train)} training and {len(found.held_out)} held-out rows: "
        f"median error {found.train.median():.3g} and {found.held_out.median():.3g}"
    )
    print(
        f"  gap {found.gap:+.3f}, Kolmogorov-Smirnov {found.statistic:.3f} (p {found.p:.2g}); "
        "above 0 with a small p: training rows are remembered"
    )
    print(
        f"  {found.share_uncovered:.1%} of the held-out rows (95 %: {low:.1%} to {high:.1%}) are "
        "shown worse than by the nearest training row: not covered"
    )


def _csv(study: Study, outcome: Outcome) -> str:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    found, beside = outcome.found, outcome.yardstick
    name, values, _ = closeness(study, found.error.cpu(), outcome)
    measure = name.lower()
    dim = found.z.shape[1]
    table.writerow(
        ["target", "label", "error", measure, "gauge", "nearest_training_error",
         "nearest_training_row", *(f"z{k}" for k in range(dim))]
    )  # fmt: skip
    classes = study.generator.classes
    for k, target in enumerate(outcome.targets.names):
        label = "" if found.label is None or not classes else classes[int(found.label[k])]
        table.writerow(
            [target, label, f"{found.error[k]:.6g}", f"{values[k]:.6g}",
             f"{found.percentile[k]:.4g}", f"{beside.error[k]:.6g}", int(beside.index[k]),
             *(f"{v:.9g}" for v in found.z[k].tolist())]
        )  # fmt: skip
    return text.getvalue()


def _npz(study: Study, outcome: Outcome) -> bytes:
    """Latents; targets and what is made of them in window units; errors, gauge, trace."""
    found, spec = outcome.found, study.spec
    arrays = {
        "z": found.z.cpu().numpy(),
        "target": spec.to_window_units(outcome.targets.x).numpy(),
        "x": spec.to_window_units(found.x.cpu()).numpy(),
        "error": found.error.cpu().numpy(),
        "gauge": found.percentile.numpy(),
        "nearest_training_error": outcome.yardstick.error.numpy(),
        "nearest_training_row": outcome.yardstick.index.numpy(),
        "trace": found.trace.cpu().numpy(),
    }
    if found.label is not None:
        arrays["label"] = found.label.numpy()
    content = io.BytesIO()
    np.savez_compressed(content, allow_pickle=False, **arrays)
    return content.getvalue()
