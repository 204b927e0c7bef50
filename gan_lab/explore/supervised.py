"""Supervised directions: where a label or a measured attribute of the output grows fastest.

Source: Shen et al. 2020, "Interpreting the latent space of GANs" (InterFaceGAN), sec. 3.2: the
normal of a linear boundary; and its sec. 3.3 for conditional directions.
"""

import warnings
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from scipy.special import ndtri
from scipy.stats import rankdata
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_score
from torch import Tensor

from gan_lab.errors import UserError

LEAST = 50
FOLDS = 5
PENALTIES = tuple(np.logspace(-2, 4, 13))


@dataclass(frozen=True, eq=False)
class Boundary:
    """The normal of a fitted linear boundary.

    Attributes:
        vector: Unit vector along which the target grows, `(d,)` in float64.
        score: Cross-validated: R^2 of the target's normal scores, or balanced accuracy of labels.
        used: Number of samples with a finite target.
    """

    vector: Float[Tensor, " d"]
    score: float
    used: int


def attribute_boundary(
    z: Float[Tensor, "n d"], value: Float[Tensor, " n"], group: Int[Tensor, " n"] | None = None
) -> Boundary:
    """Ridge regression of an attribute on the latents; its coefficients are the direction.

    The attribute is replaced by its normal scores within each group, so that outliers do not rule
    and what the label alone decides does not blur the rest. Samples without a value (NaN) are left
    out.

    Args:
        z: Latents, `(n, d)`.
        value: The attribute of each latent's sample, `(n,)`.
        group: Samples of one label share a number, `(n,)`; None: all are one group.

    Raises:
        UserError: If fewer than 50 samples have a value, or all have the same.
    """
    rows, target = _finite(z, value)
    if float(np.ptp(target)) == 0:
        raise UserError("the attribute is the same in all samples; there is nothing to follow")
    known = torch.zeros(len(z)) if group is None else group.cpu()
    scores = _normal_scores(target, known[value.cpu().isfinite()].numpy())
    model = RidgeCV(PENALTIES).fit(rows, scores)
    folds = KFold(FOLDS, shuffle=True, random_state=0)
    r2 = cross_val_score(RidgeCV(PENALTIES), rows, scores, cv=folds, scoring="r2").mean()
    return Boundary(_unit(model.coef_), float(r2), len(rows))


def label_boundary(z: Float[Tensor, "n d"], member: Bool[Tensor, " n"]) -> Boundary:
    """Logistic regression of membership on the latents, both sides weighing alike.

    Args:
        z: Latents, `(n, d)`.
        member: Whether each latent's sample belongs, `(n,)`.

    Raises:
        UserError: If there are fewer than 50 samples, or fewer than 5 on one side.
    """
    rows, target = _finite(z, member.double())
    least = int(min(target.sum(), len(target) - target.sum()))
    if least < FOLDS:
        raise UserError(f"only {least} samples on one side of the label; use a larger n")
    model = LogisticRegression(class_weight="balanced", max_iter=2000)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        right = cross_val_score(model, rows, target, cv=folds, scoring="balanced_accuracy").mean()
        model.fit(rows, target)
    return Boundary(_unit(model.coef_[0]), float(right), len(rows))


def conditional(vector: Float[Tensor, " d"], others: Float[Tensor, "k d"]) -> Float[Tensor, " d"]:
    r"""The part of a vector that leaves others alone, $v - B^\top (B B^\top)^{-1} B v$, unit norm.

    Args:
        vector: v, `(d,)`.
        others: B, one direction per row, `(k, d)`; they may depend on each other.

    Raises:
        UserError: If nothing is left.

    Source: Shen et al. 2020, sec. 3.3.
    """
    v, b = vector.double(), others.double()
    left = v - torch.linalg.pinv(b) @ (b @ v)
    if left.norm() < 1e-6 * v.norm():
        raise UserError("the direction lies in the span of the given ones; nothing is left of it")
    rest: Tensor = left / left.norm()
    return rest


def _normal_scores(target: np.ndarray, group: np.ndarray) -> np.ndarray:
    scores = np.zeros(len(target))
    for one in np.unique(group):
        rank = rankdata(target[group == one])
        scores[group == one] = ndtri((rank - 0.5) / len(rank))
    return scores


def _finite(z: Tensor, value: Tensor) -> tuple[np.ndarray, np.ndarray]:
    known = value.isfinite()
    if int(known.sum()) < LEAST:
        raise UserError(f"{int(known.sum())} samples have a value; expected {LEAST} or more")
    return z[known].double().cpu().numpy(), value[known].double().cpu().numpy()


def _unit(coefficients: np.ndarray) -> Float[Tensor, " d"]:
    vector = torch.from_numpy(np.asarray(coefficients, dtype=np.float64))
    if not vector.norm() > 0:
        raise UserError("the attribute does not depend on the latent; there is nothing to follow")
    return torch.nn.functional.normalize(vector, dim=0)
