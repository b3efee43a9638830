"""Which file holds the outcomes, and of which patients."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from radiome.base.counting import counted
from radiome.base.errors import UserError
from radiome.cohort.manifest import PATIENT_HEADINGS, Manifest, plain_heading
from radiome.model.outcome_reading import read_table
from radiome.study.column_guesses import copies_of, guess_outcomes, why_no_outcome

_PATIENTS = (*PATIENT_HEADINGS, "case")
_TABLES, _WORKBOOKS = (".csv", ".tsv", ".csv.gz"), (".xlsx", ".xls", ".ods")


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
    copies : tuple of str
        Columns that say the same as an outcome, in other words.
    guesses : tuple of str
        What was taken from where, in words.
    """

    path: Path
    patient: str
    own_patient: str
    columns: tuple[str, ...]
    options: list[dict[str, Any]]
    copies: tuple[str, ...]
    guesses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A table that knows patients of the cohort."""

    shared: int
    path: Path
    frame: pd.DataFrame
    patient: str
    own: str


def _likeness(one: _Candidate) -> tuple[int, bool]:
    """Patients that both tables know; of equals the column that is not of cases."""
    return one.shared, plain_heading(one.patient) != "case"


def outcome_table(folder: Path, manifest: Manifest) -> OutcomeTable:
    """The CSV file of a folder that knows most patients of the cohort.

    Raises
    ------
    UserError
        If none knows any, with what is amiss in each; or none of its columns can be an
        outcome.
    """
    ours = {c.name: {str(cell) for cell in c.cells if cell is not None} for c in manifest.columns}
    paths = [
        path for path in sorted(folder.iterdir())
        if path.name.casefold().endswith((*_TABLES, *_WORKBOOKS)) and path.name != "cohort.csv"
    ]  # fmt: skip
    looked = {path.name: _candidate(path, ours) for path in paths}
    found = [one for one in looked.values() if isinstance(one, _Candidate)]
    if not found:
        raise UserError(
            "there is no table of outcomes",
            where=str(folder),
            expected="a CSV file with one row per patient, the patients called as in cohort.csv",
            got="; ".join(f"{name}: {why}" for name, why in looked.items()) or "no such file",
            do="mend it; a column 'patient' in cohort.csv may name the patients"
            if looked
            else "put one there; a column 'patient' in cohort.csv may name the patients",
        )
    best = max(found, key=_likeness)
    guessed = list(guess_outcomes(best.frame, best.own))
    if not guessed:
        raise UserError(
            "no column of the outcome table can be an outcome",
            where=str(best.path),
            expected="a column with two or more values, each of several patients",
            got=why_no_outcome(best.frame, best.own) or "no column beside the patient",
        )
    options = [guess.options for guess in guessed]
    copies = {name for one in options for name in copies_of(best.frame, _column(one))}
    return OutcomeTable(
        best.path,
        best.patient,
        best.own,
        tuple(best.frame.columns),
        options,
        tuple(sorted(copies)),
        (
            *_guesses(best, found, options, len(ours.get(best.patient, ()))),
            *(guess.remark for guess in guessed if guess.remark),
        ),
    )


def _column(option: dict[str, Any]) -> str:
    return str(option.get("event", option["name"]))


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
    if path.name.casefold().endswith(_WORKBOOKS):
        return "a workbook: save the sheet as CSV UTF-8"
    try:
        frame = read_table(path)
    except UserError as error:
        return ", ".join(filter(None, (error.what, error.got, error.do)))
    columns = [name for name in frame.columns if plain_heading(name) in _PATIENTS]
    if not columns:
        return f"no column is called {', '.join(_PATIENTS[:-1])} or {_PATIENTS[-1]}"
    reasons, found = [], []
    for own in columns:
        for patient in [name for name in ours if plain_heading(name) in _PATIENTS]:
            shared = len(ours[patient] & set(frame[own]))
            twice = frame[own][frame[own].duplicated()]
            if shared and len(twice):
                reasons.append(f"'{twice.iloc[0]}' is in column '{own}' twice")
            elif shared:
                found.append(_Candidate(shared, path, frame, patient, own))
    if found:
        return max(found, key=_likeness)
    known = next(iter(sorted(ours.get("patient", ours["case"]))))
    theirs = f"'{frame[columns[0]].iloc[0]}'" if len(frame) else "no row"
    return (
        reasons[0] if reasons else (f"{theirs} in column '{columns[0]}', '{known}' in cohort.csv")
    )
