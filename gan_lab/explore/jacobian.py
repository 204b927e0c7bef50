r"""The Jacobian of a generator, $J = \partial G / \partial z$: whole, or as products with vectors.

The caller chooses how. Products by two backward passes, the default, work for every generator.
Forward mode under `vmap` is up to 10 times as fast on small networks, but has no rule for LSTM
layers on a CPU, and its first call imports for seconds.
"""

import warnings
from enum import StrEnum

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.func import jacfwd, vmap

from gan_lab.errors import UserError
from gan_lab.explore.output import Decode


class Way(StrEnum):
    """How to compute a Jacobian; all ways agree up to rounding.

    FORWARD: `vmap(jacfwd)`, all columns at once.
    COLUMNS: one product J e per latent coordinate, each by two backward passes.
    ROWS: one backward pass per output; needs only first derivatives.
    """

    FORWARD = "forward"
    COLUMNS = "columns"
    ROWS = "rows"


def is_recurrent(network: nn.Module) -> bool:
    """Whether a network holds LSTM, GRU or plain recurrent layers or cells."""
    return any(isinstance(part, nn.RNNBase | nn.RNNCellBase) for part in network.modules())


class Linearised:
    r"""A generator near some latents: $G(z + \delta) \approx G(z) + J \delta$, row by row.

    It holds the graph, so that many products cost one forward pass. The forward product is the
    derivative of $J^\top u$ with respect to u, which is linear in u.

    Attributes:
        y: Flat samples, `(b, p)`.
        dim: Number of latent coordinates d.

    Source: Townsend 2017, "A new trick for calculating Jacobian vector products".
    """

    def __init__(self, decode: Decode, z: Float[Tensor, "b d"]) -> None:
        """Run the generator at latents `(b, d)`; its rows must not see each other."""
        # cuDNN's recurrent layers have neither a second derivative nor one in eval mode.
        with torch.enable_grad(), torch.backends.cudnn.flags(enabled=False):
            self._z = z.detach().clone().requires_grad_()
            self._graph = decode(self._z).flatten(1)
            self._u = torch.zeros_like(self._graph, requires_grad=True)
            (self._pulled,) = torch.autograd.grad(self._graph, self._z, self._u, create_graph=True)
        self.y: Tensor = self._graph.detach()
        self.dim = z.shape[1]

    def push(self, v: Float[Tensor, "b d"]) -> Float[Tensor, "b p"]:
        """J v for each latent."""
        if not self._pulled.requires_grad:  # the generator ignores its latent
            return torch.zeros_like(self.y)
        (product,) = torch.autograd.grad(
            self._pulled, self._u, v.to(self._pulled), retain_graph=True
        )
        return product

    def pull(self, u: Float[Tensor, "b p"]) -> Float[Tensor, "b d"]:
        r"""$J^\top u$ for each latent."""
        (product,) = torch.autograd.grad(self._graph, self._z, u.to(self.y), retain_graph=True)
        return product


def jacobian(
    decode: Decode, z: Float[Tensor, "b d"], way: Way = Way.COLUMNS
) -> Float[Tensor, "b p d"]:
    """The Jacobian at each latent, `(b, p, d)`, with flat samples of p numbers.

    Args:
        decode: The generator.
        z: Latents, `(b, d)`.
        way: How to compute it.

    Raises:
        UserError: If forward mode has no rule for a layer of the generator.
    """
    if way is Way.FORWARD:
        return _forward(decode, z.detach())
    near = Linearised(decode, z)
    if way is Way.ROWS:
        rows = torch.eye(near.y.shape[1], dtype=near.y.dtype, device=near.y.device)
        return torch.stack([near.pull(row.expand_as(near.y)) for row in rows], 1)
    columns = torch.eye(z.shape[1], dtype=z.dtype, device=z.device)
    return torch.stack([near.push(column.expand_as(z)) for column in columns], 2)


def _forward(decode: Decode, z: Float[Tensor, "b d"]) -> Float[Tensor, "b p d"]:
    try:
        with warnings.catch_warnings():
            # torch's own rules for forward mode are scripted, which torch itself deprecates.
            warnings.filterwarnings("ignore", "`torch.jit", FutureWarning)
            found: Tensor = vmap(jacfwd(lambda row: decode(row[None])[0].flatten()))(z)
    except NotImplementedError as error:
        reason = str(error).split(". ")[0].split(" because")[0]
        raise UserError(f"way=forward: {reason}; use way=columns") from error
    return found
