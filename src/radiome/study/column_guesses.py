"""What the columns of an outcome table seem to be, by their headings and cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from radiome.cohort.manifest import PATIENT_HEADINGS, plain_heading
from radiome.model.outcome_reading import is_missing

# All headings in small letters and without marks, see `plain_heading`.
_TIMES = ("time", "days", "weeks", "months", "years", "followup", "survivaltime")
_EVENTS = ("event", "status", "dead", "death", "vitalstatus")
_ENDPOINTS = ("os", "pfs", "dfs", "dss", "efs", "rfs", "mfs", "css", "ttp", "survival")
_NOT_OUTCOMES = (*PATIENT_HEADINGS, "case", "age", "sex", "gender", "site", "centre", "center",
                 "institution", "hospital", "stage", "grade", "smoking", "histology",
                 "date")  # fmt: skip

#: Cells that say that something happened, where 1 does not.
_HAPPENED = ("dead", "deceased", "died", "death", "yes", "true", "event", "progressed",
             "progression", "recurred", "recurrence", "relapse")  # fmt: skip

#: With more values than this a text is a name, and a whole number a measurement.
_MOST_CLASSES = 8


@dataclass(frozen=True, slots=True)
class Guess:
    """An outcome that a column, or two, may be.

    Parameters
    ----------
    options : dict
        As in a plan.
    remark : str
        What has to be decided before it can be read; else empty.
    """

    options: dict[str, Any]
    remark: str = ""


def guess_outcomes(frame: pd.DataFrame, patient: str) -> Iterator[Guess]:
    """An outcome for each pair of a time and an event, and for each other column that can be one.

    Parameters
    ----------
    frame : DataFrame
        One row per patient; cells as text.
    patient : str
        Its column of the patient.
    """
    taken = {patient}
    for name, time, event in _survival_columns(frame.columns):
        taken |= {time, event}
        yield _survival(name, time, event, frame[event])
    for column in frame.columns:
        if column not in taken and plain_heading(column) not in _NOT_OUTCOMES:
            kind = _kind(frame[column])
            if kind:
                yield Guess({"name": column, "kind": kind})


def _survival_columns(columns: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Name of the outcome, column of the time, column of the event."""
    names: dict[str, str] = {}
    for column in columns:
        names.setdefault(plain_heading(column), column)

    def first(headings: Iterable[str]) -> str | None:
        return next((names[heading] for heading in headings if heading in names), None)

    plain = first(_TIMES), first(_EVENTS)
    if plain[0] and plain[1]:
        yield "survival", plain[0], plain[1]
    for end in _ENDPOINTS:
        time = first(heading for word in _TIMES for heading in (end + word, word + end))
        event = first([end, *(h for word in _EVENTS for h in (end + word, word + end))])
        if time and event and time != event and time not in plain:
            yield end, time, event


def _survival(name: str, time: str, event: str, cells: pd.Series[str]) -> Guess:
    options = {"name": name, "kind": "survival", "time": time, "event": event}
    values = sorted(set(cells[~is_missing(cells)]))
    happened = [value for value in values if _happened(value)]
    if "1" not in values and len(happened) == 1:
        options["event_of_interest"] = happened[0]
    elif "0" not in values and len(values) > 1:
        # Not the default, 1: in some collections that means censored.
        told = f"{event} of outcome {name} has {', '.join(values[:5])}"
        return Guess({**options, "event_of_interest": "?"},
                     f"{told}: say in event_of_interest which of them is the event")  # fmt: skip
    return Guess(options)


def _happened(value: str) -> bool:
    """``dead``, or ``1:DECEASED`` as public collections write it."""
    return value.casefold() in _HAPPENED or value.startswith("1:")


def _kind(cells: pd.Series[str]) -> str | None:
    known = cells[~is_missing(cells)]
    counts = known.value_counts()
    if len(counts) < 2:
        return None
    if len(counts) == 2:
        return "binary"
    numbers = pd.to_numeric(known, errors="coerce")
    if numbers.notna().all() and len(counts) > _MOST_CLASSES:
        return "continuous"
    # A class of its own for nearly everybody is a name, not an outcome.
    return "multiclass" if counts.min() > 1 and len(counts) <= _MOST_CLASSES else None


def copies_of(frame: pd.DataFrame, column: str) -> list[str]:
    """Other columns that say the same as one, in other words."""
    ours = frame[column].mask(is_missing(frame[column]))
    return [
        str(other)
        for other in frame.columns
        if other != column and _one_to_one(ours, frame[other].mask(is_missing(frame[other])))
    ]


def _one_to_one(first: pd.Series[str], second: pd.Series[str]) -> bool:
    both = pd.DataFrame({"a": first, "b": second}).dropna()
    if not 2 <= both["a"].nunique() <= _MOST_CLASSES:
        return False
    pairs = len(both.drop_duplicates())
    return pairs == both["a"].nunique() == both["b"].nunique()


def why_no_outcome(frame: pd.DataFrame, patient: str) -> str:
    """What is amiss with each column, where none can be an outcome."""
    others = [str(name) for name in frame.columns if name != patient]
    return "; ".join(f"{name}: {_why(name, frame[name])}" for name in others)


def _why(name: str, cells: pd.Series[str]) -> str:
    if plain_heading(name) in _NOT_OUTCOMES:
        return "by its name no outcome"
    values = sorted(set(cells[~is_missing(cells)]))
    if len(values) < 2:
        return f"'{values[0]}' of every patient" if values else "no patient has a value"
    return f"{len(values)} values, some of a single patient"
