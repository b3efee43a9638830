"""Rows that are the same scan under two names."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: Features that must agree for two rows to be taken for the same scan.
_SHARE = 0.9

#: Difference that counts as agreement, as a share of a feature's standard deviation.
_CLOSE = 1e-3

#: With fewer features than this, equal rows are too likely to arise by chance.
MINIMUM_FEATURES = 8


def alike(features: NDArray[np.float64], patients: NDArray[np.str_]) -> list[tuple[str, str]]:
    """Pairs of patients with rows that agree in nearly all features.

    Parameters
    ----------
    features : float64 array (n, p)
        Features; constant ones say nothing and do not count.
    patients : str array (n,)
        Patient of each row; rows of one patient are not compared.

    Returns
    -------
    list of (str, str)
        Each pair once, in order of name; empty if fewer than `MINIMUM_FEATURES` vary or
        if the features take few values, such as scores.
    """
    spread = _spread(features)
    varying = features[:, (spread > 0) & _continuous(features)]
    if varying.shape[1] < MINIMUM_FEATURES:
        return []
    scaled = varying / spread[(spread > 0) & _continuous(features)]
    found = set()
    for i in range(len(scaled) - 1):
        gap = np.abs(scaled[i + 1 :] - scaled[i])
        both = np.isfinite(gap)
        agree = (gap <= _CLOSE) & both
        counted = both.sum(axis=1)
        same = (counted >= MINIMUM_FEATURES) & (agree.sum(axis=1) >= _SHARE * counted)
        for j in np.flatnonzero(same) + i + 1:
            if patients[i] != patients[j]:
                low, high = sorted((str(patients[i]), str(patients[j])))
                found.add((low, high))
    return sorted(found)


def _spread(features: NDArray[np.float64]) -> NDArray[np.float64]:
    given = np.isfinite(features)
    count = np.maximum(given.sum(axis=0), 1)
    mean = np.where(given, features, 0).sum(axis=0) / count
    square = np.where(given, (features - mean) ** 2, 0).sum(axis=0) / count
    spread: NDArray[np.float64] = np.sqrt(square)
    return spread


def _continuous(features: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Features whose values are mostly distinct; scores and counts agree by chance."""
    distinct = np.array([np.unique(column[np.isfinite(column)]).size for column in features.T])
    mostly: NDArray[np.bool_] = distinct >= 0.5 * np.isfinite(features).sum(axis=0)
    return mostly
