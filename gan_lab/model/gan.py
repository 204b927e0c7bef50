"""The game of two losses: steps and optimizers, nothing else."""

from collections.abc import Callable, Mapping
from typing import Any

import pytorch_lightning as pl
import torch
from jaxtyping import Float
from torch import Tensor, nn

from gan_lab.components.packing import pack
from gan_lab.control import Control
from gan_lab.data.base import Batch
from gan_lab.errors import UserError
from gan_lab.model.ema import EMA
from gan_lab.model.frozen import frozen
from gan_lab.model.noise import generator_at
from gan_lab.model.rates import Rates
from gan_lab.objectives import Objective
from gan_lab.regularizers import Constraint, Judge, Regularizer, Turn
from gan_lab.regularizers.regularizer import Side
from gan_lab.schedule import Value, check_value, value_at
from gan_lab.spec import DataSpec
from gan_lab.types import Label, Prior, Transform

Optimizer = Callable[..., torch.optim.Optimizer]


class GAN(pl.LightningModule):
    r"""Generator against critic over a latent prior.

    One `training_step` is one **generator step**: `d_steps` steps of the critic, each on its own
    part of the batch,

    $$ \min_D \; \mathbb{E}[L_D(D(x), D(G(z)))] + \sum_i w_i \, \mathbb{E}[R_i], $$

    then one of the generator, $\min_G \mathbb{E}[L_G(D(x), D(G(z)))] + \sum_j w_j \mathbb{E}[R_j]$,
    with fresh latents. What the critic sees, real and fake alike, is augmented and packed first.
    `steps` and `images_seen` (real images shown to the critic) are the only clock. Every random
    draw is a pure function of (seed, rank, step), so that a run can be repeated and resumed.

    Args:
        generator: `(b d)`, labels `(b,)` to samples `(b c *s)`.
        critic: Samples `(b c *s)`, labels `(b,)` to logits `(b,)`.
        prior: Where latents come from.
        spec: What the data look like.
        objective: The two losses.
        regularizers: Penalties and constraints of either side by name.
        augment: Transform of all that the critic sees; None leaves it alone.
        generator_optimizer: Parameters to an optimizer.
        critic_optimizer: Parameters to an optimizer.
        rates: How the optimizers' rates change.
        d_steps: Critic steps per generator step; a batch holds as many parts.
        d_steps_now: Number of these steps that are taken, when it changes; None takes all.
        pack: Samples that the critic judges as one.
        half_life: Half-life of the generator's moving average, in images.
        ramp: Half-life as a share of the images seen, while that is shorter.
        max_steps: Generator steps of the run, which schedules are shares of.
        clip: Largest norm of a network's gradient; None leaves it alone.
        seed: Seed of the latents.
        log_every: Generator steps between two log lines.
        config: Plain dictionary that is stored in checkpoints.
    """

    def __init__(
        self,
        *,
        generator: nn.Module,
        critic: nn.Module,
        prior: Prior,
        spec: DataSpec,
        objective: Objective,
        regularizers: Mapping[str, Regularizer | Constraint] | None = None,
        augment: Transform | None = None,
        generator_optimizer: Optimizer,
        critic_optimizer: Optimizer,
        rates: Rates | None = None,
        d_steps: int = 1,
        d_steps_now: Value | None = None,
        pack: int = 1,
        half_life: Value = 10_000.0,
        ramp: float = 0.05,
        max_steps: int | None = None,
        clip: float | None = None,
        seed: int = 0,
        log_every: int = 50,
        config: dict[str, Any] | None = None,
    ) -> None:
        super().__init__()
        if d_steps < 1 or log_every < 1 or pack < 1:
            raise UserError("model.d_steps, model.log_every and model.pack must be 1 or more")
        check_value("model.half_life", half_life)
        self.automatic_optimization = False
        self.generator, self.critic = generator, critic
        self.ema = EMA(generator, value_at(half_life, 0, 0.0), ramp)
        self.prior, self.spec, self.objective = prior, spec, objective
        terms = dict(regularizers or {})
        self.regularizers = {k: v for k, v in terms.items() if isinstance(v, Regularizer)}
        self.constraints = [v for v in terms.values() if isinstance(v, Constraint)]
        self.augment = augment
        penalties = {k: r.penalty for k, r in self.regularizers.items()}
        self.penalties = nn.ModuleDict(
            {k: v for k, v in penalties.items() if isinstance(v, nn.Module)}
        )
        self.balance = objective.control
        self.controls = [c for c in (self.balance, augment) if isinstance(c, Control)]
        self.optimizer_factories = (generator_optimizer, critic_optimizer)
        self.rates, self.half_life, self.d_steps_now = rates or Rates(), half_life, d_steps_now
        self.d_steps, self.pack, self.clip, self.max_steps = d_steps, pack, clip, max_steps
        self.run_seed, self.log_every, self.config = seed, log_every, config or {}
        self.steps = 0
        self.images_seen = 0
        self.last_terms: dict[str, Tensor] = {}

    @property
    def share(self) -> float:
        """Share of the run that is over; 0 where its length is unknown."""
        return min(1.0, self.steps / self.max_steps) if self.max_steps else 0.0

    def configure_optimizers(self) -> list[torch.optim.Optimizer]:
        """One optimizer a network: the generator's first. Heads of penalties join the critic's."""
        parameters = (
            ("generator", list(self.generator.parameters())),
            ("critic", [*self.critic.parameters(), *self.penalties.parameters()]),
        )
        optimizers = []
        for factory, (name, group) in zip(self.optimizer_factories, parameters, strict=True):
            optimizers.append(factory([{"params": group, "name": name}]))
            self.rates.remember(optimizers[-1])
        return optimizers

    def training_step(self, batch: Batch, batch_idx: int) -> None:
        """Play one round: `d_steps` critic steps, one generator step, one step of the average."""
        optimizers: Any = self.optimizers()
        generator_optimizer, critic_optimizer = optimizers
        for optimizer in optimizers:
            self.rates.apply(optimizer, self.images_seen, self.share)
        rounds = batch.split(self.d_steps)[: self._critic_steps()]
        for k, part in enumerate(rounds):
            if self.objective.critic is not None:
                self._critic_step(critic_optimizer, part, stream=k + 1)
        self._generator_step(generator_optimizer, rounds[-1])
        images = sum(len(part.x) for part in rounds) * self.trainer.world_size
        self.ema.half_life = value_at(self.half_life, self.images_seen, self.share)
        self.steps += 1
        self.images_seen += images
        self.ema.update(self.generator, images, self.images_seen)

    def _critic_step(self, optimizer: Any, batch: Batch, *, stream: int) -> None:  # noqa: ANN401
        turn = self._turn("critic", batch, stream)
        real, fake = turn.real_logit, turn.fake_logit
        loss = self.objective.critic_loss(real=real, fake=fake).mean()
        terms = {"loss/critic": loss, "logit/real": real.mean(), "logit/fake": fake.mean()}
        loss = loss + self._penalty("critic", turn, terms)
        self._remember(terms)
        self._descend(optimizer, loss, "critic")
        if self.controls:
            self._steer(real.detach(), fake.detach(), len(batch.x) * self.trainer.world_size)

    def _steer(self, real: Tensor, fake: Tensor, images: int) -> None:
        """Let every control follow the logits of all processes, gathered once."""
        everywhere: Any = self.all_gather((real, fake))
        real, fake = (logit.flatten() for logit in everywhere)
        for control in self.controls:
            control.update(real=real, fake=fake, images=images)
            self._remember({k: torch.tensor(v) for k, v in control.readings().items()})

    def _generator_step(self, optimizer: Any, batch: Batch) -> None:  # noqa: ANN401
        terms: dict[str, Tensor] = {}
        with frozen(self.critic), frozen(self.penalties):
            turn = self._turn("generator", batch, stream=0)
            loss = self._generator_loss(turn)
            terms["loss/generator"] = loss
            loss = loss + self._penalty("generator", turn, terms)
        self._remember(terms)
        self._descend(optimizer, loss, "generator")

    def _generator_loss(self, turn: Turn) -> Tensor:
        loss = torch.zeros((), device=self.device)
        if self.objective.generator is not None:
            logits = {"real": turn.real_logit, "fake": turn.fake_logit}
            loss = loss + self.objective.generator_loss(**logits).mean()
        if self.objective.samples is not None:
            loss = loss + self.objective.sample_loss(real=turn.real, fake=turn.fake).mean()
        return loss

    def _turn(self, side: Side, batch: Batch, stream: int) -> Turn:
        """Samples, their views and the critic's judgement, with a graph where `side` needs it."""
        rng = generator_at(self.run_seed, self.global_rank, self.steps, stream)
        z = self.prior.sample(len(batch.x), rng).to(self.device)
        label, mine = batch.label, side == "generator"
        judge = Judge(self.critic, label if self.pack == 1 else None)

        def view(x: Tensor) -> Tensor:
            x = x if self.augment is None else self.augment(x, rng)
            return x if self.pack == 1 else pack(x, self.pack)

        def generate(z: Tensor) -> Tensor:
            samples: Tensor = self.generator(z, label)
            return samples

        with torch.set_grad_enabled(mine):
            sample = generate(z)
            fake = view(sample)
        with torch.no_grad():
            real = view(batch.x)
        with torch.set_grad_enabled(not mine):
            real_logit = judge(real)
        network = self.generator if mine else self.critic
        return Turn(
            network, judge, generate, view, z, real, fake, real_logit, judge(fake), label, rng
        )

    def _penalty(self, side: Side, turn: Turn, terms: dict[str, Tensor]) -> Tensor | float:
        """Weighted sum of the penalties that are due on one side; each joins `terms`."""
        total: Tensor | float = 0.0
        for name, regularizer in self.regularizers.items():
            if regularizer.is_paid_by(side) and regularizer.is_due(self.steps):
                penalty = regularizer.value(turn).mean()
                terms[f"penalty/{name}"] = penalty
                total = total + regularizer.factor(self.images_seen, self.share) * penalty
        return total

    def _descend(self, optimizer: Any, loss: Tensor, side: Side) -> None:  # noqa: ANN401
        optimizer.zero_grad(set_to_none=True)
        self.manual_backward(loss)
        optimizer.step()
        for constraint in self.constraints:
            if constraint.side == side:
                constraint.project(self.generator if side == "generator" else self.critic)

    def _critic_steps(self) -> int:
        if self.d_steps_now is None:
            return self.d_steps
        now = round(value_at(self.d_steps_now, self.images_seen, self.share))
        return min(self.d_steps, max(1, now))

    def on_before_optimizer_step(self, optimizer: torch.optim.Optimizer) -> None:
        """Clip here, where gradients are already unscaled."""
        if self.clip is not None:
            for group in optimizer.param_groups:
                nn.utils.clip_grad_norm_(group["params"], self.clip)

    @torch.no_grad()
    def generate(
        self,
        z: Float[Tensor, "b d"],
        label: Label | None = None,
        *,
        ema: bool = True,
    ) -> Float[Tensor, "b c *s"]:
        """Samples in model range from the averaged (default) or the raw generator.

        Args:
            z: Latents, `(b, d)`, on any device.
            label: Classes, `(b,)`, for a conditional generator.
            ema: Use the moving average.
        """
        network = self.ema.network if ema else self.generator
        was_training = network.training
        network.eval()
        label = None if label is None else label.to(self.device)
        samples: Tensor = network(z.to(self.device), label)
        network.train(was_training)
        return samples

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Store the clock, the latest terms and the configuration; drop Lightning's clock."""
        checkpoint["gan_lab"] = {
            "steps": self.steps, "images_seen": self.images_seen, "config": self.config,
            "last_terms": {name: term.cpu() for name, term in self.last_terms.items()},
        }  # fmt: skip
        checkpoint.pop("loops")

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Restore the clock and the latest terms."""
        state = checkpoint["gan_lab"]
        self.steps, self.images_seen = state["steps"], state["images_seen"]
        self.last_terms = dict(state["last_terms"])

    def _remember(self, terms: Mapping[str, Tensor]) -> None:
        self.last_terms.update({name: term.detach() for name, term in terms.items()})
