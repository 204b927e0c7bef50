"""Perceptrons: one layer, and many."""

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.utils import parametrizations

from gan_lab.components.activations import Activation, activation_named
from gan_lab.components.checks import check_at_least
from gan_lab.components.conditioning import ConditionalNorm
from gan_lab.components.norms import CENTRED
from gan_lab.spec import UNLABELLED, Labels
from gan_lab.types import Label


def linear(
    inputs: int, outputs: int, *, bias: bool = True, spectral: bool = False, gain: float = 1.0
) -> nn.Module:
    """Linear layer with He initialisation times `gain`, under spectral norm on request.

    Source: He et al. 2015, eq. 15, for leaky slope 0.2; Miyato et al. 2018 for spectral norm.
    """
    layer = nn.Linear(inputs, outputs, bias=bias)
    nn.init.kaiming_normal_(layer.weight, a=0.2)
    layer.weight.data.mul_(gain)
    return parametrizations.spectral_norm(layer) if spectral else layer


class Perceptron(nn.Module):
    r"""One layer of neurons: $y = \mathrm{dropout}(\sigma(\mathrm{norm}(Wx + b)))$."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        *,
        activation: Activation = nn.Sigmoid,
        norm: str = "none",
        labels: Labels = UNLABELLED,
        dropout: float = 0.0,
        spectral: bool = False,
    ) -> None:
        """Compose the layer; `labels` makes the norm conditional on a label."""
        super().__init__()
        check_at_least(1, inputs=inputs, outputs=outputs)
        unbiased = norm in CENTRED
        self.linear = linear(inputs, outputs, bias=not unbiased, spectral=spectral)
        self.norm = ConditionalNorm(norm, outputs, 0, labels)
        self.activation = activation()
        self.dropout = nn.Dropout(dropout) if dropout else nn.Identity()

    def forward(self, x: Float[Tensor, "b i"], label: Label | None = None) -> Float[Tensor, "b o"]:
        """Map `(b, inputs)` to `(b, outputs)`."""
        y: Tensor = self.dropout(self.activation(self.norm(self.linear(x), label)))
        return y


class MLP(nn.Module):
    """Multilayer perceptron: `depth` hidden layers of `width` neurons, then a linear layer."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        *,
        width: int = 128,
        depth: int = 2,
        activation: Activation | None = None,
        norm: str = "none",
        labels: Labels = UNLABELLED,
        dropout: float = 0.0,
        spectral: bool = False,
    ) -> None:
        """Stack the layers; the activation is leaky ReLU unless given.

        Raises:
            UserError: If a size is below 1, `depth` is negative or the norm is unknown.
        """
        super().__init__()
        check_at_least(1, inputs=inputs, outputs=outputs, width=width)
        check_at_least(0, depth=depth)
        sizes = [inputs, *[width] * depth]
        self.hidden = nn.ModuleList(
            Perceptron(
                n,
                width,
                activation=activation or activation_named("leaky_relu"),
                norm=norm,
                labels=labels,
                dropout=dropout,
                spectral=spectral,
            )
            for n in sizes[:-1]
        )
        self.output = linear(sizes[-1], outputs, spectral=spectral)

    def forward(self, x: Float[Tensor, "b i"], label: Label | None = None) -> Float[Tensor, "b o"]:
        """Map `(b, inputs)` to `(b, outputs)`."""
        for layer in self.hidden:
            x = layer(x, label)
        y: Tensor = self.output(x)
        return y
