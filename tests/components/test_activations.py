import pytest
import torch

from gan_lab.components.activations import activation_named
from gan_lab.errors import UserError


def test_leaky_relu_has_the_slope_of_dcgan():
    y = activation_named("leaky_relu")()(torch.tensor([-1.0, 2.0]))
    torch.testing.assert_close(y, torch.tensor([-0.2, 2.0]))


def test_unknown_activation_lists_the_known():
    with pytest.raises(UserError, match="activation is 'swish'; expected one of leaky_relu, relu"):
        activation_named("swish")
