"""Attributes of drawings on a plain ground: thickness, slant, size, brightness.

They read moments and edges of the grey image, without a threshold, so that they change smoothly
with it. *Ink* is the distance to the ground, which is the mean of the border of each image; light
strokes on dark and dark strokes on light count alike.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.spec import DataSpec

EMPTY = 1e-3
"""Mean ink below which an image is blank and has neither slant, size nor thickness: NaN."""


def intensity(x: Float[Tensor, "b c h w"], spec: DataSpec) -> Float[Tensor, "b c h w"]:
    """Images in model range to intensities in [0, 1], without rounding.

    Without bounds, the batch's own range becomes [0, 1].
    """
    shape = (1, -1, 1, 1)
    y = x.double() * x.new_tensor(spec.scale).double().view(shape)
    y = y + x.new_tensor(spec.offset).double().view(shape)
    low, high = spec.bounds or (float(y.min()), float(y.max()))
    return ((y - low) / max(high - low, 1e-12)).clamp(0, 1)


def ink(t: Float[Tensor, "b c h w"]) -> Float[Tensor, "b h w"]:
    """Distance of each pixel to the image's ground, averaged over channels, `(b, h, w)`."""
    top, sides = t[:, :, [0, -1]].flatten(2), t[:, :, 1:-1, [0, -1]].flatten(2)
    ground = torch.cat([top, sides], 2).mean(2)
    return (t - ground[:, :, None, None]).abs().mean(1)


def brightness(t: Float[Tensor, "b c h w"]) -> Float[Tensor, " b"]:
    """Mean intensity over pixels and channels, in [0, 1]."""
    return t.flatten(1).mean(1)


def thickness(t: Float[Tensor, "b c h w"]) -> Float[Tensor, " b"]:
    r"""Width of the strokes in pixels, $2 A / P$, with ink area A and edge length P.

    A stroke of length L and width w has $A = L w$ and $P = 2 L + 2 w$. P is the total variation of
    the ink, $\sum \|\nabla I\|$, which is the length of its level lines averaged over the levels
    (coarea formula; Rudin, Osher, Fatemi 1992), so contrast and soft edges cancel. The gradient is
    the mean over the four corners of each square of pixels; strokes of two pixels and more differ
    by up to 12 % with their orientation.
    """
    drawn = ink(t)
    corner = torch.nn.functional.pad(drawn, (1, 1, 1, 1))
    across, down = corner.diff(dim=2), corner.diff(dim=1)
    sides = (
        (x, y) for x in (across[:, :-1], across[:, 1:]) for y in (down[:, :, :-1], down[:, :, 1:])
    )
    edge = torch.stack([_length(x, y) for x, y in sides]).mean(0)
    return _where_drawn(drawn, 2 * drawn.sum((1, 2)) / edge.clamp_min(1e-12))


def slant(t: Float[Tensor, "b c h w"]) -> Float[Tensor, " b"]:
    r"""Lean of the drawing in degrees, $\arctan(\mu_{11} / \mu_{02})$; positive leans to the right.

    The moments $\mu$ are those of the ink about its centre, x to the right and y upwards: the
    angle of the horizontal shear that would make it upright.

    Source: Castro et al. 2019, "Morpho-MNIST", sec. 2.2.
    """
    drawn = ink(t)
    x, y, weight = _centred(drawn)
    mixed, vertical = (weight * x * y).sum((1, 2)), (weight * y * y).sum((1, 2))
    angle = torch.rad2deg(torch.atan(mixed / vertical.clamp_min(1e-12)))
    return _where_drawn(drawn, angle)


def size(t: Float[Tensor, "b c h w"]) -> Float[Tensor, " b"]:
    r"""Radius of gyration of the ink in pixels, $\sqrt{\mu_{20} + \mu_{02}}$."""
    drawn = ink(t)
    x, y, weight = _centred(drawn)
    return _where_drawn(drawn, (weight * (x * x + y * y)).sum((1, 2)).sqrt())


def _length(x: Float[Tensor, "b h w"], y: Float[Tensor, "b h w"]) -> Float[Tensor, " b"]:
    """Total length of the gradients (x, y) of each image."""
    square = x.square() + y.square()
    # A root of zero has no derivative.
    return (square.masked_fill(square == 0, 1.0).sqrt() * (square > 0)).sum((1, 2))


def _centred(
    drawn: Float[Tensor, "b h w"],
) -> tuple[Float[Tensor, "b h w"], Float[Tensor, "b h w"], Float[Tensor, "b h w"]]:
    """Coordinates about the centre of the ink, and weights that add up to 1."""
    weight = drawn / drawn.sum((1, 2), keepdim=True).clamp_min(1e-12)
    height, width = drawn.shape[1:]
    y = -torch.arange(height, dtype=drawn.dtype, device=drawn.device)[:, None].expand(-1, width)
    x = torch.arange(width, dtype=drawn.dtype, device=drawn.device).expand(height, -1)
    centre_x = (weight * x).sum((1, 2), keepdim=True)
    centre_y = (weight * y).sum((1, 2), keepdim=True)
    return x - centre_x, y - centre_y, weight


def _where_drawn(drawn: Float[Tensor, "b h w"], value: Float[Tensor, " b"]) -> Tensor:
    return value.masked_fill(drawn.mean((1, 2)) < EMPTY, torch.nan)
