"""Does anything tell training rows from rows that training never saw?"""

from collections.abc import Callable

import torch
from torch import Tensor

from gan_lab.data.samples import Samples
from gan_lab.errors import UserError
from gan_lab.evaluation.distances import Meaning
from gan_lab.evaluation.repeats import Repeated
from gan_lab.evaluation.score import Score
from gan_lab.evaluation.scored import score_of
from gan_lab.evaluation.sets import Sets, independent
from gan_lab.evaluation.views import plain_look
from gan_lab.metrics.features.flatten import Flatten
from gan_lab.metrics.membership import Membership, black_box_membership, membership
from gan_lab.types import Label

MOST = 2000
BATCH = 256
Critic = Callable[[Tensor, Label | None], Tensor]
MEANING = Meaning("novel", "lower", "values", most=1.0)


def membership_scores(sets: Sets, critic: Critic | None) -> list[Score]:
    """Area under the curve of training against held-out rows, by samples and by the critic.

    Args:
        sets: The rows.
        critic: Rows and labels to logits, higher for real; None if it is not known.
    """
    train, held_out = (independent(rows, MOST) for rows in (sets.train, sets.held_out))
    if min(len(train), len(held_out)) < 2:
        return []
    look = plain_look(sets.spec)
    black_box = black_box_membership(
        train=look(train.x), held_out=look(held_out.x), fake=look(sets.fake.x)
    )
    found = [membership_score(sets, "black_box_membership", black_box, ("values", Flatten.digest))]
    if critic is not None:
        logits = (_logits(critic, rows) for rows in (train, held_out))
        found.append(
            membership_score(
                sets, "critic_membership", membership(*logits), ("critic", Flatten.digest)
            )
        )
    return found


def membership_score(sets: Sets, name: str, one: Membership, evaluator: tuple[str, str]) -> Score:
    """An area under the curve as a score; its floor is chance."""
    repeated = Repeated(
        value=one.auc,
        interval=(one.low, one.high),
        floor=0.5,
        floor_interval=(0.5 - one.chance, 0.5 + one.chance),
        n=min(one.n_train, one.n_held_out),
        drift=None,
    )
    split = f"{one.n_train:,} training against {one.n_held_out:,} held-out rows"
    return score_of(sets, name, repeated, MEANING, evaluator, split)


@torch.no_grad()
def _logits(critic: Critic, rows: Samples) -> Tensor:
    x = torch.split(rows.x, BATCH)
    label = [None] * len(x) if rows.label is None else torch.split(rows.label, BATCH)
    parts = [critic(part, on).flatten().float().cpu() for part, on in zip(x, label, strict=True)]
    logits = torch.cat(parts)
    if len(logits) != len(rows):
        raise UserError(f"the critic gives {len(logits)} logits for {len(rows)} rows")
    return logits
