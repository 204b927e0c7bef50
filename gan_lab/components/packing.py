"""Several samples judged as one."""

from jaxtyping import Float
from torch import Tensor


def pack(x: Float[Tensor, "b c *s"], size: int) -> Float[Tensor, "p k *s"]:
    """Join each `size` neighbours along the channels, `(b, c, *s)` to `(b / size, size * c, *s)`.

    A critic of packs sees diversity directly. Source: Lin et al., "PacGAN: the power of two samples
    in generative adversarial networks", 2018, sec. 2.

    >>> import torch
    >>> pack(torch.arange(8.0).view(4, 2), 2)
    tensor([[0., 1., 2., 3.],
            [4., 5., 6., 7.]])
    """
    return x.reshape(len(x) // size, size * x.shape[1], *x.shape[2:])
