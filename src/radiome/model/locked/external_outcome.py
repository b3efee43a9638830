"""Outcomes of other patients, in the codes that a locked model was trained with."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radiome.base.errors import UserError
from radiome.model.locked.model_file import LockedModel
from radiome.model.outcome_reading import is_missing, numbers, require_column
from radiome.model.outcomes import SURVIVAL, Outcome

_CENSORED = ("0", "false", "no")


def read_outcome(frame: pd.DataFrame, model: LockedModel, *, where: str) -> Outcome:
    """The outcome of each row of a table; it need not vary, for nothing is learned from it.

    Parameters
    ----------
    frame : DataFrame
        One row per patient, cells as text.
    model : LockedModel
        Whose outcome, with its classes.
    where : str
        Where the table came from, for messages.

    Raises
    ------
    UserError
        If a column is missing, or a cell is nothing that the model knows.
    """
    options = model.outcome
    for column in options.columns:
        require_column(frame, column, where=where, why=f"outcome '{options.name}'")
    if options.kind == "survival":
        return _survival(frame, model, where)
    cells = frame[options.columns[0]]
    if options.kind in ("continuous", "count"):
        values = numbers(cells, what=f"outcome '{options.name}'", where=where)
        return Outcome(options, values, np.isfinite(values))
    return _classes(cells, model, where)


def _classes(cells: pd.Series, model: LockedModel, where: str) -> Outcome:
    options, classes = model.outcome, model.classes
    known = ~is_missing(cells)
    if options.positive is not None:
        values = _same(cells, options.positive).astype(np.int64)
        return Outcome(options, values, known, classes)
    values = np.full(len(cells), -1, np.int64)
    for code, name in enumerate(classes):
        values[_same(cells, name)] = code
    strange = np.flatnonzero(known & (values < 0))
    if strange.size:
        raise UserError(
            f"outcome '{options.name}' has values that the model does not know",
            where=f"{where}, row {strange[0] + 2}",
            expected="one of " + ", ".join(classes),
            got=str(cells.iloc[strange[0]]),
            do="code it as in the training data, or leave the cell empty",
        )
    return Outcome(options, values, known, classes)


def _survival(frame: pd.DataFrame, model: LockedModel, where: str) -> Outcome:
    options = model.outcome
    what = f"outcome '{options.name}'"
    times = numbers(frame[str(options.time)], what=f"the time of {what}", where=where)
    cells = frame[str(options.event)]
    known = np.isfinite(times) & ~is_missing(cells)
    if (times[known] <= 0).any():
        raise UserError(
            f"the time of {what} must be positive", where=where, got=f"{times[known].min():g}"
        )
    event = _same(cells, options.event_of_interest) & known
    censored = np.asarray(cells.str.lower().isin(_CENSORED), np.bool_) | _same(cells, "0")
    values = np.zeros(len(frame), SURVIVAL)
    values["event"], values["time"] = event, np.where(known, times, 1.0)
    return Outcome(options, values, known, competing=known & ~event & ~censored)


def _same(cells: pd.Series, wanted: str) -> NDArray[np.bool_]:
    """Cells that equal `wanted` as text or as a number."""
    as_text = np.asarray(cells == wanted, np.bool_)
    number = pd.to_numeric(pd.Series([wanted]), errors="coerce").iloc[0]
    return as_text | np.asarray(pd.to_numeric(cells, errors="coerce") == number, np.bool_)
