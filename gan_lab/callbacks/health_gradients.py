"""Sizes of gradients and loss terms of every step, kept on the device until somebody asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from gan_lab.metrics.health.layers import plain_name
from gan_lab.model.gan import GAN

WATCHED = ("loss/", "penalty/", "logit/")
STRIDE = 5


@dataclass(frozen=True)
class GradientSummary:
    """Gradients of one network over some steps, as root mean squares of their elements.

    Attributes:
        layers: Median over the steps, by layer.
        total: Median over the steps of all elements together.
        spike: The largest of these over the median.
        broken: Step and name of the first layer whose gradient was not finite, or None.
    """

    layers: dict[str, float]
    total: float
    spike: float
    broken: tuple[int, str] | None


class GradientTrace:
    """Norms of gradients and values of loss terms since the last `clear`.

    Args:
        stride: Gradients are noted in every `stride`-th step. 5 meets all phases of a penalty that
            is paid in every second or every eighth step.
    """

    def __init__(self, stride: int = STRIDE) -> None:
        self.stride = stride
        self._parameters: dict[str, list[tuple[str, nn.Parameter]]] = {}
        self.clear()

    def clear(self) -> None:
        """Forget."""
        self._norms: dict[str, list[tuple[int, tuple[str, ...], Tensor]]] = {}
        self._terms: list[tuple[int, dict[str, Tensor]]] = []
        self._sizes: dict[str, int] = {}

    def state_dict(self) -> dict[str, Any]:
        """What has been noted since the last `clear`."""
        return {"norms": self._norms, "terms": self._terms, "sizes": self._sizes}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take up what `state_dict` gave."""
        self._norms, self._terms = dict(state["norms"]), list(state["terms"])
        self._sizes = dict(state["sizes"])

    def note(self, gan: GAN, optimizer: torch.optim.Optimizer) -> None:
        """Note the norms of the gradients that an optimizer is about to use."""
        if (gan.steps + 1) % self.stride:
            return
        side = str(optimizer.param_groups[0]["name"])
        if side not in self._parameters:
            network: nn.Module = gan.generator if side == "generator" else gan.critic
            pairs = network.named_parameters()
            self._parameters[side] = [(plain_name(name), p) for name, p in pairs]
        found = [(n, p.grad) for n, p in self._parameters[side] if p.grad is not None]
        if not found:
            return
        names, gradients = zip(*found, strict=True)
        self._sizes.update({f"{side}.{n}": g.numel() for n, g in found})
        norms = torch.stack(torch._foreach_norm(list(gradients)))
        self._norms.setdefault(side, []).append((gan.steps + 1, names, norms.detach()))

    def note_terms(self, steps: int, terms: Mapping[str, Tensor]) -> None:
        """Note the terms of a step that is done."""
        self._terms.append((steps, {k: v for k, v in terms.items() if k.startswith(WATCHED)}))

    def summary(self, side: str) -> GradientSummary | None:
        """What is known about one network, generator or critic; None without a gradient."""
        rows = self._norms.get(side)
        if not rows:
            return None
        names = rows[-1][1]
        rows = [row for row in rows if row[1] == names]
        norms = torch.stack([row[2] for row in rows]).double().cpu()
        size = torch.tensor([self._sizes[f"{side}.{n}"] for n in names], dtype=torch.float64)
        rms = norms.square().sum(1).div(size.sum()).sqrt()
        middle = float(rms.median())
        return GradientSummary(
            layers=dict(zip(names, (norms / size.sqrt()).median(0).values.tolist(), strict=True)),
            total=middle,
            spike=float(rms.max()) / max(middle, 1e-300),
            broken=_first_broken(norms, [row[0] for row in rows], names),
        )

    def broken_term(self) -> tuple[int, str, float] | None:
        """Step, name and value of the first term that was not finite."""
        found = [(step, name, term) for step, terms in self._terms for name, term in terms.items()]
        if not found:
            return None
        values = torch.stack([term.detach().float() for _, _, term in found]).cpu()
        bad = values.isfinite().logical_not().nonzero().flatten().tolist()
        return (*found[bad[0]][:2], float(values[bad[0]])) if bad else None


def _first_broken(
    norms: Tensor, steps: list[int], names: tuple[str, ...]
) -> tuple[int, str] | None:
    bad = norms.isfinite().logical_not()
    if not bool(bad.any()):
        return None
    row = int(bad.any(1).nonzero()[0])
    return steps[row], names[int(bad[row].nonzero()[0])]
