r"""Boundary equilibrium GAN: the weight of the fakes follows the balance of the energies.

The energy $E = -D$ is minus the logit: take an autoencoder as the critic, whose logit is minus the
reconstruction error of each sample.

Source: Berthelot, Schumm & Metz, "BEGAN", 2017, sec. 3.4.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.control import Control
from gan_lab.errors import UserError
from gan_lab.objectives.ebgan import generator as generator
from gan_lab.objectives.objective import Objective


class Balance(Control):
    r"""The weight $k$ of the fakes, which holds $\mathbb{E}[E(G)] = \gamma \, \mathbb{E}[E(x)]$.

    After each step $k \leftarrow \mathrm{clip}(k + \lambda (\gamma \, \overline{E(x)} -
    \overline{E(G)}), 0, 1)$, from $k = 0$: at first the critic only learns to reconstruct.

    Args:
        diversity: $\gamma$ in (0, 1]. Small: clear samples that vary little.
        gain: $\lambda$, the step of $k$.

    Raises:
        UserError: If a number is out of range.
    """

    k: Tensor

    def __init__(self, *, diversity: float = 0.5, gain: float = 0.001) -> None:
        super().__init__()
        if not 0 < diversity <= 1:
            raise UserError(f"began: diversity is {diversity}; expected more than 0, at most 1")
        if gain <= 0:
            raise UserError(f"began: gain is {gain}; expected more than 0")
        self.diversity, self.gain = diversity, gain
        self.register_buffer("k", torch.tensor(0.0))

    def critic(
        self, *, real: Float[Tensor, " b"], fake: Float[Tensor, " b"]
    ) -> Float[Tensor, " b"]:
        r"""$E(x) - k \, E(G(z))$.

        Args:
            real: Minus the energy of real samples, `(b,)`.
            fake: Minus the energy of fake samples, `(b,)`.

        Returns:
            Loss per pair, `(b,)`.
        """
        return -real + self.k * fake

    @torch.no_grad()
    def update(self, *, real: Float[Tensor, " b"], fake: Float[Tensor, " b"], images: int) -> None:
        """Move `k` by one step.

        Args:
            real: Minus the energy of real samples, `(b,)`.
            fake: Minus the energy of fake samples, `(b,)`.
            images: Unused: the step is one update long, whatever the batch.
        """
        step = self.gain * (fake.float().mean() - self.diversity * real.float().mean())
        # A new tensor: the graph of a loss that is still to be differentiated holds the old one.
        self.k = (self.k + step).clamp(0, 1)

    def readings(self) -> dict[str, float]:
        """The weight of the fakes."""
        return {"began/k": float(self.k)}


def began(*, diversity: float = 0.5, gain: float = 0.001) -> Objective:
    r"""Critic $E(x) - k E(G(z))$, generator $E(G(z))$, and the balance that moves $k$.

    Args:
        diversity: $\gamma$ in (0, 1], the wanted ratio of fake to real energy.
        gain: $\lambda$, the step of $k$.

    Raises:
        UserError: If a number is out of range.

    >>> round(float(began().control.k), 3)
    0.0
    """
    balance = Balance(diversity=diversity, gain=gain)
    return Objective(critic=balance.critic, generator=generator, control=balance)
