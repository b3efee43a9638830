"""Whether a change is larger than what repeated scans of an unchanged lesion differ by.

The repeatability coefficient RC = 2.77 wSD is the 95 % limit of the difference of two
measurements, so it is compared with a difference as it is: the factor √2 is in it. For
features whose error grows with their size the share 2.77 wCV is compared with the difference
as a share of the mean of the two values (terms of QIBA).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radiome.base.errors import UserError, nearest_name
from radiome.model.outcome_reading import numbers, read_table, require_column

Floats = NDArray[np.float64]

#: 1.96 √2, rounded as in the definition of the repeatability coefficient.
FACTOR = 2.77

#: Columns that give a limit: whether it is a share, and what it is multiplied with.
_GIVEN = {
    "rc": (False, 1.0),
    "wsd": (False, FACTOR),
    "rc_relative": (True, 1.0),
    "wcv": (True, FACTOR),
}

WITHIN, UP, DOWN = "within_repeatability", "increase", "decrease"


@dataclass(frozen=True, slots=True)
class Limit:
    """Smallest detectable change of a feature.

    Parameters
    ----------
    size : float
        In units of the feature, or as a share of the mean of both values.
    share : bool
        Which of the two.
    """

    size: float
    share: bool

    def wsd(self) -> float | None:
        """Within-subject standard deviation in units of the feature; None for a share."""
        return None if self.share else self.size / FACTOR


def read_limits(path: str | Path, features: Sequence[str]) -> dict[str, Limit]:
    """Read a CSV file with a column ``feature`` and one or more of rc, wsd, rc_relative, wcv.

    Parameters
    ----------
    path : path
        One row per feature; one of the columns is filled in each row. ``wsd`` and ``wcv``
        are multiplied by 2.77. Shares are shares, not per cent.
    features : sequence of str
        Features of the table of changes; others in the file are left alone.

    Raises
    ------
    UserError
        If no limit is given or more than one, a limit is not above 0, a feature is there
        twice, or none of the features is.
    """
    where = str(path)
    frame = read_table(path, what="repeatability table")
    require_column(frame, "feature", where=where, why="the name of the feature")
    given = [name for name in _GIVEN if name in frame]
    if not given:
        raise UserError(
            "the repeatability table has no column of limits",
            where=where,
            expected="one of " + ", ".join(_GIVEN),
            got=", ".join(map(str, frame.columns)),
        )
    found = _limits(frame, given, where)
    known = {name: found[name] for name in features if name in found}
    if not known:
        near = nearest_name(str(frame["feature"].iloc[0]), features) if len(frame) else None
        raise UserError(
            "the repeatability table names no feature of this table",
            where=where,
            expected="names as in the feature table",
            got=", ".join(frame["feature"].head(3)),
            do=f"did you mean '{near}'?" if near else None,
        )
    return known


def _limits(frame: pd.DataFrame, given: Sequence[str], where: str) -> dict[str, Limit]:
    cells = np.column_stack(
        [numbers(frame[name], what=f"column '{name}'", where=where) for name in given]
    )
    found: dict[str, Limit] = {}
    for row, (name, values) in enumerate(zip(frame["feature"], cells, strict=True)):
        filled = np.flatnonzero(np.isfinite(values)).tolist()
        place = f"{where}, row {row + 2}"
        if name in found:
            raise UserError(f"feature '{name}' is in the repeatability table twice", where=place)
        if len(filled) != 1 or values[filled[0]] <= 0:
            raise UserError(
                f"the repeatability of '{name}' is not clear",
                where=place,
                expected=f"one number above 0 in one of {', '.join(given)}",
                got=", ".join(f"{given[at]} {values[at]:g}" for at in filled) or "none",
            )
        share, factor = _GIVEN[given[filled[0]]]
        found[name] = Limit(float(values[filled[0]]) * factor, share)
    return found


def mark(before: Floats, after: Floats, limit: Limit) -> list[str]:
    """Call each change an increase, a decrease, or within repeatability.

    Parameters
    ----------
    before, after : array of float, shape (pairs,)
        Values; NaN where there is none.
    limit : Limit
        A change up to it is within repeatability.

    Returns
    -------
    list of str
        Empty where a value is missing, or for a share where the values differ in sign or
        both are 0.

    Examples
    --------
    >>> mark(np.array([10.0, 10.0]), np.array([12.0, 14.0]), Limit(3.0, share=False))
    ['within_repeatability', 'increase']
    """
    difference = after - before
    unit = np.ones_like(difference)
    if limit.share:
        unit = np.abs(before + after) / 2
        unit[(np.sign(before) * np.sign(after) < 0) | (unit == 0)] = np.nan
    words = np.select(
        [
            np.isnan(difference) | np.isnan(unit),
            np.abs(difference) <= limit.size * unit,
            difference > 0,
        ],
        ["", WITHIN, UP],
        DOWN,
    )
    return [str(word) for word in words]


def summary(marks: dict[str, list[str]], features: int) -> dict[str, Any]:
    """Counts for the record: of 20 unchanged lesions one is beyond its limit by chance."""
    words = [word for column in marks.values() for word in column if word]
    return {
        "features_with_limit": len(marks),
        "features_without": features - len(marks),
        "changes_marked": len(words),
        **{word: words.count(word) for word in (WITHIN, UP, DOWN)},
        "expected_beyond_without_change": 0.05,
    }
