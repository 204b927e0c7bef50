"""Metropolis-Hastings on the generator's own draws: one chain per sample that is kept."""

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.explore.selection.source import Candidates, Selection, Source, Tell, chosen


def metropolis(
    source: Source,
    n: int,
    *,
    steps: int = 100,
    start: Float[Tensor, " m"] | None = None,
    seed: int = 0,
    tell: Tell | None = None,
) -> Selection:
    r"""Run `n` chains side by side and keep where each one ends.

    A chain at x moves to a fresh sample x' with probability

    $$ \alpha = \min\Big(1, \frac{D(x)^{-1} - 1}{D(x')^{-1} - 1}\Big)
    = \min\big(1, e^{\ell(x') - \ell(x)}\big), \quad D = \sigma(\ell), $$

    which leaves the data distribution invariant if the critic is calibrated, and needs no maximum.
    Chains begin at real rows, from where no time is lost on burning in; one that never leaves its
    real row begins again at a sample.

    Args:
        source: Generator and critic.
        n: Number of chains, which is the number of samples kept.
        steps: Fresh samples that each chain is shown.
        start: Log-ratios of real rows at which chains begin, `(m,)`; None: begin at samples.
        seed: Seed of the draws.
        tell: Called with the number of latents judged.

    Raises:
        UserError: If there are no steps.

    Source: Turner et al., "Metropolis-Hastings generative adversarial networks", 2019, sec. 3.
    """
    if steps < 1:
        raise UserError(f"steps={steps}: expected 1 or more")
    rng = torch.Generator().manual_seed(seed)
    state = source.draw(n, rng)
    level, moved = _begin(state, start, rng)
    accepted = 0
    for _ in range(steps):
        fresh = source.draw(n, rng)
        luck = torch.rand(n, generator=rng, dtype=torch.float64).log()
        go = luck < (fresh.log_ratio - level).double()
        state, level = chosen(go, fresh, state), torch.where(go, fresh.log_ratio, level)
        moved, accepted = moved | go, accepted + int(go.sum())
        if tell is not None:
            tell(n)
    judged = n * (steps + 1)
    if not moved.all():
        again = metropolis(source, int((~moved).sum()), steps=steps, seed=seed + 1, tell=None)
        state, judged = _replaced(state, ~moved, again.kept), judged + again.judged
    return Selection("mh", state, judged, accepted / (n * steps))


def _begin(state: Candidates, start: Tensor | None, rng: torch.Generator) -> tuple[Tensor, Tensor]:
    """Log-ratio of where each chain is, and whether that is one of the generator's samples."""
    if start is None:
        return state.log_ratio, torch.ones(len(state), dtype=torch.bool)
    row = torch.randint(len(start), (len(state),), generator=rng)
    return start.to(state.log_ratio)[row], torch.zeros(len(state), dtype=torch.bool)


def _replaced(state: Candidates, mask: Tensor, new: Candidates) -> Candidates:
    """The same with other rows where the mask is true, in order."""
    row = (mask.long().cumsum(0) - 1).clamp(min=0)
    return chosen(mask, new[row], state)
