"""Disentanglement: does each code move one known factor, and each factor one code?

Codes are what the directions read, $c = V z$; factors are known numbers of each sample, such as
those that a simulator drew or an attribute of the output. The scores order sets of directions of
one generator; between data sets they do not compare.
"""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from scipy.stats import rankdata
from sklearn.linear_model import LassoCV
from sklearn.metrics import mutual_info_score
from torch import Tensor

from gan_lab.errors import UserError

BINS = 20
LEAST = 200


@dataclass(frozen=True, eq=False)
class DCI:
    """Disentanglement, completeness, informativeness.

    Attributes:
        disentanglement: 1 where each code matters for one factor alone, 0 for all alike.
        completeness: 1 where each factor depends on one code alone, 0 on all alike.
        informativeness: Mean R^2 of the factors on rows that were not fitted.
        importance: Size of each code's coefficient for each factor, `(k, m)`.
    """

    disentanglement: float
    completeness: float
    informativeness: float
    importance: Float[Tensor, "k m"]


def mutual_information_gap(codes: Float[Tensor, "n k"], factors: Float[Tensor, "n m"]) -> float:
    r"""$\frac1m \sum_j (I(c_{(1)}; f_j) - I(c_{(2)}; f_j)) / H(f_j)$, in [0, 1].

    (1) and (2) are the codes that tell most about factor j. Codes and factors are cut into 20
    bins that hold equally many samples; factors with few values keep these.

    Args:
        codes: Two or more codes, `(n, k)`.
        factors: Known factors, `(n, m)`.

    Raises:
        UserError: If there are too few rows or codes, or a factor is constant.

    Source: Chen et al. 2018, "Isolating sources of disentanglement in VAEs", eq. 6.
    """
    c, f = _checked(codes, factors)
    if c.shape[1] < 2:
        raise UserError("a gap needs two codes or more")
    code_bins, factor_bins = _bins(c), _bins(f)
    gaps = []
    for factor in factor_bins.T:
        found = sorted(mutual_info_score(factor, code) for code in code_bins.T)
        gaps.append((found[-1] - found[-2]) / mutual_info_score(factor, factor))
    return float(np.mean(gaps))


def dci(codes: Float[Tensor, "n k"], factors: Float[Tensor, "n m"]) -> DCI:
    r"""Scores of the importance matrix $R_{ij} = |w_{ij}|$ of one lasso per factor.

    Disentanglement of code i is $1 - H_m(R_{i\cdot} / \sum_j R_{ij})$, entropy to base m; the mean
    weighs codes by $\sum_j R_{ij}$. Completeness is the same by columns, each factor alike. All
    are standardised first; every second row is kept for informativeness.

    Args:
        codes: Codes, `(n, k)`.
        factors: Known factors, `(n, m)`.

    Raises:
        UserError: If there are too few rows, or a factor is constant.

    Source: Eastwood and Williams 2018, "A framework for the quantitative evaluation of
    disentangled representations", sec. 2.
    """
    c, f = (_standard(values) for values in _checked(codes, factors))
    models = [LassoCV(alphas=20, cv=4).fit(c[::2], target) for target in f[::2].T]
    importance = np.abs(np.stack([model.coef_ for model in models], 1))
    score = [model.score(c[1::2], target) for model, target in zip(models, f[1::2].T, strict=True)]
    weight = importance.sum(1)
    each = 1 - _entropy(importance)
    total = weight.sum()
    return DCI(
        float((each * weight).sum() / total) if total > 0 else 0.0,
        float(np.mean(1 - _entropy(importance.T))),
        float(np.mean(score)),
        torch.from_numpy(importance),
    )


def _entropy(rows: np.ndarray) -> np.ndarray:
    """Entropy of each row as a distribution, to the base of its length; 1 for a zero row."""
    if rows.shape[1] == 1:
        return np.zeros(len(rows))
    total = rows.sum(1, keepdims=True)
    p = np.divide(rows, total, out=np.full_like(rows, 1 / rows.shape[1]), where=total > 0)
    terms = p * np.log(p, out=np.zeros_like(p), where=p > 0)
    entropy: np.ndarray = -terms.sum(1) / np.log(rows.shape[1])
    return entropy


def _bins(values: np.ndarray) -> np.ndarray:
    share = (rankdata(values, axis=0) - 0.5) / len(values)
    bins: np.ndarray = (share * BINS).astype(int)
    return bins


def _standard(values: np.ndarray) -> np.ndarray:
    spread = values.std(0)
    standard: np.ndarray = (values - values.mean(0)) / np.where(spread > 0, spread, 1)
    return standard


def _checked(codes: Tensor, factors: Tensor) -> tuple[np.ndarray, np.ndarray]:
    known = factors.isfinite().all(1)
    if int(known.sum()) < LEAST:
        raise UserError(f"{int(known.sum())} samples have all factors; expected {LEAST} or more")
    f = factors[known].double().cpu().numpy()
    if (np.ptp(f, axis=0) == 0).any():
        raise UserError(f"factor {int((np.ptp(f, axis=0) == 0).argmax()) + 1} is constant")
    return codes[known].double().cpu().numpy(), f
