"""Adversarial objectives: one file each, symmetric in critic and generator.

Every file holds two pure functions, `critic` and `generator`. Both take the critic's logits on real
and on fake samples, keyword-only, shape `(b,)`, and return one loss per sample, shape `(b,)`, to be
minimised. The generator sees the real logits too, since relativistic losses need them.
"""

from gan_lab.objectives.objective import Objective as Objective

__all__ = ["Objective"]
