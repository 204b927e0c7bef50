r"""Critics that reconstruct: the energy of a sample is the error of an autoencoder.

For `objectives=ebgan` and `objectives=began`, whose logit is minus an energy. The generators of
`mlp` and `dcgan` are the decoders.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gan_lab.components.activations import activation_named
from gan_lab.components.checks import check_at_least
from gan_lab.components.conditioning import LabelConcat
from gan_lab.components.perceptron import MLP, linear
from gan_lab.errors import UserError
from gan_lab.networks import dcgan, mlp
from gan_lab.spec import UNLABELLED, DataSpec, Labels
from gan_lab.types import Label

MOST_CODE = 64


class Critic(nn.Module):
    r"""Minus the mean error of the reconstruction, $D(x) = -\frac1n \sum_i |x_i - R(x)_i|^p$.

    $R = \mathrm{decoder}(\mathrm{encoder}(x))$ and n counts the numbers of one sample, so that the
    energy $-D$ has the unit of a pixel, a coordinate or a value (squared where $p = 2$), whatever
    the size of a sample. A label is appended to the code: what is unlike its class is rebuilt
    badly.

    Source: Zhao, Mathieu & LeCun, "Energy-based generative adversarial network", 2017, sec. 2.3
    ($p = 2$, there a norm); Berthelot, Schumm & Metz, "BEGAN", 2017, sec. 3.1 ($p = 1$ or 2).
    """

    def __init__(
        self, encoder: nn.Module, decoder: nn.Module, join: LabelConcat, *, code: int, power: int
    ) -> None:
        """Join the halves.

        Args:
            encoder: Samples `(b, c, *s)` to codes `(b, code)`.
            decoder: Codes and labels, joined, to samples.
            join: Appends the label to the code.
            code: Numbers in a code.
            power: p.

        Raises:
            UserError: If the power is neither 1 nor 2.
        """
        super().__init__()
        if power not in (1, 2):
            raise UserError(f"power is {power}; expected 1 (absolute errors) or 2 (squared)")
        self.encoder, self.join, self.decoder = encoder, join, decoder
        self.power = power
        self.feature_count = code

    def features(self, x: Float[Tensor, "b c *s"]) -> Float[Tensor, "b f"]:
        """The code, `(b, feature_count)`, without the label."""
        code: Tensor = self.encoder(x)
        return code

    def reconstruct(
        self, x: Float[Tensor, "b c *s"], label: Label | None = None
    ) -> Float[Tensor, "b c *s"]:
        """Samples `(b, c, *s)` as the autoencoder rebuilds them.

        Raises:
            UserError: If the network is conditional and there is no label.
        """
        sample: Tensor = self.decoder(self.join(self.features(x), label))
        return sample

    def forward(
        self, x: Float[Tensor, "b c *s"], label: Label | None = None
    ) -> Float[Tensor, " b"]:
        """Samples `(b, c, *s)` and labels `(b,)` to logits `(b,)`, none above 0.

        Raises:
            UserError: If the network is conditional and there is no label.
        """
        gap = torch.flatten(x - self.reconstruct(x, label), 1)
        error = gap.square() if self.power == 2 else gap.abs()
        return -error.mean(1)


def mlp_critic(
    spec: DataSpec,
    *,
    width: int = 128,
    depth: int = 2,
    code: int | None = None,
    power: int = 2,
    activation: str = "leaky_relu",
    conditional: bool = True,
) -> Critic:
    """Perceptrons with `depth` hidden layers on either side of the code.

    Args:
        spec: What the data look like.
        width: Neurons of a layer.
        depth: Hidden layers of the encoder, and of the decoder.
        code: Numbers in a code; None: half of a sample's, at most 64.
        power: 2: squared errors; 1: absolute ones.
        activation: Name of the activation.
        conditional: Append the label to the code.

    Raises:
        UserError: If an argument is out of range; the message says what is expected.
    """
    code = code_size(spec) if code is None else code
    check_at_least(1, width=width, depth=depth, code=code)
    flat = math.prod(spec.shape)
    body = MLP(flat, code, width=width, depth=depth, activation=activation_named(activation))
    join = LabelConcat(code, labels_of(spec, conditional))
    decoder = mlp.Generator(
        spec, join.dim, width=width, depth=depth, activation=activation, conditional=False
    )
    return Critic(nn.Sequential(nn.Flatten(1), body), decoder, join, code=code, power=power)


def dcgan_critic(
    spec: DataSpec,
    *,
    width: int = 32,
    detail: int = 16,
    code: int | None = None,
    power: int = 2,
    activation: str = "leaky_relu",
    conditional: bool = True,
) -> Critic:
    """The body of the DCGAN critic down to the code, and the DCGAN generator back up.

    There is no normalisation: one over the batch would tie the energies of its samples together.

    Args:
        spec: What the data look like; images or series.
        width: Channels at half the data's size.
        detail: Channels of the decoder at full size.
        code: Numbers in a code; None: half of a sample's, at most 64.
        power: 2: squared errors; 1: absolute ones.
        activation: Name of the activation.
        conditional: Append the label to the code.

    Raises:
        UserError: If the data are points, or an argument is out of range.
    """
    code = code_size(spec) if code is None else code
    check_at_least(1, code=code)
    critic = dcgan.Critic(spec, width=width, activation=activation, conditional=False)
    encoder = nn.Sequential(critic.body, nn.Flatten(1), linear(critic.feature_count, code))
    join = LabelConcat(code, labels_of(spec, conditional))
    decoder = dcgan.Generator(
        spec,
        join.dim,
        width=width,
        detail=detail,
        norm="none",
        activation=activation,
        conditional=False,
    )
    return Critic(encoder, decoder, join, code=code, power=power)


def code_size(spec: DataSpec) -> int:
    """Half the numbers of a sample, at most 64: a code that could hold it all would judge nothing.

    >>> code_size(DataSpec("ring", "points", 2)), code_size(DataSpec("x", "images", 1, (28, 28)))
    (1, 64)
    """
    return max(1, min(MOST_CODE, math.prod(spec.shape) // 2))


def labels_of(spec: DataSpec, conditional: bool) -> Labels:
    """The labels that the critic reads."""
    return spec.labels if conditional else UNLABELLED
