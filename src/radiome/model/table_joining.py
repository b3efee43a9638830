"""Feature rows and outcome rows of the same patients."""

from __future__ import annotations

import numpy as np
import pandas as pd

from radiome.base.counting import counted
from radiome.base.errors import UserError
from radiome.model.outcome_reading import is_missing, require_column
from radiome.model.plan import Columns
from radiome.model.text_table import is_unnamed


def patient_columns(
    features: pd.DataFrame, outcomes: pd.DataFrame, columns: Columns, where: tuple[str, str]
) -> tuple[str, str]:
    """Names of the columns that hold the patient, in the feature and in the outcome table.

    Raises
    ------
    UserError
        If there is no such column, or a row has no patient.
    """
    patient = columns.patient or next(
        (name for name in ("patient", "case") if name in features.columns), "patient"
    )
    require_column(features, patient, where=where[0], why="the patient (columns.patient)")
    fallback = patient if patient in outcomes.columns else "patient"
    other = columns.outcome_patient or fallback
    require_column(outcomes, other, where=where[1], why="the patient (columns.outcome_patient)")
    for frame, name, place in ((features, patient, where[0]), (outcomes, other, where[1])):
        empty = np.flatnonzero(is_missing(frame[name].astype(str)))
        if empty.size:
            raise UserError(
                "a row has no patient",
                where=f"{place}, row {empty[0] + 2}",
                expected=f"the name of a patient in column '{name}'",
                got=f"'{frame[name].iloc[empty[0]]}', and {empty.size - 1} more such rows",
                do="fill it, or delete the row",
            )
    return patient, other


def join(
    features: pd.DataFrame,
    patient: str,
    outcomes: pd.DataFrame,
    outcome_patient: str,
    where: tuple[str, str],
) -> tuple[pd.DataFrame, list[str]]:
    """One row per feature row, with the columns of its patient's outcome row behind it.

    Returns
    -------
    DataFrame, list of str
        Rows of patients that are in both tables, in the order of the feature table, indexed
        by patient; what was left out.

    Raises
    ------
    UserError
        If a patient has two outcome rows, a case two feature rows, a row is there twice, a
        column says different things in the two tables, or no patient is in both.
    """
    _refuse_repeats(features, outcomes[outcome_patient], where)
    wanted = [n for n in outcomes.columns if n not in features.columns and n != outcome_patient]
    right = outcomes[[outcome_patient, *wanted]].rename(columns={outcome_patient: patient})
    left = features.assign(**{patient: features[patient].astype(str)})
    joined = left.merge(right, on=patient, how="inner", validate="many_to_one")
    if joined.empty:
        raise UserError(
            "no patient is in both tables",
            where=" and ".join(where),
            expected=f"the same names in '{patient}' and '{outcome_patient}'",
            got=f"'{left[patient].iloc[0]}' and '{right[patient].iloc[0]}'",
            do=_advice(left[patient], right[patient]),
        )
    notes = []
    for missing, other, text in (
        (left[patient], right[patient], "features but no row in the outcome table"),
        (right[patient], left[patient], "an outcome but no features"),
    ):
        if names := sorted(set(missing) - set(other)):
            shown = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
            have = counted(len(names), "patient has", "patients have")
            were = "was" if len(names) == 1 else "were"
            notes.append(f"{have} {text} and {were} left out: {shown}")
    both = [n for n in outcomes.columns if n in features.columns and n != outcome_patient]
    told = outcomes.set_index(outcome_patient)
    for column in both:
        _refuse_contradiction(joined, patient, told[column], where)
        # Text, as every column of the outcome table.
        joined[column] = told[column].reindex(joined[patient]).to_numpy()
    joined.index = pd.Index(joined[patient], name="patient")
    return joined, notes


def _refuse_repeats(features: pd.DataFrame, patients: pd.Series, where: tuple[str, str]) -> None:
    twice = patients[patients.duplicated()]
    if len(twice):
        raise UserError(
            "a patient is in the outcome table twice",
            where=where[1],
            expected="one row per patient",
            got=", ".join(sorted(set(twice.astype(str)))[:5]),
            do="keep one row per patient",
        )
    if "case" in features and features["case"].duplicated().any():
        raise UserError(
            "a case is in the feature table twice",
            where=where[0],
            expected="a name of its own for each row in column 'case'",
            got=", ".join(sorted(set(features["case"][features["case"].duplicated()]))[:5]),
            do="give every row a name of its own; rows of one patient share columns.patient",
        )
    # Row numbers would make equal rows differ.
    told = features[[name for name in features if not is_unnamed(str(name))]]
    rows = np.flatnonzero(told.duplicated(keep=False))
    if rows.size:
        raise UserError(
            "a row is in the feature table twice",
            where=where[0],
            expected="one row per lesion",
            got=f"rows {rows[0] + 2} and {rows[1] + 2}, {rows.size} such rows in all",
            do="delete the copies",
        )


def _advice(left: pd.Series, right: pd.Series) -> str:
    """What to do about names that never match: whether the spelling alone differs."""
    plain = [set(names.astype(str).map(_plain_name)) for names in (left, right)]
    if plain[0] & plain[1]:
        return "write them alike: leading zeros, '.0', capitals or the marks between parts differ"
    return "name the columns with the patients in columns.patient and columns.outcome_patient"


def _plain_name(name: str) -> str:
    letters = "".join(x for x in name.casefold().removesuffix(".0") if x.isalnum())
    return letters.lstrip("0") or "0"


def _refuse_contradiction(
    joined: pd.DataFrame, patient: str, told: pd.Series, where: tuple[str, str]
) -> None:
    """Refuse a column of both tables that does not say the same of a patient in both."""
    column = str(told.name)
    here = joined[column].astype(str).reset_index(drop=True)
    there = told.astype(str).reindex(joined[patient]).reset_index(drop=True)
    numbers = [pd.to_numeric(cells, errors="coerce") for cells in (here, there)]
    absent = is_missing(here) & is_missing(there)
    differ = np.asarray((here != there) & ~(numbers[0] == numbers[1])) & ~absent
    if differ.any():
        row = int(np.flatnonzero(differ)[0])
        raise UserError(
            f"column '{column}' says different things in the two tables",
            where=" and ".join(where),
            expected="the same of each patient, or the column in one table",
            got=f"'{here[row]}' and '{there[row]}' of patient '{joined[patient].iloc[row]}', "
            f"{int(differ.sum())} such rows",
            do="delete the column from one table",
        )
