"""Outcomes from the cells of a table, with a message for every cell that will not do."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radiome.base.counting import counted
from radiome.base.errors import UserError, nearest_name
from radiome.model.outcomes import SURVIVAL, Outcome, OutcomeOptions
from radiome.model.text_table import read_table as read_table

#: Cells that say that a time ended without any event, beside 0.
_CENSORED = ("false", "no", "censored", "alive")

_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+(?:[eE][+-]?\d+)?")

_MISSING = ("", "?", "na", "nan", "none", "null", "n/a", "not available", "unknown", ".")


def make_outcome(frame: pd.DataFrame, options: OutcomeOptions, *, where: str) -> Outcome:
    """Read an outcome from the cells of a table.

    Parameters
    ----------
    frame : DataFrame
        One row per patient; cells as text, or numbers.
    options : OutcomeOptions
        What to read.
    where : str
        Where the table came from, for messages.

    Raises
    ------
    UserError
        If a column is missing, a cell cannot be read as what the kind needs, or the
        outcome does not vary.
    """
    for column in options.columns:
        require_column(frame, column, where=where, why=f"outcome '{options.name}'")
    frame = frame.assign(**{column: as_text(frame[column]) for column in options.columns})
    if options.kind == "survival":
        return _survival(frame, options, where)
    cells = frame[options.columns[0]]
    if options.kind in ("continuous", "count"):
        return _numeric(cells, options, where)
    return _classes(cells, options, where)


def require_column(frame: pd.DataFrame, column: str, *, where: str, why: str) -> None:
    """Raise `UserError` naming the nearest column if `column` is not in the table."""
    if column in frame.columns:
        return
    near = nearest_name(column, [str(name) for name in frame.columns])
    raise UserError(
        f"the table has no column '{column}', needed for {why}",
        where=where,
        expected="one of " + ", ".join(map(str, frame.columns[:30])),
        do=f"did you mean '{near}'?" if near else "add the column, or correct the plan",
    )


def is_missing(cells: pd.Series) -> NDArray[np.bool_]:
    """Which cells say that nothing is known (n,)."""
    return np.asarray(as_text(cells).str.lower().isin(_MISSING), dtype=np.bool_)


def as_text(cells: pd.Series) -> pd.Series:
    """Cells as a CSV file would hold them: whole numbers without decimals, gaps empty.

    A column that the cohort table brought along holds numbers.
    """
    if not pd.api.types.is_numeric_dtype(cells):
        return cells.where(cells.notna(), "").astype(str)
    whole = [value == value and float(value).is_integer() for value in cells.astype("float64")]
    texts = [
        "" if pd.isna(value) else str(int(value)) if is_whole else repr(float(value))
        for value, is_whole in zip(cells, whole, strict=True)
    ]
    return pd.Series(texts, index=cells.index, name=cells.name, dtype=str)


def numbers(cells: pd.Series, *, what: str, where: str) -> NDArray[np.float64]:
    """Text cells as numbers (n,); NaN where nothing is given.

    Raises
    ------
    UserError
        If a cell holds anything else, with the first such cell. It is named by its patient
        where the cells are indexed by patient, else by the row of the table.
    """
    missing = is_missing(cells)
    found = np.asarray(pd.to_numeric(cells.mask(missing), errors="coerce"), np.float64)
    bad = np.flatnonzero(~np.isfinite(found) & ~missing)
    if bad.size:
        raise UserError(
            f"{what} has cells that are not numbers",
            where=where,
            expected="finite numbers, or empty cells where nothing is known",
            got=_first_of(cells, bad),
            do=_advice(cells.iloc[bad]),
        )
    return found


def _first_of(cells: pd.Series, rows: NDArray[np.int64]) -> str:
    """The first of some cells, where it is, and how many there are beside it."""
    row = int(rows[0])
    if cells.index.name == "patient":
        place = f"of patient '{cells.index[row]}'"
    else:
        place = f"in row {row + 2}"
    more = f", and {rows.size - 1} more" if rows.size > 1 else ""
    return f"'{cells.iloc[row]}' {place}{more}"


def _advice(bad: pd.Series) -> str:
    if bad.map(lambda cell: _DECIMAL_COMMA.fullmatch(cell) is not None).all():
        return "write numbers with a decimal point, not a comma"
    return "correct the cells, leave them empty, or leave the column out of the plan"


def _numeric(cells: pd.Series, options: OutcomeOptions, where: str) -> Outcome:
    values = numbers(cells, what=f"outcome '{options.name}'", where=where)
    known = np.isfinite(values)
    if options.kind == "count" and (values[known] % 1 != 0).any() | (values[known] < 0).any():
        raise UserError(
            f"outcome '{options.name}' is declared a count, but has other numbers",
            where=where,
            expected="whole numbers from 0",
            do="declare it continuous",
        )
    _require_variation(np.unique(values[known]).size, options, where)
    return Outcome(options, values, known)


def _classes(cells: pd.Series, options: OutcomeOptions, where: str) -> Outcome:
    known = ~is_missing(cells)
    names = _class_names(cells[known], options, where)
    code = {name: number for number, name in enumerate(names)}
    if options.kind == "binary" and options.positive is not None:
        values = np.where(_same_value(cells, options.positive), 1, 0)
    else:
        values = np.array([code.get(cell, 0) for cell in cells])
    return Outcome(options, values.astype(np.int64), known, names)


def _class_names(cells: pd.Series, options: OutcomeOptions, where: str) -> tuple[str, ...]:
    present = sorted(set(cells), key=_as_sortable)
    _refuse_spellings(present, options, where)
    _require_variation(len(present), options, where)
    if options.kind == "ordinal" and options.order:
        unknown = [name for name in present if name not in options.order]
        if unknown:
            raise UserError(
                f"outcome '{options.name}' has values that its order does not name",
                where=where,
                expected="one of " + ", ".join(options.order),
                got=", ".join(unknown),
            )
        return tuple(name for name in options.order if name in present)
    if options.kind != "binary":
        return tuple(present)
    if options.positive is not None:
        if not _same_value(cells, options.positive).any():
            raise UserError(
                f"no patient has the positive value of outcome '{options.name}'",
                where=where,
                expected="one of " + ", ".join(present[:10]),
                got=options.positive,
            )
        return (f"not {options.positive}", options.positive)
    if len(present) > 2:
        raise UserError(
            f"outcome '{options.name}' is declared binary, but has {len(present)} values",
            where=where,
            expected="two values",
            got=", ".join(present[:10]),
            do="name the 'positive' one in the plan, or declare it multiclass or ordinal",
        )
    return tuple(present)


def _refuse_spellings(present: Sequence[str], options: OutcomeOptions, where: str) -> None:
    """One value in two spellings would silently become two classes."""
    spelled: dict[str, list[str]] = {}
    for value in present:
        spelled.setdefault(" ".join(value.casefold().split()), []).append(value)
    twice = [" and ".join(f"'{value}'" for value in same) for same in spelled.values() if same[1:]]
    if twice:
        raise UserError(
            f"outcome '{options.name}' has values that differ only in capitals or spaces",
            where=where,
            got=", ".join(twice),
            do="write them in one way",
        )


def _as_sortable(text: str) -> tuple[int, float, str]:
    try:
        return (0, float(text), text)
    except ValueError:
        return (1, 0.0, text)


def _survival(frame: pd.DataFrame, options: OutcomeOptions, where: str) -> Outcome:
    what = f"outcome '{options.name}'"
    times = numbers(frame[str(options.time)], what=f"the time of {what}", where=where)
    cells = frame[str(options.event)]
    known = np.isfinite(times) & ~is_missing(cells)
    if (times[known] <= 0).any():
        raise UserError(
            f"the time of {what} must be positive",
            where=where,
            got=f"{times[known].min():g} in {counted(int((times[known] <= 0).sum()), 'patient')}",
            do="check how times are counted; events at the time of imaging cannot be predicted",
        )
    event = _same_value(cells, options.event_of_interest)
    censored = _same_value(cells, "0") | np.asarray(cells.str.lower().isin(_CENSORED))
    values = np.zeros(len(frame), SURVIVAL)
    values["event"] = event & known
    values["time"] = np.where(known, times, 1.0)
    if not values["event"].any():
        raise UserError(
            f"no patient has the event of {what}",
            where=where,
            expected=f"'{options.event_of_interest}' in column '{options.event}'",
            got=", ".join(sorted(set(cells[known]), key=_as_sortable)[:10]),
            do="name the value that counts in event_of_interest",
        )
    others = sorted(set(cells[known & ~event]), key=_as_sortable)
    if len(others) == 1 and not censored[known].any():
        if "event_of_interest" not in options.model_fields_set:
            _refuse_unclear_censoring(others[0], options, where)
        censored = ~event
    _require_variation(np.unique(times[known]).size, options, where)
    return Outcome(options, values, known, competing=known & ~event & ~censored)


def _refuse_unclear_censoring(other: str, options: OutcomeOptions, where: str) -> None:
    """Two codes of which none says censored: 1 may be the event, or, as in R, censoring."""
    raise UserError(
        f"it is not clear which patients of outcome '{options.name}' are censored",
        where=where,
        expected=f"0 for censored patients in column '{options.event}'",
        got=f"{options.event_of_interest} and {other} alone",
        do="write 0 for censored patients, or say in event_of_interest which value is the event",
    )


def _same_value(cells: pd.Series, wanted: str) -> NDArray[np.bool_]:
    """Cells that equal `wanted` as text or as a number, so that 1.0 and 1 are the same."""
    same = np.asarray(cells == wanted, dtype=np.bool_)
    as_number = pd.to_numeric(cells, errors="coerce")
    number = pd.to_numeric(pd.Series([wanted]), errors="coerce").iloc[0]
    return same | np.asarray(as_number == number, dtype=np.bool_)


def _require_variation(distinct: int, options: OutcomeOptions, where: str) -> None:
    if distinct < 2:
        raise UserError(
            f"outcome '{options.name}' does not vary: nothing can be learned from it",
            where=where,
            expected="at least two different values",
            got="one value" if distinct else "no value at all",
            do="check the column and its coding",
        )
