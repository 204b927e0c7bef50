"""Small GRUs trained side by side: the judges of TimeGAN's two scores.

Runs differ in their draws alone, so all of them are trained in one pass, stacked along a first
axis; each gives what it would give on its own.
"""

import math
from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from gan_lab.errors import UserError


class StackedGRU(nn.Module):
    r"""One GRU layer and one linear output for each of r runs.

    $$ (r_t, u_t) = \sigma([x_t, h_{t-1}] W + b), \quad n_t = \tanh([x_t, r_t h_{t-1}] V + c),
    \quad h_t = u_t h_{t-1} + (1 - u_t) n_t $$

    As the cell of TensorFlow 1 that TimeGAN's code uses: the reset gate acts before the product,
    gate biases start at 1, weights with Glorot's uniform law.

    Args:
        inputs: Channels of a series.
        hidden: Size of the state.
        rngs: Source of the first weights of each run.
    """

    def __init__(self, inputs: int, hidden: int, rngs: Sequence[torch.Generator]) -> None:
        super().__init__()
        self.inputs, runs = inputs, len(rngs)
        self.gates = nn.Parameter(_glorot(inputs + hidden, 2 * hidden, rngs))
        self.gate_bias = nn.Parameter(torch.ones(runs, 1, 2 * hidden))
        self.candidate = nn.Parameter(_glorot(inputs + hidden, hidden, rngs))
        self.candidate_bias = nn.Parameter(torch.zeros(runs, 1, hidden))
        self.output = nn.Parameter(_glorot(hidden, 1, rngs))
        self.output_bias = nn.Parameter(torch.zeros(runs, 1, 1))

    def states(self, x: Float[Tensor, "r b t i"]) -> Float[Tensor, "r b t h"]:
        """States of every run at every step, from zero."""
        n = self.inputs
        by_step = (x.shape[0], x.shape[2], x.shape[1])
        steps = x.transpose(1, 2).flatten(1, 2)
        gate_in = (steps @ self.gates[:, :n]).view(*by_step, -1)
        new_in = (steps @ self.candidate[:, :n]).view(*by_step, -1)
        h = x.new_zeros(*x.shape[:2], self.output.shape[1])
        found = []
        for gate, new in zip(gate_in.unbind(1), new_in.unbind(1), strict=True):
            both = torch.baddbmm(gate + self.gate_bias, h, self.gates[:, n:]).sigmoid()
            reset, update = both.chunk(2, dim=2)
            fresh = torch.baddbmm(new + self.candidate_bias, reset * h, self.candidate[:, n:])
            fresh = fresh.tanh()
            h = torch.lerp(fresh, h, update)
            found.append(h)
        return torch.stack(found, dim=2)

    def last(self, x: Float[Tensor, "r b t i"]) -> Float[Tensor, "r b"]:
        """Output after the last step."""
        h = self.states(x)[:, :, -1]
        return (h @ self.output + self.output_bias).squeeze(2)

    def every(self, x: Float[Tensor, "r b t i"]) -> Float[Tensor, "r b t"]:
        """Output after every step."""
        h = self.states(x)
        return (h @ self.output[:, None] + self.output_bias[:, None]).squeeze(3)


def train(
    network: StackedGRU,
    loss: Callable[[], Float[Tensor, " r"]],
    *,
    iterations: int,
    learning_rate: float,
) -> StackedGRU:
    """Adam on every run's own loss; `loss` draws the batches."""
    # Runs share no parameter, and Adam works element by element: the sum trains each alone.
    optimizer = torch.optim.Adam(network.parameters(), lr=learning_rate)
    for _ in range(iterations):
        optimizer.zero_grad()
        torch.autograd.backward(loss().sum())
        optimizer.step()
    return network


def seeds(seed: int, runs: int) -> list[torch.Generator]:
    """One source of randomness for each run; run k has the same for any number of runs."""
    return [torch.Generator().manual_seed(seed + run) for run in range(runs)]


def draw(n: int, batch_size: int, rngs: Sequence[torch.Generator]) -> Int[Tensor, "r b"]:
    """Rows of one batch for each run, without repetition within a batch."""
    return torch.stack([torch.randperm(n, generator=rng)[:batch_size] for rng in rngs])


def hidden_size(channels: int) -> int:
    """Half of the channels, rounded down, but 1 at least."""
    return max(channels // 2, 1)


def check_windows(real: Tensor, fake: Tensor, *, fewest: int) -> None:
    """Accept two sets of windows of one shape.

    Raises:
        UserError: If shapes differ, values are not finite or there are fewer than `fewest` rows.
    """
    if real.shape[1:] != fake.shape[1:]:
        raise UserError(
            f"real windows are {tuple(real.shape[1:])} and generated ones {tuple(fake.shape[1:])}; "
            "expected one shape (channels, steps)"
        )
    if min(len(real), len(fake)) < fewest:
        raise UserError(
            f"{len(real)} real and {len(fake)} generated windows; expected {fewest} or more of each"
        )
    for name, x in (("real", real), ("generated", fake)):
        if not bool(x.isfinite().all()):
            raise UserError(f"a {name} window holds a value that is NaN or infinite; drop it")


def _glorot(inputs: int, outputs: int, rngs: Sequence[torch.Generator]) -> Float[Tensor, "r i o"]:
    limit = math.sqrt(6 / (inputs + outputs))
    draws = torch.stack([torch.rand(inputs, outputs, generator=rng) for rng in rngs])
    return limit * (2 * draws - 1)
