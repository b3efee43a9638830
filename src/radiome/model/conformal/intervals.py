"""Intervals of numbers by CV+ (cross-conformal prediction for regression).

For patient i and calibrating patients j, n of them, with R_j the absolute error of the model
without the fold of j and m_j(i) what that model predicts for i, the interval goes from the
⌊α (n + 1)⌋-th smallest m_j(i) − R_j to the ⌈(1 − α)(n + 1)⌉-th smallest m_j(i) + R_j. It is not
bounded where n is too small for α.

Source: Barber, Candès, Ramdas and Tibshirani, Ann Stat 2021; 49:486, section 3.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

#: What decimals of a level leave behind is no reason to count a patient more.
_ROUNDING = 1e-9


def cv_plus_intervals(
    values: Floats, scores: Floats, folds: Rows, level: float
) -> tuple[Floats, Floats]:
    """Interval of every patient, calibrated by the patients of all other folds.

    Parameters
    ----------
    values : float64 array (m,)
        True values.
    scores : float64 array (K, m)
        As in `TwiceLeftOut`: of models that saw neither fold l nor the patient's own fold.
    folds : int64 array (m,)
        Fold of each patient.
    level : float
        Level 1 − α.

    Returns
    -------
    float64 arrays (m,), (m,)
        Lower and upper limits; minus and plus infinity where there is none.
    """
    lower, upper = np.empty(len(values)), np.empty(len(values))
    for fold in np.unique(folds):
        rows, others = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
        error = np.abs(values[others] - scores[fold, others])
        middle = scores[np.ix_(folds[others], rows)]
        lower[rows], upper[rows] = limits(middle, error, level)
    return lower, upper


def limits(middle: Floats, error: Floats, level: float) -> tuple[Floats, Floats]:
    """Limits (r,) for r patients.

    Parameters
    ----------
    middle : float64 array (n, r)
        What the model of each calibrating patient predicts for the r patients.
    error : float64 array (n,)
        Absolute errors of the calibrating patients.
    level : float
        Level 1 − α.
    """
    n = len(error)
    place = math.ceil(level * (n + 1) - _ROUNDING)
    if place > n:
        unbounded = np.full(middle.shape[1], np.inf)
        return -unbounded, unbounded
    # The k-th smallest from below is the mirror image of the one from above.
    upper = np.sort(middle + error[:, None], axis=0)[place - 1]
    lower = np.sort(middle - error[:, None], axis=0)[n - place]
    return lower, upper
