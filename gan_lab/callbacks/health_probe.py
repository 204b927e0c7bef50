"""One measurement of a GAN: samples, logits, weights and gradients."""

from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from gan_lab.callbacks.health_gradients import GradientSummary, GradientTrace
from gan_lab.components.packing import pack
from gan_lab.data.base import DataModule
from gan_lab.metrics.health.crowd import crowd, leak, yardstick
from gan_lab.metrics.health.judgement import judgement
from gan_lab.metrics.health.layers import TopSingular, weights_of
from gan_lab.metrics.health.signals import Layer, Signals
from gan_lab.metrics.health.thresholds import WINDOW
from gan_lab.model.gan import GAN
from gan_lab.types import Label


class Probe:
    """Fixed rows and latents, on which only the networks make a difference.

    Args:
        gan: What is trained.
        data: Its data; `setup` has run.
        n: Training rows, held-out rows and samples, at most.
    """

    def __init__(self, gan: GAN, data: DataModule, n: int) -> None:
        rng = torch.Generator().manual_seed(0)
        order = torch.randperm(len(data.train), generator=rng)
        n = max(2, min(n, len(order) // 2)) // gan.pack * gan.pack
        train, other = (data.train.select(rows) for rows in (order[:n], order[n : 2 * n]))
        held_order = torch.randperm(len(data.held_out), generator=rng)[:n]
        held_out = data.held_out.select(held_order[: len(held_order) // gan.pack * gan.pack])
        self._train, self._label, self._other = train.x, train.label, other.x
        self._held_out, self._held_label = held_out.x, held_out.label
        self._z = gan.prior.sample(n, rng)
        self._real = yardstick(self._train.flatten(1))
        self._centres: deque[Tensor] = deque(maxlen=WINDOW - 1)
        self._singular = TopSingular()

    def state_dict(self) -> dict[str, Any]:
        """What the next measurement takes from the last ones."""
        return {"centres": list(self._centres), "vectors": dict(self._singular.vectors)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take up what `state_dict` gave."""
        self._centres.extend(state["centres"])
        self._singular.vectors.update(state["vectors"])

    def measure(self, gan: GAN, trace: GradientTrace) -> Signals:
        """Signals of this moment; `trace` knows the gradients since the last one."""
        values: dict[str, float | None] = {}
        with _at_rest(gan):
            fake = gan.generate(self._z, self._label, ema=False).float().cpu()
            layers = self._layers(gan, trace)
            failure = _failure(trace, layers)
            if bool(fake.isfinite().all()) and failure is None:
                values |= vars(crowd(fake.flatten(1), self._real))
                values |= self._motion(fake.flatten(1).mean(0))
                values |= self._leak(gan, fake)
                values |= self._judgement(gan, fake)
        return Signals(
            step=gan.steps,
            failure=failure,
            layers=layers,
            **{**_gradients(trace), **_singulars(layers), **_readings(gan), **values},
            depth_layer=_weakest(layers)[1],
            depth=_weakest(layers)[0],
        )

    def _layers(self, gan: GAN, trace: GradientTrace) -> tuple[Layer, ...]:
        layers = []
        for side, network in (("generator", gan.generator), ("critic", gan.critic)):
            found = trace.summary(side)
            gradients = found.layers if found else {}
            for name, weight in weights_of(network):
                top = self._singular(f"{side}.{name}", weight) if weight.ndim > 1 else None
                gradient = gradients.get(name)
                layers.append(Layer(side, name, gradient, float(weight.detach().norm()), top))
        return tuple(layers)

    def _motion(self, centre: Tensor) -> dict[str, float | None]:
        """How far the centre of the samples went, in spreads of the data."""
        past = [self._centres[k] for k in (-1, 0)] if self._centres else []
        self._centres.append(centre)
        far = [float((centre - old).norm()) / self._real.spread for old in past]
        return dict(zip(("movement", "drift"), far, strict=False))

    def _leak(self, gan: GAN, fake: Tensor) -> dict[str, float | None]:
        if gan.augment is None:
            return {}
        with torch.no_grad():
            other = gan.augment(self._other.to(gan.device), torch.Generator().manual_seed(1)).cpu()
        found = leak(fake.flatten(1), self._train.flatten(1), other.flatten(1))
        return {"leak": found[0], "leak_share": found[1]} if found else {}

    def _judgement(self, gan: GAN, fake: Tensor) -> dict[str, float | None]:
        if gan.objective.critic is None:
            return {}
        train = _logits(gan, self._train, self._label)
        held_out = _logits(gan, self._held_out, self._held_label)
        mine = _logits(gan, fake, self._label)
        found = judgement(
            train=train, held_out=held_out, fake=mine,
            generator_loss=gan.objective.generator_loss,
        )  # fmt: skip
        return dict(vars(found))


def _logits(gan: GAN, x: Tensor, label: Label | None) -> Tensor:
    """The critic's logits as in training: augmented and packed, the same draws each time."""
    x = x.to(gan.device)
    with torch.no_grad():
        x = x if gan.augment is None else gan.augment(x, torch.Generator().manual_seed(2))
        label = None if label is None or gan.pack > 1 else label.to(gan.device)
        logit: Tensor = gan.critic(x if gan.pack == 1 else pack(x, gan.pack), label)
    return logit.float().cpu()


@contextmanager
def _at_rest(gan: GAN) -> Iterator[None]:
    """Evaluation mode inside; modes and random numbers as they were outside."""
    modes = [(m, m.training) for net in (gan.generator, gan.critic) for m in net.modules()]
    nn.ModuleList([gan.generator, gan.critic]).eval()
    try:
        with torch.random.fork_rng(devices=[gan.device] if gan.device.type == "cuda" else []):
            yield
    finally:
        for module, training in modes:
            module.training = training


def _failure(trace: GradientTrace, layers: tuple[Layer, ...]) -> str | None:
    """The first thing that was not finite, if training has not got over it."""
    weights = [layer for layer in layers if not (layer.weight or 0.0) < float("inf")]
    term = trace.broken_term()
    if not weights and term is None:
        return None
    parts = []
    if term is not None:
        parts.append(f"{term[1]} was {term[2]} at step {term[0]}")
    for side in ("critic", "generator"):
        found = trace.summary(side)
        if found is not None and found.broken is not None:
            step, name = found.broken
            parts.append(f"the gradient of {side}.{name} was not finite at step {step}")
    if weights:
        parts.append(f"the weight {weights[0].network}.{weights[0].name} is not finite")
    return "; ".join(parts)


def _gradients(trace: GradientTrace) -> dict[str, float | None]:
    values: dict[str, float | None] = {}
    for side in ("generator", "critic"):
        found: GradientSummary | None = trace.summary(side)
        if found is not None:
            values |= {f"{side}_gradient": found.total, f"{side}_spike": found.spike}
    return values


def _singulars(layers: tuple[Layer, ...]) -> dict[str, float | None]:
    return {
        f"{side}_singular": max(
            (la.singular for la in layers if la.network == side and la.singular is not None),
            default=None,
        )
        for side in ("generator", "critic")
    }


def _weakest(layers: tuple[Layer, ...]) -> tuple[float | None, str | None]:
    """The generator's weakest layer over the strongest, among weights of two or more axes."""
    found = [
        (la.gradient, la.name)
        for la in layers
        if la.network == "generator" and la.gradient is not None and la.singular is not None
    ]
    strongest = max((gradient for gradient, _ in found), default=0.0)
    if not 0 < strongest < float("inf"):
        return None, None
    gradient, name = min(found)
    return gradient / strongest, name


def _readings(gan: GAN) -> dict[str, float | None]:
    terms = gan.last_terms
    return {
        name.replace("/", "_"): float(terms[name])
        for name in ("augment/probability", "augment/overfitting")
        if name in terms
    }
