"""How much the folds agree in what they rank high."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

Floats = NDArray[np.float64]


def ranks_of(values: Floats) -> Floats:
    """Rank (f, g) of each of g groups in each of f folds: 1 is the largest, ties share a mean."""
    return np.asarray(rankdata(-values, axis=1), np.float64)


def rank_agreement(values: Floats) -> dict[str, Any]:
    """Mean Spearman correlation over all pairs of folds; a description, without an interval.

    Folds share training patients, so that even importances of noise agree a little: what
    the same figure is for permuted outcomes belongs beside it.

    Parameters
    ----------
    values : float64 array (f, g)
        Importances of g groups in f folds.

    Returns
    -------
    dict
        ``value`` (-1 to 1) and ``folds`` that have it, or the ``reason`` for none.

    Examples
    --------
    >>> import numpy as np
    >>> rank_agreement(np.array([[3.0, 2.0, 1.0], [9.0, 5.0, 4.0]]))
    {'value': 1.0, 'folds': 2}
    """
    if values.ndim != 2 or values.shape[1] < 2:
        return {"reason": "fewer than two groups are used by any model"}
    told = values[np.ptp(values, axis=1) > 0]
    if len(told) < 2:
        return {"reason": "fewer than two folds tell the groups apart"}
    ranks = ranks_of(told)
    centred = ranks - ranks.mean(axis=1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).sum(axis=1, keepdims=True))
    both = scaled @ scaled.T
    pairs = both[np.triu_indices(len(told), 1)]
    return {"value": float(np.round(pairs.mean(), 12)), "folds": len(told)}
