"""The game of two losses: steps and optimizers, nothing else."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from gan_lab.data.base import Batch
from gan_lab.errors import UserError
from gan_lab.model.ema import EMA
from gan_lab.model.schedule import constant
from gan_lab.objectives import Objective
from gan_lab.regularizers import Regularizer
from gan_lab.spec import DataSpec
from gan_lab.types import Prior

Optimizer = Callable[..., torch.optim.Optimizer]


class GAN(pl.LightningModule):
    r"""Generator against critic over a latent prior.

    One `training_step` is one **generator step**: `d_steps` steps of the critic, each on its own
    part of the batch,

    $$ \min_D \; \mathbb{E}[L_D(D(x), D(G(z)))] + \sum_i w_i \, \mathbb{E}[R_i(D; x, G(z))], $$

    then one of the generator, $\min_G \mathbb{E}[L_G(D(x), D(G(z)))]$, with fresh latents. `steps`
    and `images_seen` (real images shown to the critic) are the only clock. Latents are a pure
    function of (seed, rank, step), so that a run can be repeated and resumed.

    Args:
        generator: `(b d)`, labels `(b,)` to samples `(b c *s)`.
        critic: Samples `(b c *s)`, labels `(b,)` to logits `(b,)`.
        prior: Where latents come from.
        spec: What the data look like.
        objective: The two losses.
        regularizers: Penalties of the critic by name.
        generator_optimizer: Parameters to an optimizer.
        critic_optimizer: Parameters to an optimizer.
        d_steps: Critic steps per generator step.
        half_life: Half-life of the generator's moving average, in images.
        ramp: Half-life as a share of the images seen, while that is shorter.
        schedule: Generator step to a factor of both learning rates.
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
        regularizers: Mapping[str, Regularizer] | None = None,
        generator_optimizer: Optimizer,
        critic_optimizer: Optimizer,
        d_steps: int = 1,
        half_life: float = 10_000.0,
        ramp: float = 0.05,
        schedule: Callable[[int], float] = constant,
        clip: float | None = None,
        seed: int = 0,
        log_every: int = 50,
        config: dict[str, Any] | None = None,
    ) -> None:
        super().__init__()
        if d_steps < 1 or log_every < 1:
            raise UserError("model.d_steps and model.log_every must be 1 or more")
        self.automatic_optimization = False
        self.generator, self.critic = generator, critic
        self.ema = EMA(generator, half_life, ramp)
        self.prior, self.spec, self.objective = prior, spec, objective
        self.regularizers = dict(regularizers or {})
        self.optimizer_factories = (generator_optimizer, critic_optimizer)
        self.d_steps, self.schedule, self.clip = d_steps, schedule, clip
        self.run_seed, self.log_every, self.config = seed, log_every, config or {}
        self.steps = 0
        self.images_seen = 0
        self.last_terms: dict[str, Tensor] = {}

    def configure_optimizers(self) -> list[torch.optim.Optimizer]:
        """One optimizer a network: the generator's first."""
        named = (("generator", self.generator), ("critic", self.critic))
        optimizers = []
        for factory, (name, network) in zip(self.optimizer_factories, named, strict=True):
            optimizer = factory([{"params": list(network.parameters()), "name": name}])
            for group in optimizer.param_groups:
                group["base_lr"] = group["lr"]
            optimizers.append(optimizer)
        return optimizers

    def training_step(self, batch: Batch, batch_idx: int) -> None:
        """Play one round: `d_steps` critic steps, one generator step, one step of the average."""
        optimizers: Any = self.optimizers()
        generator_optimizer, critic_optimizer = optimizers
        for optimizer in (generator_optimizer, critic_optimizer):
            for group in optimizer.param_groups:
                group["lr"] = group["base_lr"] * self.schedule(self.steps)
        rounds = split(batch, self.d_steps)
        for k, part in enumerate(rounds):
            self._critic_step(critic_optimizer, part, stream=k + 1)
        self._generator_step(generator_optimizer, rounds[-1])
        images = len(batch.x) * self.trainer.world_size
        self.steps += 1
        self.images_seen += images
        self.ema.update(self.generator, images, self.images_seen)

    def _critic_step(self, optimizer: Any, batch: Batch, *, stream: int) -> None:  # noqa: ANN401
        rng = self._rng(stream)
        with torch.no_grad():
            fake = self.generator(self._latents(len(batch.x), rng), batch.label)
        real_logit = self.critic(batch.x, batch.label)
        fake_logit = self.critic(fake, batch.label)
        loss = self.objective.critic(real=real_logit, fake=fake_logit).mean()
        terms = {
            "loss/critic": loss,
            "logit/real": real_logit.mean(),
            "logit/fake": fake_logit.mean(),
        }
        for name, regularizer in self.regularizers.items():
            if regularizer.is_due(self.steps):
                penalty = regularizer.penalty(
                    lambda x: self.critic(x, batch.label), real=batch.x, fake=fake, rng=rng
                ).mean()
                terms[f"penalty/{name}"] = penalty
                loss = loss + regularizer.factor * penalty
        self._descend(optimizer, loss)
        self._remember(terms)

    def _generator_step(self, optimizer: Any, batch: Batch) -> None:  # noqa: ANN401
        fake = self.generator(self._latents(len(batch.x), self._rng(0)), batch.label)
        with frozen(self.critic):
            fake_logit = self.critic(fake, batch.label)
            with torch.no_grad():
                real_logit = self.critic(batch.x, batch.label)
        loss = self.objective.generator(real=real_logit, fake=fake_logit).mean()
        self._descend(optimizer, loss)
        self._remember({"loss/generator": loss})

    def _descend(self, optimizer: Any, loss: Tensor) -> None:  # noqa: ANN401
        optimizer.zero_grad(set_to_none=True)
        self.manual_backward(loss)
        optimizer.step()

    def on_before_optimizer_step(self, optimizer: torch.optim.Optimizer) -> None:
        """Clip here, where gradients are already unscaled."""
        if self.clip is not None:
            for group in optimizer.param_groups:
                nn.utils.clip_grad_norm_(group["params"], self.clip)

    @torch.no_grad()
    def generate(
        self,
        z: Float[Tensor, "b d"],
        label: Int[Tensor, " b"] | None = None,
        *,
        ema: bool = True,
    ) -> Float[Tensor, "b c *s"]:
        """Samples in model range from the averaged (default) or the raw generator.

        Args:
            z: Latents, `(b d)`, on any device.
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
        """Store the clock and the configuration."""
        checkpoint["gan_lab"] = {
            "steps": self.steps, "images_seen": self.images_seen, "config": self.config
        }  # fmt: skip

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Restore the clock."""
        self.steps = checkpoint["gan_lab"]["steps"]
        self.images_seen = checkpoint["gan_lab"]["images_seen"]

    def _remember(self, terms: Mapping[str, Tensor]) -> None:
        self.last_terms.update({name: term.detach() for name, term in terms.items()})

    def _latents(self, n: int, rng: torch.Generator) -> Tensor:
        return self.prior.sample(n, rng).to(self.device)

    def _rng(self, stream: int) -> torch.Generator:
        entropy = (self.run_seed, self.global_rank, self.steps, stream)
        state = np.random.SeedSequence(entropy).generate_state(1, np.uint64)
        return torch.Generator().manual_seed(int(state[0]) >> 1)


def split(batch: Batch, parts: int) -> list[Batch]:
    """Cut a batch into equal parts, one for each critic step."""
    xs = batch.x.chunk(parts)
    labels = [None] * parts if batch.label is None else batch.label.chunk(parts)
    return [Batch(x, label) for x, label in zip(xs, labels, strict=True)]


@contextmanager
def frozen(network: nn.Module) -> Iterator[None]:
    """Let gradients pass through a network without reaching its parameters."""
    parameters = [p for p in network.parameters() if p.requires_grad]
    for parameter in parameters:
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for parameter in parameters:
            parameter.requires_grad_(True)
