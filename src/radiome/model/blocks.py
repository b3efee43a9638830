"""What is known of a patient without any texture: baselines, and what ComBat keeps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radiome.base.errors import UserError
from radiome.model.outcome_reading import is_missing, require_column

#: A column of text with more values than this tells patients apart rather than groups.
_MANY = 20


def encode(
    frame: pd.DataFrame, columns: Sequence[str], *, where: str
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Numbers stay numbers, text becomes one column for each value, gaps get a column.

    Parameters
    ----------
    frame : DataFrame
        One row per lesion.
    columns : sequence of str
        Columns to encode.
    where : str
        Where the table came from, for messages.

    Returns
    -------
    float64 array (n, q), tuple of str
        NaN where a number is missing (filled in each fold), and the names of the columns.
        That a value is missing can itself tell, so it is a column too.

    Raises
    ------
    UserError
        If a column is missing, empty, or has a value of its own for nearly every row.
    """
    parts: list[NDArray[np.float64]] = []
    names: list[str] = []
    for column in columns:
        require_column(frame, column, where=where, why="a baseline")
        cells = frame[column].astype(str)
        missing = is_missing(cells)
        if missing.all():
            raise UserError(f"column '{column}' is empty", where=where, do="leave it out")
        found = pd.to_numeric(cells.mask(missing), errors="coerce").to_numpy(np.float64)
        if np.isfinite(found[~missing]).all():
            parts.append(found)
            names.append(column)
        else:
            for value in _values(cells[~missing], column, where):
                parts.append(np.asarray(cells == value, np.float64))
                names.append(f"{column}={value}")
        if missing.any():
            parts.append(missing.astype(np.float64))
            names.append(f"{column} missing")
    return np.column_stack(parts), tuple(names)


def covariate_columns(frame: pd.DataFrame, columns: Sequence[str], *, where: str) -> pd.DataFrame:
    """Columns whose effect harmonisation keeps: float64 where all cells are numbers, else text.

    They are not coded here. ComBat codes them on the training rows of each fold and leaves
    the first category out: with a column for each category, batch and covariates would say
    the same twice.

    Parameters
    ----------
    frame : DataFrame
        One row per lesion.
    columns : sequence of str
        Columns to take.
    where : str
        Where the table came from, for messages.

    Raises
    ------
    UserError
        If a column is missing or has a gap, or if a text column has a value of a single row
        or one for nearly every row.
    """
    taken: dict[str, NDArray[Any]] = {}
    for column in columns:
        require_column(frame, column, where=where, why="harmonise.covariates")
        cells = frame[column].astype(str)
        _refuse_gap(cells, column, where)
        found = pd.to_numeric(cells, errors="coerce").to_numpy(np.float64)
        if np.isfinite(found).all():
            taken[column] = found
            continue
        _refuse_single(cells, column, where, _values(cells, column, where, "a covariate"))
        taken[column] = cells.to_numpy(object)
    return pd.DataFrame(taken)


def _refuse_gap(cells: pd.Series, column: str, where: str) -> None:
    empty = np.flatnonzero(is_missing(cells))
    if empty.size:
        raise UserError(
            f"covariate '{column}' is empty for a patient",
            where=f"{where}, row {empty[0] + 2}",
            expected="a value for each row, as it cannot be adjusted for otherwise",
            got=f"{empty.size} of {len(cells)} rows without one",
            do="fill it, texts with a name of its own for an unknown one, or leave it out of "
            "harmonise.covariates",
        )


def _refuse_single(cells: pd.Series, column: str, where: str, values: Sequence[str]) -> None:
    """Refuse a value of one row: the fold that tests this row cannot learn its effect."""
    single = [value for value in values if (cells == value).sum() == 1]
    if single:
        raise UserError(
            f"covariate '{column}' has values that a single row has",
            where=where,
            expected="values that several patients share, so that each fold can learn them",
            got=", ".join(f"'{value}'" for value in single),
            do="merge rare values, or leave the column out of harmonise.covariates",
        )


def _values(cells: pd.Series, column: str, where: str, role: str = "a baseline") -> list[str]:
    values = sorted(set(cells))
    if len(values) > _MANY:
        raise UserError(
            f"column '{column}' has too many different texts to be {role}",
            where=where,
            expected=f"numbers, or at most {_MANY} different texts",
            got=f"{len(values)}, such as '{values[0]}'",
            do="group its values",
        )
    return values
