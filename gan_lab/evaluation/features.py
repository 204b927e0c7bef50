"""Which features the scores look at."""

from collections.abc import Callable

import torch
from torch import nn

from gan_lab.errors import UserError
from gan_lab.metrics.features.characteristics import Characteristics
from gan_lab.metrics.features.classifier import ClassifierFeatures
from gan_lab.metrics.features.efficientnet import EfficientNetFeatures
from gan_lab.metrics.features.extractor import Extractor
from gan_lab.metrics.features.flatten import Flatten
from gan_lab.metrics.features.inception import InceptionFeatures
from gan_lab.metrics.features.random_convolution import RandomConvolution
from gan_lab.model.classifier import FittedClassifier
from gan_lab.spec import DataSpec

AUTO = "auto"
CELLS = 2
POOLS: dict[int, type[nn.Module]] = {1: nn.AdaptiveAvgPool1d, 2: nn.AdaptiveAvgPool2d}


def choose(name: str, spec: DataSpec, classifier: FittedClassifier | None) -> Extractor:
    """The extractor of a name; `auto` takes the classifier's where there is one.

    Without a classifier, `auto` is random convolutions, and for points the values themselves.

    Args:
        name: `auto`, `classifier`, `random`, `flatten`, `characteristics` (series),
            `efficientnet` or `inception` (images).
        spec: What the rows look like.
        classifier: A classifier of the data, where they have classes.

    Raises:
        UserError: If there is no such extractor, or it does not suit the data.
    """
    known: dict[str, Callable[[DataSpec, FittedClassifier | None], Extractor]] = {
        "classifier": _classifier,
        "random": lambda spec, _: _random(spec),
        "flatten": lambda spec, _: Flatten(),
        "characteristics": lambda spec, _: _characteristics(spec),
        "efficientnet": lambda spec, _: _efficientnet(spec),
        "inception": lambda spec, _: _inception(spec),
        AUTO: _auto,
    }
    if name not in known:
        raise UserError(f"features={name}: expected one of {', '.join(known)}")
    return known[name](spec, classifier)


def resize_of(name: str) -> str:
    """How the extractor of that name resizes what it sees."""
    resized = {"effnetlite0": "bilinear, antialiased, 224", "inception": "bilinear, 299"}
    return next((how for net, how in resized.items() if name.startswith(net)), "none")


def _auto(spec: DataSpec, classifier: FittedClassifier | None) -> Extractor:
    if not spec.spatial:
        return Flatten()
    return _random(spec) if classifier is None else _classifier(spec, classifier)


def _classifier(spec: DataSpec, classifier: FittedClassifier | None) -> Extractor:
    if classifier is None:
        raise UserError(f"features=classifier: {spec.name} has no classes to train one on")
    body = classifier.network.body
    if not spec.spatial:
        return ClassifierFeatures(body, spec.name)
    # All cells would be more features than rows; two by two keep what is where, coarsely.
    convolutions = list(body.children())[:-3]
    pool = POOLS[len(spec.spatial)](CELLS)
    coarse = nn.Sequential(*convolutions, pool).eval().requires_grad_(False)
    return ClassifierFeatures(coarse, f"{spec.name}_{CELLS}_cells")


def _random(spec: DataSpec) -> Extractor:
    if not spec.spatial:
        raise UserError("features=random: points have nothing to convolve; use flatten")
    width = 16 if len(spec.spatial) == 2 else 8
    return RandomConvolution(spec.channels, len(spec.spatial), width=width)


def _characteristics(spec: DataSpec) -> Extractor:
    if len(spec.spatial) != 1:
        raise UserError("features=characteristics suits series alone")
    return Characteristics()


def _inception(spec: DataSpec) -> Extractor:
    if len(spec.spatial) != 2:
        raise UserError("features=inception suits images alone")
    return InceptionFeatures()


def _efficientnet(spec: DataSpec) -> Extractor:
    if len(spec.spatial) != 2:
        raise UserError("features=efficientnet suits images alone")
    with torch.no_grad():
        return EfficientNetFeatures()
