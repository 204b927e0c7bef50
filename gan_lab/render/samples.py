"""One picture of any batch: the front door of this package."""

from collections.abc import Sequence

from jaxtyping import Float
from PIL import Image
from torch import Tensor

from gan_lab.render.images import image_grid
from gan_lab.render.points import points_figure, points_paths_figure
from gan_lab.render.series import series_figure, series_paths_figure
from gan_lab.render.style import to_image
from gan_lab.spec import DataSpec


def render_samples(
    x: Float[Tensor, "b c *s"],
    spec: DataSpec,
    *,
    reference: Float[Tensor, "r c *s"] | None = None,
    columns: int | None = None,
    row_labels: Sequence[str] = (),
    title: str = "",
    real: bool = False,
) -> Image.Image:
    """Picture of a batch: a grid of images, fans of series, or a cloud of points.

    Args:
        x: Samples in model range, channels first, `(b, c, *s)`.
        spec: What they look like; its modality picks the picture.
        reference: Real samples drawn beside series and points, `(r, c, *s)`.
        columns: Images per row.
        row_labels: One text per row of images.
        title: Heading.
        real: Whether `x` are real data, which have their own colour.
    """
    if spec.modality == "images":
        return image_grid(x, spec, columns=columns, row_labels=row_labels, title=title)
    draw = series_figure if spec.modality == "series" else points_figure
    return to_image(draw(x, spec, reference=reference, title=title, real=real))


def render_paths(
    paths: Float[Tensor, "p s c *d"],
    t: Float[Tensor, " s"],
    spec: DataSpec,
    *,
    reference: Float[Tensor, "r c *d"] | None = None,
    row_labels: Sequence[str] = (),
    title: str = "",
) -> Image.Image:
    """Picture of interpolations, one row (or one line of points) per path.

    Args:
        paths: Samples along each path in model range, `(p, s, c, *d)`.
        t: Positions along a path, in [0, 1], `(s,)`.
        spec: What the samples look like.
        reference: Real points drawn behind the paths, `(r, c)`.
        row_labels: One text per row of images.
        title: Heading.
    """
    if spec.modality == "series":
        return to_image(series_paths_figure(paths, t, spec, title=title))
    if spec.modality == "points":
        return to_image(points_paths_figure(paths, t, spec, reference=reference, title=title))
    return image_grid(
        paths.flatten(0, 1),
        spec,
        columns=len(t),
        row_labels=row_labels,
        column_labels=[f"{position:.2g}" for position in t.tolist()],
        title=title,
    )
