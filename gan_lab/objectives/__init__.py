"""Objectives: what the players minimise, one file each.

Most files hold two pure functions, `critic` and `generator`. Both take the critic's logits on real
and on fake samples, keyword-only, shape `(b,)`, and return one loss per sample, shape `(b,)`, to be
minimised. The generator sees the real logits too, since relativistic losses need them. `f_gan` and
`began` build the pair. `mmd`, `energy_distance` and `sinkhorn` compare samples without a critic.
"""

from gan_lab.objectives.objective import Loss as Loss
from gan_lab.objectives.objective import Objective as Objective
from gan_lab.objectives.objective import SampleLoss as SampleLoss

__all__ = ["Loss", "Objective", "SampleLoss"]
