"""A route through the latent space: stops, and the prior's own paths between them."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.types import Prior


class Route:
    """Paths through given stops, each leg as the prior interpolates.

    Stop k of n lies at t = k / (n - 1). A closed route returns to its first stop at t = 1.

    Attributes:
        prior: Owner of the paths.
        stops: Latents, `(r, n, d)`; of a closed route the last is the first again.
        closed: Whether the route is a loop.
    """

    def __init__(
        self, prior: Prior, stops: Float[Tensor, "r n d"], *, closed: bool = False
    ) -> None:
        """Join the stops.

        Raises:
            UserError: If there are fewer than 2 stops, or they have the wrong dimension.
        """
        if stops.shape[1] < 2:
            raise UserError(f"a route needs 2 stops or more, not {stops.shape[1]}")
        if stops.shape[2] != prior.dim:
            raise UserError(f"stops have {stops.shape[2]} coordinates; expected {prior.dim}")
        self.prior, self.closed = prior, closed
        self.stops = torch.cat([stops, stops[:, :1]], 1) if closed else stops

    @property
    def rows(self) -> int:
        """Number of paths."""
        return len(self.stops)

    def __call__(self, t: Float[Tensor, "r s"]) -> Float[Tensor, "r s d"]:
        """Latents `(r, s, d)` at positions t in [0, 1], each row at its own."""
        legs = self.stops.shape[1] - 1
        place = t.double() * legs
        leg = place.floor().long().clamp(0, legs - 1)
        paths = self.stops.new_empty(*t.shape, self.prior.dim)
        for row in range(self.rows):
            for k in torch.unique(leg[row]).tolist():
                here = leg[row] == k
                start, end = self.stops[row, k : k + 1], self.stops[row, k + 1 : k + 2]
                paths[row, here] = self.prior.interpolate(start, end, place[row, here] - k)[0]
        return paths

    def jumps(self, z: Float[Tensor, "r s d"]) -> Bool[Tensor, "r k"]:
        """Steps of positions on this route on which it is broken, `(r, s - 1)`."""
        return self.prior.jumps(z)


def even(rows: int, steps: int) -> Float[Tensor, "r s"]:
    """The same evenly spaced positions from 0 to 1 for each of `rows` paths.

    Raises:
        UserError: If there are fewer than 2 steps.
    """
    if steps < 2:
        raise UserError(f"a walk of {steps} steps goes nowhere; expected 2 or more")
    return torch.linspace(0, 1, steps, dtype=torch.float64).expand(rows, -1)
