"""No step is made, and no checkpoint written, with numbers that are not finite."""

from collections.abc import Iterable, Mapping
from typing import cast

import pytorch_lightning as pl
import torch
from torch import Tensor, nn

from gan_lab.callbacks.clock import ClockCallback, Model
from gan_lab.errors import UserError

WATCHED = ("loss/", "penalty/", "logit/")
MOST_NAMES = 3


class Diverged(UserError):
    """A loss, a gradient or a weight is not finite; no optimizer has stepped along it."""


class FiniteSteps(ClockCallback):
    """End training before an optimizer steps along a gradient, or after a loss, that is not finite.

    The weights stay as the last good step left them. Under 16-bit scaling (`16-mixed`) gradients
    may overflow now and then, and the scaler skips the step: there, only the losses are watched.

    Raises:
        Diverged: Names the terms and the layers.
    """

    def on_before_optimizer_step(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, optimizer: torch.optim.Optimizer
    ) -> None:
        """Look at the terms of this turn and at the gradient."""
        terms = cast(Model, pl_module).last_terms
        losses = {name: term for name, term in terms.items() if name.startswith(WATCHED)}
        gradients = [
            p.grad
            for group in optimizer.param_groups
            for p in group["params"]
            if p.grad is not None
        ]
        scaled = trainer.precision == "16-mixed"
        watched = [*losses.values(), *([] if scaled else gradients)]
        if all_finite(watched):
            return
        mine = {id(p) for group in optimizer.param_groups for p in group["params"]}
        layers = {k: p for k, p in pl_module.named_parameters() if id(p) in mine}
        raise Diverged(_diverged(cast(Model, pl_module), not_finite(losses), layers))


class FiniteWeights:
    """Which tensors of a module are not finite, except those that never were, such as masks."""

    def __init__(self, module: nn.Module) -> None:
        self._never = frozenset(not_finite(module.state_dict()))

    def check(self, model: nn.Module, steps: int) -> None:
        """Look at all parameters and buffers.

        Raises:
            Diverged: If one has become NaN or infinite.
        """
        bad = [name for name in not_finite(model.state_dict()) if name not in self._never]
        if bad:
            raise Diverged(
                f"step {steps}: the values of {_listed(bad)} are not finite, so no checkpoint is "
                "written; the earlier ones are as they were. Lower the learning rate and resume"
            )


def all_finite(tensors: Iterable[Tensor]) -> bool:
    """Whether no entry is NaN or infinite; one look at the device for all tensors.

    >>> all_finite([torch.ones(2), torch.tensor([1.0, float("inf")])])
    False
    """
    floats = [t.detach() for t in tensors if t.is_floating_point() and t.numel()]
    if not floats:
        return True
    norms = torch._foreach_norm(floats)
    if torch.stack([norm.float() for norm in norms]).isfinite().all():
        return True
    return all(bool(t.isfinite().all()) for t in floats)  # large numbers overflow in a norm


def not_finite(tensors: Mapping[str, Tensor | None]) -> list[str]:
    """Names of the tensors that hold NaN or an infinity."""
    floats = {k: t for k, t in tensors.items() if t is not None and t.is_floating_point()}
    if all_finite(floats.values()):
        return []
    return [name for name, tensor in floats.items() if not tensor.isfinite().all()]


def _diverged(model: Model, terms: list[str], layers: Mapping[str, nn.Parameter]) -> str:
    found = [f"{name} is {float(model.last_terms[name])}" for name in terms[:MOST_NAMES]]
    weights = not_finite(layers)
    gradients = not_finite({name: layer.grad for name, layer in layers.items()})
    if weights:
        found.append(f"the weights of {_listed(weights)} are not finite")
    elif gradients:
        found.append(f"the gradient of {_listed(gradients)} is not finite")
    return (
        f"training diverged in step {model.steps + 1}: {', '.join(found)}. No optimizer has "
        "stepped along that, and the checkpoints are as they were: lower the learning rate, set "
        "model.clip, or look at the data"
    )


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return ", ".join(names[:MOST_NAMES]) + more
