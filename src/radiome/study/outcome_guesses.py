"""Which file holds the outcomes, and what kind each of its columns is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from radiome.base.counting import counted
from radiome.base.errors import UserError
from radiome.cohort.manifest import Manifest
from radiome.model.outcome_reading import is_missing, read_table

_PATIENTS = ("patient", "patient_id", "subject", "id", "case")
_TIMES = ("time", "days", "months", "os_time", "survival_time", "follow_up")
_EVENTS = ("event", "status", "dead", "death", "os_event", "vital_status")
_NOT_OUTCOMES = (*_PATIENTS, "age", "sex", "gender", "site", "centre", "center", "institution",
                 "hospital", "stage", "grade", "smoking", "histology", "date")  # fmt: skip


@dataclass(frozen=True, slots=True)
class OutcomeTable:
    """The outcome table of a folder, with what its columns seem to be.

    Parameters
    ----------
    path : Path
        The file.
    patient : str
        Column of the patient in the cohort table.
    own_patient : str
        The same in the outcome table.
    columns : tuple of str
        All its columns.
    options : list of dict
        An outcome for each column that can be one.
    guesses : tuple of str
        What was taken from where, in words.
    """

    path: Path
    patient: str
    own_patient: str
    columns: tuple[str, ...]
    options: list[dict[str, Any]]
    guesses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A table that knows patients of the cohort."""

    shared: int
    path: Path
    frame: pd.DataFrame
    patient: str
    own: str


def outcome_table(folder: Path, manifest: Manifest) -> OutcomeTable:
    """The CSV file of a folder that knows most patients of the cohort.

    Raises
    ------
    UserError
        If none knows any, with what is amiss in each; or none of its columns can be an
        outcome.
    """
    ours = {c.name: {str(cell) for cell in c.cells if cell is not None} for c in manifest.columns}
    paths = [path for path in sorted(folder.glob("*.csv")) if path.name != "cohort.csv"]
    looked = {path.name: _candidate(path, ours) for path in paths}
    found = [one for one in looked.values() if isinstance(one, _Candidate)]
    if not found:
        raise UserError(
            "there is no table of outcomes",
            where=str(folder),
            expected="a CSV file with one row per patient, the patients called as in cohort.csv",
            got="; ".join(f"{name}: {why}" for name, why in looked.items()) or "no such file",
            do="put one there; a column 'patient' in cohort.csv may name them",
        )
    best = max(found, key=lambda one: one.shared)
    options = list(_outcomes(best.frame, best.own))
    if not options:
        raise UserError(
            "no column of the outcome table can be an outcome",
            where=str(best.path),
            expected="a column with two or more values, each of several patients",
            got=", ".join(best.frame.columns),
        )
    return OutcomeTable(
        best.path,
        best.patient,
        best.own,
        tuple(best.frame.columns),
        options,
        tuple(_guesses(best, found, options, len(ours.get(best.patient, ())))),
    )


def _guesses(
    best: _Candidate, found: list[_Candidate], options: list[dict[str, Any]], patients: int
) -> Iterator[str]:
    told = ", ".join(f"{option['name']} ({option['kind']})" for option in options)
    yield f"outcomes of {best.path.name}, patients by '{best.own}': {told}"
    if best.shared < patients:
        without = patients - best.shared
        have = "has" if without == 1 else "have"
        yield f"{without} of {counted(patients, 'patient')} {have} no row in {best.path.name}"
    others = [one.path.name for one in found if one is not best]
    if others:
        yield f"not taken, though patients are in them too: {', '.join(others)}"
    yield "reference_standard of each outcome: not stated; say what it was judged by"


def _candidate(path: Path, ours: dict[str, set[str]]) -> _Candidate | str:
    """A table with the columns that name the patients, or why it cannot be the one."""
    try:
        frame = read_table(path)
    except UserError as error:
        return error.what
    columns = [name for name in frame.columns if name.casefold() in _PATIENTS]
    if not columns:
        return f"no column is called {', '.join(_PATIENTS[:-1])} or {_PATIENTS[-1]}"
    reasons, found = [], []
    for own in columns:
        for patient in [name for name in ours if name.casefold() in _PATIENTS]:
            shared = len(ours[patient] & set(frame[own]))
            twice = frame[own][frame[own].duplicated()]
            if shared and len(twice):
                reasons.append(f"'{twice.iloc[0]}' is in column '{own}' twice")
            elif shared:
                found.append(_Candidate(shared, path, frame, patient, own))
    if found:
        return max(found, key=lambda one: one.shared)
    known = next(iter(sorted(ours.get("patient", ours["case"]))))
    theirs = f"'{frame[columns[0]].iloc[0]}'" if len(frame) else "no row"
    return (
        reasons[0] if reasons else (f"{theirs} in column '{columns[0]}', '{known}' in cohort.csv")
    )


def _outcomes(frame: pd.DataFrame, patient: str) -> Iterator[dict[str, Any]]:
    names = {name.casefold(): name for name in frame.columns}
    time = next((names[name] for name in _TIMES if name in names), None)
    event = next((names[name] for name in _EVENTS if name in names), None)
    if time and event:
        yield {"name": "survival", "kind": "survival", "time": time, "event": event}
    taken = {patient, *((time, event) if time and event else ())}
    for name in frame.columns:
        if name not in taken and name.casefold() not in _NOT_OUTCOMES:
            kind = _kind(frame[name])
            if kind:
                yield {"name": name, "kind": kind}


def _kind(cells: pd.Series[str]) -> str | None:
    known = cells[~is_missing(cells)]
    counts = known.value_counts()
    if len(counts) < 2:
        return None
    if len(counts) == 2:
        return "binary"
    numbers = pd.to_numeric(known, errors="coerce")
    if numbers.notna().all() and len(counts) > 8:
        return "continuous"
    # A class of its own for nearly everybody is a name, not an outcome.
    return "multiclass" if counts.min() > 1 and len(counts) <= 8 else None
