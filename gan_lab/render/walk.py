"""One picture of any walk: the front door for paths, planes and sweeps."""

from collections.abc import Sequence

from jaxtyping import Float
from PIL import Image
from torch import Tensor

from gan_lab.render.beside import Beside
from gan_lab.render.style import to_image
from gan_lab.render.walk_images import walk_images
from gan_lab.render.walk_points import points_lines, points_net
from gan_lab.render.walk_series import series_lines, series_table
from gan_lab.spec import DataSpec


def render_walk(
    x: Float[Tensor, "r s c *d"],
    positions: Float[Tensor, "r s"],
    beside: Beside,
    spec: DataSpec,
    *,
    table: bool = False,
    rows: Sequence[str] = (),
    columns: Sequence[str] = (),
    backdrop: Float[Tensor, "b c *d"] | None = None,
    title: str = "",
) -> Image.Image:
    """Samples along rows, with the off-prior gauge beside them.

    Images are a sheet of rows. Series and points are lines along each row or, as a `table`, small
    panels and a net.

    Args:
        x: Samples in model range, `(r, s, c, *d)`.
        positions: Where along its row each sample stands, `(r, s)`.
        beside: Gauge, jumps and what is off the support.
        spec: What the samples look like.
        table: Whether columns are as independent as rows, as in a plane.
        rows: One text per row.
        columns: One text per column.
        backdrop: Samples drawn behind points, `(b, c)`.
        title: Heading.
    """
    if spec.modality == "images":
        return walk_images(x, beside, spec, rows=rows, columns=columns, title=title)
    if spec.modality == "series":
        if table:
            return to_image(series_table(x, beside, spec, rows=rows, columns=columns, title=title))
        return to_image(series_lines(x, positions, beside, spec, rows=rows, title=title))
    if table:
        return to_image(points_net(x, beside, spec, backdrop=backdrop, title=title))
    return to_image(
        points_lines(x, positions, beside, spec, backdrop=backdrop, rows=rows, title=title)
    )
