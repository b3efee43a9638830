"""Time points of scans: numbers as they are, dates in days."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import UserError

Floats = NDArray[np.float64]

_EXPECTED = "numbers (12, -3, 0.5) or dates as in ISO 8601 (2024-01-31, 2024-01-31T10:30, 20240131)"
_SECONDS = 86400.0
#: Eight digits within these years are a date without hyphens, as in DICOM, not a number.
_YEARS = range(1900, 2101)


@dataclass(frozen=True, slots=True, eq=False)
class TimePoints:
    """When each row was scanned.

    Parameters
    ----------
    values : array of float, shape (rows,)
        Days since 1 January 1970 for dates, else the numbers of the column.
    texts : tuple of str
        As they were written.
    unit : str
        Unit of differences of `values`.
    dates : bool
        Whether they are dates.
    """

    values: Floats
    texts: tuple[str, ...]
    unit: str
    dates: bool

    def value_of(self, text: str, *, what: str) -> float:
        """A time point that a user names, on the same scale.

        Raises
        ------
        UserError
            If it is no date among dates, or no number among numbers.
        """
        found = _as_date(text) if self.dates else _as_number(text)
        if found is None:
            raise UserError(
                f"{what} is not a time point of this table",
                expected="a date such as 2024-01-31" if self.dates else "a number",
                got=text,
            )
        return found


def read_time_points(cells: Sequence[str], column: str, *, where: str) -> TimePoints:
    """Read a column of time points, all dates or all numbers.

    Parameters
    ----------
    cells : sequence of str
        One per row, none of them empty.
    column : str
        Its name.
    where : str
        Where the table came from, for messages.

    Raises
    ------
    UserError
        For the first cell that is neither, or if dates and numbers, or times with and
        without a time zone, are mixed.

    Examples
    --------
    >>> points = read_time_points(["2024-01-31", "2024-02-29"], "date", where="scans.csv")
    >>> float(points.values[1] - points.values[0]), points.unit
    (29.0, 'day')
    """
    dates = [_as_date(cell) for cell in cells]
    if all(date is not None for date in dates):
        _refuse_mixed_zones(cells, column, where)
        days = np.array(dates, dtype=np.float64)
        return TimePoints(days, tuple(cells), "day", dates=True)
    numbers = [_as_number(cell) for cell in cells]
    for row, (cell, date, number) in enumerate(zip(cells, dates, numbers, strict=True)):
        if date is None and number is None:
            raise UserError(
                f"time point '{cell}' cannot be read",
                where=f"{where}, column '{column}', row {row + 2}",
                expected=_EXPECTED,
                got=f"'{cell}'",
                do="write the days since the first scan, or the date of the scan, in each row",
            )
    if any(date is not None for date in dates):
        raise UserError(
            "dates and numbers are mixed among the time points",
            where=f"{where}, column '{column}'",
            expected="either dates or numbers in all rows",
            got=", ".join(_one_of_each(cells, dates)),
            do="write all time points in the same way",
        )
    values = np.array(numbers, dtype=np.float64)
    return TimePoints(values, tuple(cells), f"as in column '{column}'", dates=False)


def _one_of_each(cells: Sequence[str], dates: Sequence[float | None]) -> list[str]:
    is_date = [date is not None for date in dates]
    return [f"'{cells[is_date.index(True)]}'", f"'{cells[is_date.index(False)]}'"]


def _as_number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in text else None


def _as_datetime(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    compact = re.fullmatch("[0-9]+", text)
    return None if compact and moment.year not in _YEARS else moment


def _as_date(text: str) -> float | None:
    moment = _as_datetime(text)
    if moment is None:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() / _SECONDS


def _refuse_mixed_zones(cells: Sequence[str], column: str, where: str) -> None:
    moments = [moment for cell in cells if (moment := _as_datetime(cell)) is not None]
    zoned = [moment.tzinfo is not None for moment in moments]
    if any(zoned) and not all(zoned):
        raise UserError(
            "time points with and without a time zone are mixed",
            where=f"{where}, column '{column}'",
            expected="a time zone in all rows or in none",
            got=f"'{cells[zoned.index(True)]}', '{cells[zoned.index(False)]}'",
        )
