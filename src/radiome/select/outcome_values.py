"""Values of an outcome as selectors read them: classes, numbers, or times to an event."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
from sklearn.utils.validation import check_consistent_length, column_or_1d

from radiome.base.errors import SettingsError
from radiome.select.inputs import SelectionError

Floats = npt.NDArray[np.float64]
Kind = Literal["binary", "multiclass", "ordinal", "continuous", "count", "survival"]
OutcomeChoice = Literal[
    "auto", "binary", "multiclass", "ordinal", "continuous", "count", "survival"
]


@dataclass(frozen=True, slots=True, eq=False)
class OutcomeValues:
    """The values of an outcome, all known, of n patients.

    Parameters
    ----------
    kind : {"binary", "multiclass", "ordinal", "continuous", "count", "survival"}
        Type.
    values : array of float, shape (n,)
        Class codes from 0, numbers, or times.
    event : array of float, shape (n,), optional
        1 where the event happened at the time, 0 where the patient was censored then.
    """

    kind: Kind
    values: Floats
    event: Floats | None = None

    def __len__(self) -> int:
        return len(self.values)

    def taken(self, rows: npt.NDArray[Any]) -> OutcomeValues:
        """The outcome of some rows."""
        event = None if self.event is None else self.event[rows]
        return replace(self, values=self.values[rows], event=event)

    def strata(self) -> npt.NDArray[np.int64]:
        """What halves and folds are balanced by: class or event, or one stratum; shape (n,)."""
        if self.event is not None:
            return self.event.astype(np.int64)
        if self.kind in ("binary", "multiclass"):
            return self.values.astype(np.int64)
        return np.zeros(len(self), dtype=np.int64)


def read_outcome(y: Any, kind: str, X: Any) -> OutcomeValues:
    """Read y for the rows of X.

    Parameters
    ----------
    y : array, shape (n,)
        Classes, numbers, or a structured array with the fields ``event`` and ``time``.
    kind : str
        Its type; "auto" takes a structured array for survival, two distinct values for binary,
        more decimals for continuous, and more whole numbers or texts for multiclass.
        Counts and ordered classes therefore need to be named.
    X : array
        The features, to compare lengths with.

    Raises
    ------
    SelectionError
        For an outcome that is missing, of another length, not finite, or the same for all.
    """
    if kind not in ("auto", *get_args(Kind)):
        raise SettingsError(
            "the type of outcome is not known",
            where="outcome",
            expected=", ".join(get_args(OutcomeChoice)),
            got=repr(kind),
        )
    if y is None:
        raise SelectionError("selection requires y to be passed, but the target y is None")
    array = np.asarray(y)
    check_consistent_length(X, array)
    if array.dtype.names:
        return _survival(array, kind)
    if kind == "survival":
        raise SelectionError(
            "a survival outcome needs two values for each patient",
            expected="a structured array with the fields event and time",
            got=f"an array of {array.dtype}",
        )
    return _plain(column_or_1d(array, warn=True), kind)


def _survival(array: npt.NDArray[Any], kind: str) -> OutcomeValues:
    if not {"event", "time"} <= set(array.dtype.names or ()) or kind not in ("auto", "survival"):
        raise SelectionError(
            "y is a structured array that is no survival outcome",
            expected="the fields event and time, and an outcome of kind survival",
            got=f"fields {', '.join(array.dtype.names or ())} and kind {kind}",
        )
    time, event = array["time"].astype(np.float64), array["event"].astype(np.float64)
    _refuse_unfinished(time)
    if time.min() < 0 or not np.isin(event, (0, 1)).all():
        raise SelectionError(
            "a follow-up is negative, or an event is neither true nor false",
            expected="times from 0 and events of 0 or 1",
        )
    if not event.any():
        raise SelectionError("no event happened among the rows of the fit", where="y['event']")
    return OutcomeValues("survival", time, event)


def _plain(array: npt.NDArray[Any], kind: str) -> OutcomeValues:
    distinct, codes = np.unique(array, return_inverse=True)
    decimal = np.issubdtype(array.dtype, np.floating)
    if kind == "auto":
        kind = "binary" if distinct.size == 2 else "continuous" if decimal else "multiclass"
    if kind in ("continuous", "count", "ordinal"):
        numbers = array.astype(np.float64)
        _refuse_unfinished(numbers)
    else:
        if decimal:
            _refuse_unfinished(array)
        numbers = codes.astype(np.float64)
    if kind == "binary" and distinct.size > 2:
        raise SelectionError("y is not binary", expected="two classes", got=str(distinct.size))
    if distinct.size < 2:
        raise SelectionError(
            "the outcome is the same in all rows of the fit",
            expected="two or more values (classes)",
            got=f"1 class or value: {distinct[0]!r}",
        )
    return OutcomeValues(kind, numbers)  # type: ignore[arg-type]


def _refuse_unfinished(numbers: npt.NDArray[Any]) -> None:
    if not np.isfinite(numbers).all():
        raise SelectionError(
            "Input y contains NaN or infinity: the outcome of a patient is not known",
            expected="a finite value for each row",
            got=f"{int((~np.isfinite(numbers)).sum())} that are not",
            do="leave patients without the outcome out",
        )
