"""Does the generator make training rows better than rows that training never saw?"""

from functools import partial

from torch import Tensor

from gan_lab.evaluation.membership import membership_score
from gan_lab.evaluation.score import Score
from gan_lab.evaluation.sets import Sets, independent
from gan_lab.explore.inversion import Inversion, invert
from gan_lab.explore.recovery import recovery
from gan_lab.export.portable import PortableGenerator
from gan_lab.metrics.features.extractor import weights_digest
from gan_lab.metrics.membership import membership

RECOVERY = "recovery"
ROWS, RESTARTS, STEPS, POLISH = 64, 4, 100, 40


def recovery_score(sets: Sets, generator: PortableGenerator) -> Score:
    """Membership by latent recovery: the score of a row is how well the generator can make it.

    64 training rows and 64 held-out rows are inverted alike; the score is the area under the curve
    of their errors, `recovery_membership`.

    Source: Webster et al., "Detecting overfitting of deep generative networks via latent
    recovery", 2019.
    """
    train, held_out = (independent(rows, ROWS).x for rows in (sets.train, sets.held_out))
    found = recovery(_inverter(generator, sets.seed), train, held_out)
    one = membership(-found.train, -found.held_out)
    network = ("generator", weights_digest(generator.network))
    return membership_score(sets, "recovery_membership", one, network)


def _inverter(generator: PortableGenerator, seed: int) -> "partial[Inversion]":
    def decode(z: Tensor) -> Tensor:
        made: Tensor = generator.network(z, None)
        return made

    return partial(
        invert, decode, generator.prior, restarts=RESTARTS, steps=STEPS, polish=POLISH, seed=seed
    )
