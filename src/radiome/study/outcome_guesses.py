"""Which file holds the outcomes, and what kind each of its columns is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

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


def outcome_table(folder: Path, manifest: Manifest) -> OutcomeTable:
    """The CSV file of a folder that knows most patients of the cohort.

    Raises
    ------
    UserError
        If none knows any, or none of its columns can be an outcome.
    """
    found = max(_candidates(folder, manifest), key=lambda one: one[0], default=None)
    if found is None:
        raise UserError(
            "there is no table of outcomes",
            where=str(folder),
            expected="a CSV file with one row per patient, the patients called as in cohort.csv",
            do="put one there; a column 'patient' in cohort.csv may name them",
        )
    _, path, frame, patient, own = found
    options = list(_outcomes(frame, own))
    if not options:
        raise UserError(
            "no column of the outcome table can be an outcome",
            where=str(path),
            expected="a column with two or more values, each of several patients",
            got=", ".join(frame.columns),
        )
    told = ", ".join(f"{option['name']} ({option['kind']})" for option in options)
    guesses = (
        f"outcomes of {path.name}, patients by '{own}': {told}",
        "reference_standard of each outcome: not stated; say what it was judged by",
    )
    return OutcomeTable(path, patient, own, tuple(frame.columns), options, guesses)


def _candidates(
    folder: Path, manifest: Manifest
) -> Iterator[tuple[int, Path, pd.DataFrame, str, str]]:
    ours = {c.name: {str(cell) for cell in c.cells if cell is not None} for c in manifest.columns}
    for path in sorted(folder.glob("*.csv")):
        if path.name == "cohort.csv":
            continue
        try:
            frame = read_table(path)
        except UserError:
            continue  # some other table
        for own in [name for name in frame.columns if name.casefold() in _PATIENTS]:
            for patient in [name for name in ours if name.casefold() in _PATIENTS]:
                shared = len(ours[patient] & set(frame[own]))
                if shared and not frame[own].duplicated().any():
                    yield shared, path, frame, patient, own


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
