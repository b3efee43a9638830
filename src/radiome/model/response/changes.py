"""Changes of a feature between two scans, with a reason wherever a change is not defined.

| kind | formula | defined where |
|---|---|---|
| absolute | f1 - f0 | both are known |
| relative | (f1 - f0) / abs(f0) | f0 is not 0 and f1 has not the opposite sign |
| rate | (f1 - f0) / (t1 - t0) | both are known |
| log_ratio | ln(f1 / f0) | both are above 0 |

A relative change divides by the size of the baseline, so that it is positive where the
feature has grown, for features below 0 too. Through 0 it would jump, and has no meaning.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radiome.model.response.options import ChangeKind

Floats = NDArray[np.float64]

#: Reasons by code; 0 stands for a value. The first two are told with more detail in tables.
REASONS = (
    "",
    "there is no value at baseline",
    "there is no value at follow-up",
    "the value at baseline is 0",
    "the value changes its sign",
    "a value is 0 or below, and has no logarithm",
    "the change is beyond the range of numbers",
)
NO_BASELINE, NO_FOLLOW_UP = 1, 2
_ZERO, _SIGN, _NOT_POSITIVE, _RANGE = 3, 4, 5, 6


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """Changes of one kind.

    Parameters
    ----------
    values : array of float, shape (pairs, features)
        NaN where a change is not defined.
    codes : array of int, shape (pairs, features)
        Why: an index into `REASONS`, 0 where there is a value.
    """

    values: Floats
    codes: NDArray[np.int8]


def changes(kind: ChangeKind, before: Floats, after: Floats, interval: Floats) -> Changes:
    """Changes of one kind for all pairs of scans and all features.

    Parameters
    ----------
    kind : {"absolute", "relative", "rate", "log_ratio"}
        See the table above.
    before, after : array of float, shape (pairs, features)
        f0 and f1; NaN where not measured.
    interval : array of float, shape (pairs,)
        t1 - t0, above 0.

    Examples
    --------
    >>> found = changes("relative", np.array([[-4.0, 0.0]]), np.array([[-3.0, 1.0]]), np.ones(1))
    >>> found.values, REASONS[found.codes[0, 1]]
    (array([[0.25,  nan]]), 'the value at baseline is 0')
    """
    codes = np.zeros(before.shape, np.int8)
    if kind == "relative":
        # Signs, not values, are multiplied: the product of tiny values is 0.
        codes[np.sign(before) * np.sign(after) < 0] = _SIGN
        codes[before == 0] = _ZERO
    elif kind == "log_ratio":
        codes[(before <= 0) | (after <= 0)] = _NOT_POSITIVE
    codes[np.isnan(after)] = NO_FOLLOW_UP
    codes[np.isnan(before)] = NO_BASELINE
    values = np.full(before.shape, np.nan)
    fine = codes == 0
    spans = np.broadcast_to(interval[:, None], before.shape)
    with np.errstate(over="ignore", invalid="ignore"):
        values[fine] = _formula(kind, before[fine], after[fine], spans[fine])
    beyond = fine & ~np.isfinite(values)
    values[beyond], codes[beyond] = np.nan, _RANGE
    return Changes(values, codes)


def _formula(kind: ChangeKind, before: Floats, after: Floats, interval: Floats) -> Floats:
    if kind == "log_ratio":
        # The logarithms apart: the ratio itself may leave the range of numbers.
        return np.asarray(np.log(after) - np.log(before))
    difference = after - before
    if kind == "relative":
        return np.asarray(difference / np.abs(before))
    return np.asarray(difference / interval) if kind == "rate" else difference
