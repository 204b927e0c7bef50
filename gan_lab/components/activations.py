"""Activations by the names that configuration files use."""

from collections.abc import Callable
from functools import partial

from torch import nn

from gan_lab.components.checks import check_choice

Activation = Callable[[], nn.Module]

_ACTIVATIONS: dict[str, Activation] = {
    "leaky_relu": partial(nn.LeakyReLU, 0.2),
    "relu": nn.ReLU,
    "silu": nn.SiLU,
    "gelu": nn.GELU,
    "elu": nn.ELU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "identity": nn.Identity,
}


def activation_named(name: str) -> Activation:
    """Constructor of the activation called `name`; `leaky_relu` has slope 0.2 as in DCGAN.

    Raises:
        UserError: If there is none of that name.
    """
    check_choice("activation", name, _ACTIVATIONS)
    return _ACTIVATIONS[name]
