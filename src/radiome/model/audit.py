"""What was fitted on whom, checked against the predictions that a study left."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from radiome.base.errors import UserError
from radiome.model.ledger import patients_hash

#: Outcome, model, repeat and fold.
Place = tuple[str, str, str, str]


#: What the ledger tells of a fit, as far as it is checked.
_OF_A_FIT = ("outcome", "model", "purpose", "step", "saw_outcome", "n_patients", "patients_sha256")


@dataclass(frozen=True, slots=True)
class AuditRow:
    """The fits behind one fold of predictions, or one question to patients left out.

    Parameters
    ----------
    outcome, model, purpose : str
        Which prediction.
    steps : tuple of str
        What was fitted for it.
    saw_outcome : tuple of str
        Those of the steps that used the outcome.
    n_patients : int
        Patients they were fitted on.
    sound : bool
        Whether these are all patients but those that the fits judge.
    reason : str
        What is wrong, else empty.
    """

    outcome: str
    model: str
    purpose: str
    steps: tuple[str, ...]
    saw_outcome: tuple[str, ...]
    n_patients: int
    sound: bool
    reason: str = ""


def audit(folder: str | Path) -> list[AuditRow]:
    """Recompute from the predictions who each fold may have been fitted on.

    Parameters
    ----------
    folder : path
        Of a study, with ``ledger.json`` and ``predictions.csv``.

    Returns
    -------
    list of AuditRow
        One for each fold of each model, in the order of the ledger. A fold without fits is
        there too, as unsound. Fits that judge patients in no predictions (importance, SHAP,
        conformal prediction, sites left out) name these patients themselves.

    Raises
    ------
    UserError
        If the files are not there, or are not those of a study.
    """
    ledger, folds = _ledger(Path(folder)), _folds(Path(folder))
    if not folds:
        _refuse(Path(folder) / "predictions.csv", "no prediction")
    rows = []
    for (outcome, model, repeat, fold), tested in folds.items():
        purpose = f"repeat {repeat}, fold {fold}"
        fits = ledger.pop((outcome, model, purpose), [])
        everyone = set().union(
            *(names for place, names in folds.items() if place[:3] == (outcome, model, repeat))
        )
        rows.append(_row(outcome, model, purpose, fits, everyone - tested))
    patients: dict[str, set[str]] = defaultdict(set)
    for place, names in folds.items():
        patients[place[0]] |= names
    for (outcome, model, purpose), fits in ledger.items():
        judged, reason = _judged(fits, patients[outcome])
        rows.append(_row(outcome, model, purpose, fits, patients[outcome] - judged, reason))
    return rows


def _judged(fits: list[dict[str, Any]], patients: set[str]) -> tuple[set[str], str]:
    """Patients that fits without predictions judge, and what is wrong with them."""
    told = {tuple(sorted(fit["judged"] or ())) for fit in fits}
    judged = set(told.pop())
    if told:
        return judged, "its steps do not judge the same patients"
    if not judged:
        return judged, "fits without predictions"
    if judged - patients:
        return judged, f"judged by patients without outcome: {', '.join(sorted(judged - patients))}"
    return judged, ""


def _row(
    outcome: str,
    model: str,
    purpose: str,
    fits: list[dict[str, Any]],
    allowed: set[str],
    reason: str = "",
) -> AuditRow:
    steps = tuple(fit["step"] for fit in fits)
    if not fits:
        reason = "no fit is recorded for these predictions"
    expected = patients_hash(allowed)
    strange = [fit["step"] for fit in fits if fit["patients_sha256"] != expected]
    if strange and not reason:
        judged = bool(fits[0]["judged"])
        whom = "all patients but those judged" if judged else "the patients of the other folds"
        reason = f"not fitted on {whom}: {', '.join(strange)}"
    return AuditRow(
        outcome,
        model,
        purpose,
        steps,
        tuple(fit["step"] for fit in fits if fit["saw_outcome"]),
        fits[0]["n_patients"] if fits else 0,
        not reason,
        reason,
    )


def _ledger(folder: Path) -> dict[tuple[str, str, str], list[dict[str, Any]]]:
    path = _file(folder, "ledger.json")
    found: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    try:
        for fit in json.loads(path.read_text(encoding="utf-8")):
            told = {name: fit[name] for name in _OF_A_FIT} | {"judged": _names(fit)}
            found[told["outcome"], told["model"], told["purpose"]].append(told)
    except (ValueError, KeyError, TypeError) as error:
        _refuse(path, f"{type(error).__name__}: {error}")
    return found


def _names(fit: dict[str, Any]) -> list[str] | None:
    """Patients that a fit says it judges, None where the predictions say it."""
    judged = fit.get("judged")
    if judged is not None and not (
        isinstance(judged, list) and all(isinstance(name, str) for name in judged)
    ):
        raise TypeError("'judged' is no list of patients")
    return judged


def _folds(folder: Path) -> dict[Place, set[str]]:
    path = _file(folder, "predictions.csv")
    found: dict[Place, set[str]] = defaultdict(set)
    try:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                place = (row["outcome"], row["model"], row["repeat"], row["fold"])
                found[place].add(row["patient"])
    except (ValueError, KeyError, csv.Error) as error:
        _refuse(path, f"{type(error).__name__}: {error}")
    return found


def _refuse(path: Path, got: str) -> NoReturn:
    raise UserError(
        f"{path.name} is not as 'radiome model' writes it",
        where=str(path),
        expected="the file that the run wrote, whole and unchanged",
        got=got,
        do="run 'radiome model' again with the same folder: finished steps are found again",
    )


def _file(folder: Path, name: str) -> Path:
    path = folder / name
    if not path.is_file():
        raise UserError(
            f"there is no {name} here",
            where=str(folder),
            expected="the folder that 'radiome model' wrote",
            do="give the folder of its option -o",
        )
    return path
