"""SeFa: the directions that the first affine map of a generator stretches most.

Source: Shen and Zhou 2021, "Closed-form factorization of latent semantics in GANs", eq. 5 and
sec. 3.2. It looks at one matrix alone, so it is instant, and blind to all that follows. For
recurrent generators, whose latent enters at every step, it says little and is refused.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gan_lab.errors import UserError
from gan_lab.explore.jacobian import is_recurrent
from gan_lab.explore.pullback import with_sign
from gan_lab.types import Generator, Label

INSTEAD = "use method=jacobian, which asks nothing of the network"
TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)


@dataclass(frozen=True, eq=False)
class Factors:
    r"""Eigenvectors of $\bar A^\top \bar A$, $\bar A$ being the first matrix with unit rows.

    Attributes:
        vectors: Orthonormal rows, largest value first, `(k, d)` in float64.
        values: Eigenvalues, `(k,)`.
    """

    vectors: Float[Tensor, "k d"]
    values: Float[Tensor, " k"]


def sefa(weight: Float[Tensor, "f d"], top: int) -> Factors:
    """The `top` leading factors of an affine map z to A z + b, whose rows are normalised first."""
    rows = torch.nn.functional.normalize(weight.detach().cpu().double(), dim=1)
    values, vectors = torch.linalg.eigh(rows.T @ rows)
    leading = vectors.flip(1)[:, :top].T
    return Factors(with_sign(leading), values.flip(0)[:top].clamp_min(0))


@torch.no_grad()
def first_affine(
    network: nn.Module, z: Float[Tensor, "b d"], label: Label | None = None
) -> Float[Tensor, "f d"]:
    """The matrix by which the network's first affine layer reads the latent, `(f, d)`.

    The network runs once; the layer must be linear or a transposed convolution and its input must
    begin with the latent, which a label may follow.

    Args:
        network: The generator.
        z: A few latents, `(b, d)`.
        label: Their labels, for a conditional generator.

    Raises:
        UserError: If the generator is recurrent, or its first affine layer does not read the
            latent.
    """
    if is_recurrent(network):
        raise UserError(f"sefa does not suit recurrent generators: {INSTEAD}")
    assert isinstance(network, Generator)
    calls: list[tuple[nn.Module, Tensor]] = []

    def keep(layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        calls.append((layer, inputs[0].flatten(1)))

    kinds = (nn.Linear, *TRANSPOSED, nn.Conv1d, nn.Conv2d, nn.Conv3d)
    affine = [layer for layer in network.modules() if isinstance(layer, kinds)]
    handles = [layer.register_forward_pre_hook(keep) for layer in affine]
    try:
        network(z, label)
    finally:
        for handle in handles:
            handle.remove()
    if not calls:
        raise UserError(f"sefa found no affine layer in the generator: {INSTEAD}")
    return _matrix(*calls[0], z)


def _matrix(layer: nn.Module, read: Float[Tensor, "b i"], z: Float[Tensor, "b d"]) -> Tensor:
    dim = z.shape[1]
    if read.shape[1] < dim or not torch.equal(read[:, :dim], z.to(read)):
        raise UserError(f"sefa: the generator's first affine layer is no map of z: {INSTEAD}")
    weight = layer.weight
    assert isinstance(weight, Tensor)
    if isinstance(layer, nn.Linear):
        return weight[:, :dim]
    if not isinstance(layer, TRANSPOSED) or read.shape[1] != weight.shape[0]:
        raise UserError(f"sefa: the generator's first affine layer is a convolution: {INSTEAD}")
    return weight[:dim].flatten(1).T
