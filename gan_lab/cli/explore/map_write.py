"""The files of `gan-lab explore map`."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from torch import Tensor

from gan_lab.atomic import write_atomically
from gan_lab.errors import UserError


def write(
    folder: Path, of: str, picture: Image.Image, facts: dict[str, Any], columns: dict[str, Tensor]
) -> list[Path]:
    """Picture, one line a sample, and the numbers; returns the paths.

    Raises:
        UserError: If the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{folder} cannot be written: {error.strerror}") from error
    image, table = io.BytesIO(), io.StringIO()
    picture.save(image, format="PNG")
    values = np.stack([np.asarray(column, dtype=np.float64) for column in columns.values()], 1)
    np.savetxt(table, values, fmt="%.7g", delimiter=",", header=",".join(columns), comments="")
    contents = {
        "png": image.getvalue(),
        "csv": table.getvalue().encode(),
        "json": f"{json.dumps(facts, indent=2)}\n".encode(),
    }
    paths = [folder / f"map-{of}.{kind}" for kind in contents]
    for path, content in zip(paths, contents.values(), strict=True):
        write_atomically(path, content)
    return paths
