"""Area under the ROC curve of out-of-fold scores, with its interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri
from scipy.stats import rankdata

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class AreaUnderCurve:
    """An area under the ROC curve.

    Parameters
    ----------
    value : float
        Area; for more than two classes the mean of one class against the rest.
    lower, upper : float
        Normal interval from the standard error, within 0 and 1.
    standard_error : float
        From the placement values (DeLong 1988).
    """

    value: float
    lower: float
    upper: float
    standard_error: float

    def __str__(self) -> str:
        return f"{self.value:.2f} ({self.lower:.2f} to {self.upper:.2f})"


def area_under_curve(
    codes: Codes, scores: Floats, folds: Codes, *, confidence: float = 0.95
) -> AreaUnderCurve:
    """Area and interval of scores, averaged over repeats of cross-validation.

    Cases are compared within their fold only: scores of different folds come from different
    models, and comparing those pulls the area down. The variance is that of a single repeat, as
    repeats bring no new cases: where training folds overlap it still is somewhat small.

    Parameters
    ----------
    codes : array of int, shape (cases,)
        Class of each case, 0 to classes - 1, two cases of each at least.
    scores : array, shape (repeats, cases, classes)
        Out-of-fold scores; higher for the class more likely.
    folds : array of int, shape (repeats, cases)
        Fold that each case was scored in; each holds two classes at least.
    confidence : float
        Coverage of the interval.

    References
    ----------
    DeLong, DeLong, Clarke-Pearson, Biometrics 1988;44:837-845, which is the case of one fold.
    """
    classes = int(codes.max()) + 1
    positives = [1] if classes == 2 else list(range(classes))
    areas, variances = [], []
    for repeat, fold in zip(scores, folds, strict=True):
        compared = [_compared(codes == k, repeat[:, k], fold) for k in positives]
        areas.append(np.mean([area for area, _ in compared]))
        variances.append((np.mean([added for _, added in compared], axis=0) ** 2).sum())
    value, error = float(np.mean(areas)), float(np.sqrt(np.mean(variances)))
    reach = float(ndtri(0.5 + confidence / 2)) * error
    return AreaUnderCurve(value, max(0.0, value - reach), min(1.0, value + reach), error)


def _compared(
    positive: npt.NDArray[np.bool_], scores: Floats, folds: Codes
) -> tuple[float, Floats]:
    """Area over pairs of a fold, and what each case adds; the sum of squares is the variance."""
    won, pairs = np.zeros(len(scores)), np.zeros(len(scores))
    for fold in np.unique(folds):
        for group in (positive, ~positive):
            inside = np.flatnonzero((folds == fold) & group)
            others = int(((folds == fold) & ~group).sum())
            together = rankdata(scores[folds == fold])[group[folds == fold]]
            # Rank among all less rank among its own: opponents below, a tie being a half.
            won[inside] = together - rankdata(scores[inside])
            pairs[inside] = others
    total = pairs[positive].sum()
    area = float(won[positive].sum() / total)
    won[~positive] = pairs[~positive] - won[~positive]
    contribution = (won - area * pairs) / total
    for group in (positive, ~positive):
        size = int(group.sum())
        # n - 1 in place of n, as in the sample variance of the placements.
        contribution[group] *= np.sqrt(size / (size - 1))
    return area, contribution
