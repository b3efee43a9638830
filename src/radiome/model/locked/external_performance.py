"""How well a locked model does on other patients: nothing is fitted, chosen or rescaled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radiome.base.counting import counted
from radiome.base.errors import UserError
from radiome.model.ledger import patients_hash
from radiome.model.locked.external_figures import Judged, external_figures, horizon
from radiome.model.locked.external_outcome import read_outcome
from radiome.model.locked.feature_rows import outcome_patient_column, patient_column
from radiome.model.locked.model_file import LockedModel
from radiome.model.locked.prediction import Predictions
from radiome.model.outcome_reading import is_missing
from radiome.model.outcomes import Outcome

Floats = NDArray[np.float64]

#: Patients with and without the event below which an external validation says little.
_ADVISED = 100


def external_performance(
    predictions: Predictions,
    frame: pd.DataFrame,
    outcomes: pd.DataFrame,
    *,
    where: tuple[str, str] = ("feature table", "outcome table"),
    seed: int = 1,
) -> dict[str, Any]:
    """Figures of a locked model on patients that it has not seen.

    Parameters
    ----------
    predictions : Predictions
        Of the rows of `frame`.
    frame : DataFrame
        The feature table.
    outcomes : DataFrame
        One row per patient, cells as text.
    where : (str, str)
        Where the tables came from, for messages.
    seed : int
        Of the bootstrap, where a figure has no interval of its own.

    Returns
    -------
    dict
        ``all_predicted`` and ``in_scope``: figures with intervals over all patients with a
        prediction, and over those whose rows are all in scope. A figure that is not defined is
        ``{"reason": ...}``. Patients of training rows are left out of both, and counted.

    Raises
    ------
    UserError
        If the tables do not fit together, or no patient has a prediction and an outcome.
    """
    model = predictions.model
    told, at = _outcome_of_patients(frame, outcomes, model, where)
    members = _rows_of_patients(predictions, at)
    trained = {p for p, rows in members.items() if _any_training_row(predictions, rows)}
    judged = {p: rows for p, rows in members.items() if p not in trained}
    if not judged:
        raise UserError(
            "no patient is left to judge the model by",
            where=" and ".join(where),
            expected="patients with a prediction and an outcome that are no training patients",
            got=f"{counted(len(members), 'patient')}, {len(trained)} of them training patients",
        )
    inside = {
        patient: rows
        for patient, rows in judged.items()
        if all(predictions.rows[row].status == "in_scope" for row in rows)
    }
    same = patients_hash(members) == model.facts["training"]["patients_sha256"]
    return {
        "outcome": model.outcome.name,
        "kind": model.outcome.kind,
        "reference_standard": model.outcome.reference_standard,
        "model_sha256": model.sha256 or None,
        "threshold": model.threshold,
        "rows": predictions.counts(),
        "training_patients_left_out": len(trained),
        "notes": [*predictions.notes, *_notes(model, told.taken(_places(judged, at)), same)],
        "all_predicted": _figures(predictions, told, at, judged, seed),
        "in_scope": _figures(predictions, told, at, inside, seed),
    }


def _outcome_of_patients(
    frame: pd.DataFrame, outcomes: pd.DataFrame, model: LockedModel, where: tuple[str, str]
) -> tuple[Outcome, dict[str, int]]:
    """The outcome of every row of the outcome table, and the row of each patient."""
    other = outcome_patient_column(outcomes, frame, model)
    for name, place in ((patient_column(frame, model), where[0]), (other, where[1])):
        if name is None:
            raise UserError(
                "the table has no column that names the patient",
                where=place,
                expected=model.plan.columns.patient or "'patient', or 'case'",
            )
    names = outcomes[str(other)].astype(str)
    known = outcomes[~is_missing(names)].reset_index(drop=True)
    names = known[str(other)].astype(str)
    twice = sorted(set(names[names.duplicated()]))
    if twice:
        raise UserError(
            "a patient is in the outcome table twice",
            where=where[1],
            got=", ".join(twice[:5]),
            do="keep one row per patient",
        )
    outcome = read_outcome(known, model, where=where[1])
    rows = {name: row for row, name in enumerate(names) if outcome.known[row]}
    return outcome, rows


def _rows_of_patients(predictions: Predictions, at: Mapping[str, int]) -> dict[str, list[int]]:
    """Predicted rows of each patient whose outcome is known."""
    members: dict[str, list[int]] = {}
    for number, row in enumerate(predictions.rows):
        if row.scores and row.patient in at:
            members.setdefault(row.patient, []).append(number)
    return members


def _any_training_row(predictions: Predictions, rows: list[int]) -> bool:
    return any(predictions.rows[row].training_row for row in rows)


def _places(members: Mapping[str, list[int]], at: Mapping[str, int]) -> NDArray[np.int64]:
    return np.array([at[patient] for patient in members], np.int64)


def _notes(model: LockedModel, outcome: Outcome, same: bool) -> list[str]:
    notes = [
        "training patients are recognised by the values of their rows alone: "
        "a new scan of one would not be"
    ]
    if same:
        notes.append("the patients have the names of the training patients, all of them")
    if outcome.kind == "binary" or outcome.kind == "survival":
        events = outcome.values["event"] if outcome.kind == "survival" else outcome.values
        least = min(int(np.sum(events)), int(len(events) - np.sum(events)))
        if least < _ADVISED:
            notes.append(
                f"at least {_ADVISED} patients with and without the event are advised "
                f"(Collins 2016), here are {int(np.sum(events))} and "
                f"{int(len(events) - np.sum(events))}"
            )
    return notes


def _figures(
    predictions: Predictions,
    outcome: Outcome,
    at: Mapping[str, int],
    members: Mapping[str, list[int]],
    seed: int,
) -> dict[str, Any]:
    if not members:
        return {"patients": 0, "reason": "no patient"}
    judged = _judged(predictions, outcome, at, members)
    figures = external_figures(judged, predictions.model, seed=seed)
    return {"patients": len(judged.patients), **judged.outcome.summary(), **figures}


def _judged(
    predictions: Predictions,
    outcome: Outcome,
    at: Mapping[str, int],
    members: Mapping[str, list[int]],
) -> Judged:
    scores = [
        np.mean([predictions.rows[row].scores for row in rows], axis=0) for rows in members.values()
    ]
    found = np.array(scores)
    survival = None
    if outcome.kind == "survival":
        staying = _staying(predictions)
        survival = np.array([staying[rows].mean() for rows in members.values()])
    single = found.shape[1] == 1
    taken = outcome.taken(_places(members, at))
    return Judged(tuple(members), found[:, 0] if single else found, taken, survival)


def _staying(predictions: Predictions) -> Floats:
    """Chance of each row to be free of the event at the horizon of the model; NaN if refused."""
    model = predictions.model
    rows = np.flatnonzero([bool(row.scores) for row in predictions.rows])
    staying = np.full(len(predictions.rows), np.nan)
    inputs = model.transforms.scaled(predictions.harmonised[rows])
    staying[rows] = model.learner.predict_survival(inputs, [horizon(model)])[:, 0]
    return staying
