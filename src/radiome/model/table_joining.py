"""Feature rows and outcome rows of the same patients."""

from __future__ import annotations

import numpy as np
import pandas as pd

from radiome.base.errors import UserError
from radiome.model.outcome_reading import is_missing, require_column
from radiome.model.plan import Columns


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
            raise UserError("a row has no patient", where=f"{place}, row {empty[0] + 2}")
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
        Rows of patients that are in both tables, in the order of the feature table; what
        was left out.

    Raises
    ------
    UserError
        If a patient has two outcome rows, a case two feature rows, or no patient is in both.
    """
    twice = outcomes[outcome_patient][outcomes[outcome_patient].duplicated()]
    if len(twice):
        raise UserError(
            "a patient is in the outcome table twice",
            where=where[1],
            got=", ".join(sorted(set(twice))[:5]),
            do="keep one row per patient",
        )
    if "case" in features and features["case"].duplicated().any():
        raise UserError(
            "a case is in the feature table twice",
            where=where[0],
            got=", ".join(sorted(set(features["case"][features["case"].duplicated()]))[:5]),
            do="give every row a name of its own; rows of one patient share columns.patient",
        )
    wanted = [n for n in outcomes.columns if n not in features.columns and n != outcome_patient]
    right = outcomes[[outcome_patient, *wanted]].rename(columns={outcome_patient: patient})
    left = features.assign(**{patient: features[patient].astype(str)})
    joined = left.merge(right, on=patient, how="inner", validate="many_to_one")
    notes = []
    for missing, text in (
        (set(left[patient]) - set(right[patient]), "have features but no row in the outcome table"),
        (set(right[patient]) - set(left[patient]), "have an outcome but no features"),
    ):
        if missing:
            notes.append(f"{len(missing)} patients {text} and were left out")
    if joined.empty:
        raise UserError(
            "no patient is in both tables",
            where=" and ".join(where),
            expected=f"the same names in '{patient}' and '{outcome_patient}'",
            got=f"'{left[patient].iloc[0]}' and '{right[patient].iloc[0]}'",
        )
    return joined, notes
