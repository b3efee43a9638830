"""Whether the change of a feature goes with the outcome, adjusted for the baseline or not.

For each feature two models, with y the outcome (0/1, or a number), f0 and f1 the feature:

- ANCOVA: f1 = a + b f0 + c y. The coefficient c is the difference at follow-up between
  patients who started alike. It is not fooled by regression to the mean, and is what to read.
- Change score: f1 - f0 = a + c y. It presumes b = 1, and is fooled where groups differ at
  baseline.

For a time to event the outcome cannot stand on the left: Cox's model has f0 and f1 on the
right, and the coefficient of f1 is tested (Efron's ties, Wald); the change score has f1 - f0
alone. Features are scaled to a standard deviation of 1 there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import UserError
from radiome.base.values import NotApplicable
from radiome.model.outcomes import Outcome
from radiome.model.response.estimates import Estimate, cox, least_squares
from radiome.model.response.patient_changes import PatientChanges
from radiome.select.inputs import ROUNDING
from radiome.select.multiplicity import benjamini_hochberg

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: A feature, and the baseline to adjust for or None, of some patients, against the outcome.
Fit = Callable[[Flags, Floats, Floats | None], Estimate | NotApplicable]

#: Residual degrees of freedom, or events per column, below which a model is not fitted.
FEWEST = 3
_MODELS = ("ancova", "change")
_PARTS = ("", "_low", "_high", "_p")


def outcome_tests(
    data: PatientChanges, outcome: Outcome, rows: NDArray[np.intp]
) -> list[dict[str, Any]]:
    """Test each feature's follow-up value and change against the outcome.

    Parameters
    ----------
    data : PatientChanges
        One row per patient.
    outcome : Outcome
        Binary, continuous, a count, or survival; ordinal outcomes count as their codes.
    rows : array of int, shape (patients,)
        Row of the outcome of each patient, -1 for none.

    Returns
    -------
    list of dict
        ``feature``, ``n``, and of both models (``ancova``, ``change``) the coefficient under
        that name, ``_low``, ``_high``, ``_p`` and ``_q`` (Benjamini-Hochberg);
        ``baseline_p`` and ``baseline_q``: whether the baseline itself goes with the outcome;
        None where not tested, and ``not_tested``.

    Raises
    ------
    UserError
        For an outcome of several classes.
    """
    if outcome.kind == "multiclass":
        raise UserError(
            "an outcome of several classes cannot be compared with a change",
            expected="two classes, an order, numbers, or a time to event",
            got=", ".join(outcome.classes),
            do="name the value that counts with --positive",
        )
    known = rows >= 0
    known[known] = outcome.known[rows[known]]
    taken = outcome.taken(rows[known])
    fit = _survival(taken) if taken.kind == "survival" else _linear(taken.values.astype(float))
    found = []
    for place, name in enumerate(data.names):
        f0, f1 = data.before[known, place], data.after[known, place]
        both = ~np.isnan(f1 - f0)
        found.append({"feature": name, "n": int(both.sum()), **_row(fit, f0[both], f1[both], both)})
    for model in (*_MODELS, "baseline"):
        adjusted = benjamini_hochberg([row[f"{model}_p"] for row in found])
        for row, value in zip(found, adjusted.tolist(), strict=True):
            row[f"{model}_q"] = None if np.isnan(value) else value
            row["not_tested"] = row.pop("not_tested")
    return found


def _row(fit: Fit, f0: Floats, f1: Floats, both: Flags) -> dict[str, Any]:
    empty = dict.fromkeys([f"{m}{part}" for m in _MODELS for part in _PARTS] + ["baseline_p"])
    still = _still(f0, f1)
    if still:
        return {**empty, "not_tested": f"the {still} does not vary"}
    fits = {
        "ancova": fit(both, f1, f0),
        "change": fit(both, f1 - f0, None),
        "baseline": fit(both, f0, None),
    }
    row: dict[str, Any] = dict(empty)
    for model, found in fits.items():
        if isinstance(found, NotApplicable):
            return {**empty, "not_tested": found.reason}
        parts = dict(zip(_PARTS, (found.value, found.low, found.high, found.p), strict=True))
        row.update({f"{model}{p}": v for p, v in parts.items() if f"{model}{p}" in empty})
    return {**row, "not_tested": ""}


def _still(f0: Floats, f1: Floats) -> str:
    """Which of the two values and their difference is the same for all patients."""
    size = max(np.abs(f0).max(initial=0.0), np.abs(f1).max(initial=0.0))
    for what, values in (("baseline", f0), ("follow-up", f1), ("change", f1 - f0)):
        if not values.size or np.ptp(values) <= ROUNDING * size:
            return what
    return ""


def _linear(y: Floats) -> Fit:
    """Least squares of a feature on the outcome, and on the baseline if one is given."""

    def fit(both: Flags, feature: Floats, baseline: Floats | None) -> Estimate | NotApplicable:
        own = y[both]
        columns = np.column_stack([own] if baseline is None else [own, baseline])
        if len(own) - columns.shape[1] - 1 < FEWEST:
            return NotApplicable("too few patients")
        if np.ptp(own) == 0:
            return NotApplicable("the outcome is the same for all patients with both values")
        return least_squares(columns, feature)

    return fit


def _survival(outcome: Outcome) -> Fit:
    """Cox's model of the outcome on a feature, and on the baseline if one is given."""

    def fit(both: Flags, feature: Floats, baseline: Floats | None) -> Estimate | NotApplicable:
        own = outcome.values[both]
        columns = np.column_stack([feature] if baseline is None else [feature, baseline])
        if int(own["event"].sum()) < FEWEST * columns.shape[1]:
            return NotApplicable("too few events")
        return cox(columns, own["event"], own["time"])

    return fit


def summary(rows: list[dict[str, Any]], outcome: Outcome) -> dict[str, Any]:
    """Counts for the record."""
    tested = [row for row in rows if not row["not_tested"]]
    return {
        "outcome": outcome.options.name,
        "kind": outcome.kind,
        "patients": max(row["n"] for row in rows),
        "tested": len(tested),
        "not_tested": len(rows) - len(tested),
        **{
            f"{model}_q_below_0.05": sum(row[f"{model}_q"] < 0.05 for row in tested)
            for model in (*_MODELS, "baseline")
        },
    }
