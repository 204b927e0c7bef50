"""How far off the prior is a latent?"""

import torch
from jaxtyping import Float
from torch import Tensor

from gan_lab.errors import UserError
from gan_lab.types import Prior

LOW, HIGH = 1.0, 99.0
"""Percentiles between which a latent counts as typical of the prior."""


class Gauge:
    r"""Percentile of latents among the prior's own draws, from 0 to 100, to be read on both sides.

    What is ranked is the surprise $-\log p(z)$; for a normal prior that ranks $\|z\|$. 50 is a
    latent like any other. Near 0 the latent is likelier than the prior's draws are: too close to
    the centre, where a straight line or a truncation leads. Near 100 it is less likely than they
    are: too far out, where an inversion leads. What the prior cannot draw at all has 100.

    A prior with the same density everywhere, such as a cube, is ranked by $\|z\|$ instead. Ties
    count half, so that what cannot vary, such as a point of a sphere, has 50.
    """

    def __init__(self, prior: Prior, n: int = 4096, seed: int = 0) -> None:
        """Draw the latents to compare with.

        Args:
            prior: The prior.
            n: Number of draws; percentiles are multiples of 100 / n.
            seed: Seed of the draws.

        Raises:
            UserError: If there are fewer than 2 draws.
        """
        if n < 2:
            raise UserError(f"a gauge of {n} draws ranks nothing; expected 2 or more")
        self.prior = prior
        draws = prior.sample(n, torch.Generator().manual_seed(seed))
        surprise = -prior.log_prob(draws).double()
        self._by_norm = bool(surprise.max() - surprise.min() < 1e-9 * surprise.abs().max())
        self._draws = self._rank_by(draws).sort().values

    def __call__(self, z: Float[Tensor, "b d"]) -> Float[Tensor, " b"]:
        """Percentile of each latent, `(b,)`, on the CPU."""
        value = self._rank_by(z.detach().cpu())
        low = torch.searchsorted(self._draws, value - self._tie)
        high = torch.searchsorted(self._draws, value + self._tie, right=True)
        percentile = 50.0 * (low + high).double() / len(self._draws)
        return percentile.masked_fill(value.isinf(), 100.0).float()

    @property
    def typical(self) -> tuple[float, float]:
        """Mean and standard deviation of what is ranked, among the prior's own draws."""
        return float(self._draws.mean()), float(self._draws.std())

    @property
    def _tie(self) -> float:
        return 1e-6 * max(float(self._draws.abs().max()), 1e-12)

    def _rank_by(self, z: Float[Tensor, "b d"]) -> Float[Tensor, " b"]:
        surprise = -self.prior.log_prob(z).double()
        if not self._by_norm:
            return surprise
        norm: Tensor = z.double().norm(dim=1)
        return norm.masked_fill(surprise.isinf(), torch.inf)


def atypical(percentile: Float[Tensor, "*b"]) -> Tensor:
    """Whether a percentile lies outside 1 to 99, as 2 % of the prior's own draws do."""
    return (percentile < LOW) | (percentile > HIGH)
