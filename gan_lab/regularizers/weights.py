"""Terms on the weights themselves: orthogonal filters, clipped weights."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gan_lab.errors import UserError

TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d)
LAYERS = (nn.Linear, nn.Conv1d, nn.Conv2d, *TRANSPOSED)


def orthogonal(
    *, network: nn.Module, real: Float[Tensor, "b c *s"], **_: object
) -> Float[Tensor, " b"]:
    r"""$\sum_W \|W W^\top \odot (1 - I)\|_F^2$: filters point different ways, of any length.

    W has one row per output of each linear and convolution layer of the network that moves, under
    whatever parametrization it has; embeddings, norms and recurrent layers are left alone.
    Source: Brock, Donahue & Simonyan, "Large scale GAN training", 2019, eq. 4.

    Args:
        network: The critic or the generator.
        real: Only its length b is read: the value is the same for every sample.

    Raises:
        UserError: If the network has no such layer.
    """
    layers = [layer for layer in network.modules() if isinstance(layer, LAYERS)]
    if not layers:
        name = type(network).__name__
        raise UserError(f"orthogonal: {name} has no linear or convolution layer; leave it out")
    with torch.autocast(real.device.type, enabled=False):
        return torch.stack([overlap(rows(layer)) for layer in layers]).sum().expand(len(real))


def overlap(w: Float[Tensor, "o i"]) -> Float[Tensor, ""]:
    """Sum of the squared inner products of different rows, each pair counted twice.

    >>> float(overlap(torch.tensor([[3.0, 0.0], [2.0, 5.0]])))
    72.0
    """
    gram = w @ w.T
    return gram.square().sum() - gram.diagonal().square().sum()


def rows(layer: nn.Module) -> Float[Tensor, "o i"]:
    """Weight of a layer with one row per output (per output of a group, where transposed)."""
    weight = layer.weight
    assert isinstance(weight, Tensor)
    return (weight.transpose(0, 1) if isinstance(layer, TRANSPOSED) else weight).flatten(1)


@torch.no_grad()
def clip_weights(network: nn.Module, *, bound: float = 0.01) -> None:
    r"""$w \leftarrow \mathrm{clip}(w, -c, c)$ for every parameter, the Lipschitz bound of WGAN.

    It leaves a critic little to say, and is kept to compare with penalties and spectral norm.
    Source: Arjovsky, Chintala & Bottou, "Wasserstein GAN", 2017, alg. 1.

    Args:
        network: Changed in place.
        bound: c.

    Raises:
        UserError: If the bound is not positive.
    """
    if bound <= 0:
        raise UserError(f"clip_weights: bound is {bound}; expected more than 0")
    for parameter in network.parameters():
        parameter.clamp_(-bound, bound)
