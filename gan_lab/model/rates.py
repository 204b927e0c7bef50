"""How the optimizers' rates change over training."""

from dataclasses import dataclass

import torch

from gan_lab.errors import UserError
from gan_lab.schedule import Value, value_at


@dataclass(frozen=True)
class Rates:
    r"""Schedules of the optimizers' numbers.

    Attributes:
        lr: Factor of both learning rates.
        generator_lr: Further factor of the generator's.
        critic_lr: Further factor of the critic's.
        beta2: Adam's $\beta_2$ in both optimizers; None leaves it as the optimizer has it.
    """

    lr: Value = 1.0
    generator_lr: Value = 1.0
    critic_lr: Value = 1.0
    beta2: Value | None = None

    def remember(self, optimizer: torch.optim.Optimizer) -> None:
        """Keep the learning rate that the factors are of, in the optimizer's own state.

        Raises:
            UserError: If beta2 is scheduled and the optimizer has no betas.
        """
        for group in optimizer.param_groups:
            group["base_lr"] = group["lr"]
            if self.beta2 is not None and "betas" not in group:
                raise UserError(
                    f"model.rates.beta2 is set, but {type(optimizer).__name__} has no betas; use "
                    "torch.optim.Adam or one of its kin, or set model.rates.beta2=null"
                )

    def apply(self, optimizer: torch.optim.Optimizer, images: int, share: float) -> None:
        """Set the rates that hold now.

        Args:
            optimizer: Optimizer whose groups are named `generator` or `critic`.
            images: Real images shown to the critic so far.
            share: Share of the run that is over.
        """
        lr = value_at(self.lr, images, share)
        own = {"generator": self.generator_lr, "critic": self.critic_lr}
        for group in optimizer.param_groups:
            group["lr"] = group["base_lr"] * lr * value_at(own[group["name"]], images, share)
            if self.beta2 is not None:
                group["betas"] = (group["betas"][0], value_at(self.beta2, images, share))
