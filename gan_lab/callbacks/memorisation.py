"""When does the critic begin to know its training rows by heart?"""

import pytorch_lightning as pl
import torch
from torch import Tensor, nn

from gan_lab.callbacks.clock import ClockCallback, at_least_one, every_n
from gan_lab.callbacks.sheets import own_noise
from gan_lab.components.packing import pack
from gan_lab.data.base import DataModule
from gan_lab.data.samples import Batch
from gan_lab.metrics.membership import membership
from gan_lab.model.gan import GAN

AUC, CHANCE = "membership/critic_auc", "membership/critic_auc_floor"


class MemorisationOnset(ClockCallback):
    """Area under the curve of the critic's logits, training rows against held-out rows.

    Every `every` generator steps and at the end it is added to the model's `last_terms`, next to
    the largest area that chance alone gives in 97.5 % of the cases. The curve leaves chance long
    before samples look copied: `EarlyStopping` may follow it. Rows are the same each time; the
    critic sees them as they are, not augmented.

    Args:
        every: Generator steps between two measurements.
        n: Training rows and held-out rows, at most.

    Raises:
        UserError: If a number is below 1.

    Source: Hayes et al., "LOGAN: membership inference attacks against generative models", 2019.
    """

    def __init__(self, every: int = 100, n: int = 1000) -> None:
        self.every = at_least_one("callbacks.memorisation.every", every)
        self.n = at_least_one("callbacks.memorisation.n", n)
        self._last = -1

    def start(self, trainer: pl.Trainer, model: GAN) -> None:  # type: ignore[override]
        """Choose the rows."""
        if trainer.is_global_zero:
            data: DataModule = trainer.datamodule  # type: ignore[attr-defined]
            rng = torch.Generator().manual_seed(0)
            parts = []
            for rows in (data.train, data.watched):
                order = torch.randperm(len(rows), generator=rng)[: self.n]
                parts.append(rows.batch(order[: len(order) // model.pack * model.pack]))
            self._train, self._held_out = parts

    def step(self, trainer: pl.Trainer, model: GAN) -> None:  # type: ignore[override]
        """Measure when it is time."""
        if trainer.is_global_zero and every_n(model.steps, self.every):
            self._measure(model)

    def end(self, trainer: pl.Trainer, model: GAN) -> None:  # type: ignore[override]
        """Measure the last state."""
        if trainer.is_global_zero and model.steps != self._last:
            self._measure(model)

    def _measure(self, model: GAN) -> None:
        self._last = model.steps
        if model.objective.critic is None:
            return
        logits = [_logits(model, batch) for batch in (self._train, self._held_out)]
        if min(map(len, logits)) < 2 or not bool(torch.cat(logits).isfinite().all()):
            return
        found = membership(*logits)
        model.last_terms[AUC] = torch.tensor(found.auc)
        model.last_terms[CHANCE] = torch.tensor(0.5 + found.chance)


@torch.no_grad()
def _logits(model: GAN, batch: Batch) -> Tensor:
    x = batch.x.to(model.device)
    x = x if model.pack == 1 else pack(x, model.pack)
    label = None if batch.label is None or model.pack > 1 else batch.label.to(model.device)
    critic: nn.Module = model.critic
    modes = [(module, module.training) for module in critic.modules()]
    with own_noise(model.device):
        logits: Tensor = critic.eval()(x, label)
    for module, training in modes:
        module.training = training
    return logits.flatten().float().cpu()
