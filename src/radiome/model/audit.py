"""What was fitted on whom, checked against the predictions that a study left."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from radiome.base.errors import UserError
from radiome.model.ledger import patients_hash

#: Outcome, model, repeat and fold.
Place = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class AuditRow:
    """The fits behind one fold of predictions.

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
        Whether these are all patients of the other folds and none of this one.
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
        there too, as unsound.

    Raises
    ------
    UserError
        If the files are not there.
    """
    ledger, folds = _ledger(Path(folder)), _folds(Path(folder))
    rows = []
    for (outcome, model, repeat, fold), tested in folds.items():
        purpose = f"repeat {repeat}, fold {fold}"
        fits = ledger.pop((outcome, model, purpose), [])
        everyone = set().union(
            *(names for place, names in folds.items() if place[:3] == (outcome, model, repeat))
        )
        rows.append(_row(outcome, model, purpose, fits, everyone - tested))
    for (outcome, model, purpose), fits in ledger.items():
        reason = "fits without predictions"
        rows.append(_row(outcome, model, purpose, fits, set(), reason))
    return rows


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
        reason = f"not fitted on the patients of the other folds: {', '.join(strange)}"
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
    for fit in json.loads(path.read_text(encoding="utf-8")):
        found[fit["outcome"], fit["model"], fit["purpose"]].append(fit)
    return found


def _folds(folder: Path) -> dict[Place, set[str]]:
    found: dict[Place, set[str]] = defaultdict(set)
    for row in _predictions(_file(folder, "predictions.csv")):
        found[row["outcome"], row["model"], row["repeat"], row["fold"]].add(row["patient"])
    return found


def _predictions(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _file(folder: Path, name: str) -> Path:
    path = folder / name
    if not path.is_file():
        raise UserError(
            f"there is no {name} here",
            where=str(folder),
            expected="the folder that 'radiome model' wrote",
        )
    return path
