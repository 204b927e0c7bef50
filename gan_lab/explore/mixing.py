"""Mix latents: the global part of one with the noise of another."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gan_lab.components.local_noise import LatentSplit
from gan_lab.errors import UserError
from gan_lab.explore.walks import Walk
from gan_lab.latent.marks import mark
from gan_lab.types import Prior


def shared_coordinates(network: nn.Module) -> int:
    """How many of the first latent coordinates of a series generator are its global part.

    Raises:
        UserError: If the generator does not tell global from local coordinates, or has only one.
    """
    splits = [part for part in network.modules() if isinstance(part, LatentSplit)]
    if not splits:
        raise UserError(
            "this generator reads its whole latent at once; kind=mix needs one with local noise: "
            "the LSTM, TCN or Transformer of series"
        )
    if not splits[0].shared:
        raise UserError("this generator has local noise alone and no global part to mix")
    if not splits[0].local:
        raise UserError("this generator has a global part alone and no local noise to mix")
    return splits[0].shared


def mix(
    prior: Prior,
    globals_from: Float[Tensor, "r d"],
    locals_from: Float[Tensor, "s d"],
    shared: int,
) -> Walk:
    """A table: rows share their global part, columns share their local noise.

    For a prior of independent coordinates every cell is as good as a draw; elsewhere cells are
    projected onto the support. As in the style mixing of Karras et al. 2019, arXiv 1812.04948,
    sec. 3.1.

    Args:
        prior: The prior.
        globals_from: Latents whose first `shared` coordinates the rows take, `(r, d)`.
        locals_from: Latents whose other coordinates the columns take, `(s, d)`.
        shared: Number of global coordinates.

    Raises:
        UserError: If `shared` leaves one side without coordinates.
    """
    if not 0 < shared < prior.dim:
        raise UserError(
            f"{shared} global coordinates of {prior.dim}; expected 1 to {prior.dim - 1}"
        )
    rows, columns = len(globals_from), len(locals_from)
    z = locals_from[None].repeat(rows, 1, 1)
    z[:, :, :shared] = globals_from[:, None, :shared]
    z = prior.project(z.flatten(0, 1)).view_as(z)
    positions = torch.arange(columns, dtype=torch.float32).expand(rows, -1)
    return Walk(
        "mixing", z, positions, mark(prior, z),
        rows=tuple(f"global {k + 1}" for k in range(rows)),
        columns=tuple(f"noise {k + 1}" for k in range(columns)),
    )  # fmt: skip
