"""Train the critic on, with the generator at rest, until held-out rows say stop.

At the end of a game the critic has been held flat by its penalties and by a generator that followed
it; what it still knows about single samples is little. A few hundred steps of plain logistic
regression against the finished generator give it an opinion.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import softplus

from gan_lab.data.samples import Batch, Samples
from gan_lab.errors import UserError

EVERY = 50
PART = 500


@dataclass(frozen=True, eq=False)
class Refit:
    """A critic that was trained on.

    Attributes:
        network: The critic of the step with the lowest held-out loss.
        steps: That step; 0 if further training did not help.
        before: Held-out logistic loss at the start, in nats; log 2 = 0.693 is to know nothing.
        after: The same at `steps`.
    """

    network: nn.Module
    steps: int
    before: float
    after: float


def refit(
    network: nn.Module,
    *,
    train: Samples,
    held_out: Samples,
    fakes: Callable[[int, torch.Generator], Batch],
    steps: int = 1000,
    batch_size: int = 256,
    lr: float = 1e-3,
    seed: int = 0,
    tell: Callable[[int], None] | None = None,
) -> Refit:
    r"""Minimise $E_\text{train}[\mathrm{softplus}(-D)] + E_G[\mathrm{softplus}(D)]$.

    The critic that is given stays as it is. Every 50 steps the loss on held-out rows and fresh
    samples is taken, after the constant of the logits has been fitted; the best critic is kept.

    Args:
        network: Samples and labels to logits.
        train: Real rows to train on.
        held_out: Real rows that decide when to stop.
        fakes: A number of samples and their labels, for a stream of random numbers.
        steps: Steps of Adam.
        batch_size: Rows of each kind per step.
        lr: Learning rate, which falls to 0 along a cosine.
        seed: Seed of the batches.
        tell: Called with 1 after every step.

    Raises:
        UserError: If there are fewer than 20 held-out rows, or no steps.
    """
    if steps < 1 or len(held_out) < 20:
        raise UserError(f"refit: {steps} steps, {len(held_out)} held-out rows; expected 1, 20")
    rng = torch.Generator().manual_seed(seed)
    critic = copy.deepcopy(network).requires_grad_(True)
    optimizer = torch.optim.Adam(critic.parameters(), lr, betas=(0.9, 0.99))
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    watch = fakes(len(held_out), rng)
    real = Batch(held_out.x, held_out.label)
    before = best = _held_out_loss(critic, real, watch)
    state, at = copy.deepcopy(critic.state_dict()), 0
    for k in range(1, steps + 1):
        rows = torch.randint(len(train), (batch_size,), generator=rng)
        _descend(critic, optimizer, train.batch(rows), fakes(batch_size, rng))
        schedule.step()
        if k % EVERY == 0 or k == steps:
            loss = _held_out_loss(critic, real, watch)
            if loss < best:
                best, state, at = loss, copy.deepcopy(critic.state_dict()), k
        if tell is not None:
            tell(1)
    critic.load_state_dict(state)
    return Refit(critic.eval().requires_grad_(False), at, before, best)


def _descend(critic: nn.Module, optimizer: torch.optim.Optimizer, real: Batch, fake: Batch) -> None:
    critic.train()
    loss = softplus(-critic(real.x, real.label)).mean() + softplus(critic(*fake)).mean()
    optimizer.zero_grad(set_to_none=True)
    torch.autograd.backward(loss)
    optimizer.step()


@torch.no_grad()
def _held_out_loss(critic: nn.Module, real: Batch, fake: Batch) -> float:
    """Mean logistic loss with the best constant, so that a relativistic critic is not punished."""
    critic.eval()
    ours, theirs = (_logits(critic, batch).double() for batch in (real, fake))
    low, high = (float(f(torch.stack([f(ours), f(theirs)]))) for f in (torch.min, torch.max))
    for _ in range(50):  # bisection: the loss is convex in the constant
        middle = (low + high) / 2
        slope = (theirs - middle).sigmoid().mean() - (middle - ours).sigmoid().mean()
        low, high = (middle, high) if slope > 0 else (low, middle)
    return float(softplus(middle - ours).mean() + softplus(theirs - middle).mean()) / 2


def _logits(critic: nn.Module, batch: Batch) -> Float[Tensor, " n"]:
    labels = (
        [None] * -(-len(batch.x) // PART) if batch.label is None else torch.split(batch.label, PART)
    )
    pairs = zip(torch.split(batch.x, PART), labels, strict=True)
    return torch.cat([critic(x, label) for x, label in pairs])
