"""Baselines as numbers: what is known of a patient without any texture."""

from __future__ import annotations

from collections.abc import Sequence

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


def _values(cells: pd.Series, column: str, where: str) -> list[str]:
    values = sorted(set(cells))
    if len(values) > _MANY:
        raise UserError(
            f"column '{column}' has too many different texts to be a baseline",
            where=where,
            expected=f"numbers, or at most {_MANY} different texts",
            got=f"{len(values)}, such as '{values[0]}'",
            do="group its values",
        )
    return values
