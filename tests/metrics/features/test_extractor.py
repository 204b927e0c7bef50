import torch
from torch import nn

from gan_lab.metrics.features.classifier import ClassifierFeatures
from gan_lab.metrics.features.extractor import Extractor, extract, weights_digest
from gan_lab.metrics.features.flatten import Flatten
from gan_lab.metrics.features.random_convolution import RandomConvolution
from gan_lab.networks.classifier import Classifier
from gan_lab.spec import DataSpec


def classifier():
    spec = DataSpec(name="toy", modality="images", channels=1, spatial=(8, 8), classes=("a", "b"))
    return Classifier(spec, width=4).eval()


def test_every_extractor_keeps_the_contract():
    x = torch.randn(7, 1, 8, 8)
    for extractor in (
        Flatten(),
        RandomConvolution(1, 2),
        ClassifierFeatures(classifier().body, "toy"),
    ):
        assert isinstance(extractor, Extractor)
        assert len(extractor.digest) == 64
        torch.testing.assert_close(
            extract(extractor, x, batch_size=3), extractor(x), rtol=1e-5, atol=1e-6
        )


def test_a_classifier_gives_what_its_head_reads():
    network = classifier()
    features = ClassifierFeatures(network.body, "toy")
    x = torch.randn(5, 1, 8, 8)
    torch.testing.assert_close(network.head(features(x)), network(x))


def test_the_digest_sees_every_bit_of_the_weights():
    one, two = nn.Linear(3, 2), nn.Linear(3, 2)
    two.load_state_dict(one.state_dict())
    assert weights_digest(one) == weights_digest(two)
    with torch.no_grad():
        two.weight[1, 2] = torch.nextafter(two.weight[1, 2], torch.tensor(9.0))
    assert weights_digest(one) != weights_digest(two)


def test_the_digest_sees_names_shapes_and_buffers():
    flat = nn.ParameterDict({"a": torch.zeros(4)})
    square = nn.ParameterDict({"a": torch.zeros(2, 2)})
    renamed = nn.ParameterDict({"b": torch.zeros(4)})
    assert len({weights_digest(module) for module in (flat, square, renamed)}) == 3
    norm = nn.BatchNorm1d(2)
    before = weights_digest(norm)
    norm(torch.randn(5, 2))
    assert weights_digest(norm) != before
