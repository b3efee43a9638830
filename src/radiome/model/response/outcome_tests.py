"""Whether the change of a feature goes with the outcome, adjusted for the baseline or not.

For each feature two models, with y the outcome (0/1, or a number), f0 and f1 the feature:

- ANCOVA: f1 = a + b f0 + c y. The coefficient c is the difference at follow-up between
  patients who started alike. It is not fooled by regression to the mean, and is what to read.
- Change score: f1 - f0 = a + c y. It presumes b = 1, and is fooled where groups differ at
  baseline.

For a time to event the outcome cannot stand on the right: Cox's model has f0 and f1 on the
right, and the coefficient of f1 is tested (Efron's ties, Wald); the change score has f1 - f0
alone. Features are scaled to a standard deviation of 1 there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import UserError
from radiome.model.learners.partial_likelihood import PartialLikelihood, RiskSets
from radiome.model.learners.penalised_newton import minimise
from radiome.model.outcomes import Outcome
from radiome.model.response.patient_changes import PatientChanges
from radiome.select.inputs import ROUNDING
from radiome.select.multiplicity import benjamini_hochberg

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: Residual degrees of freedom, or events, below which a model is not fitted.
FEWEST = 3
#: Share of a column's variance that another column leaves, below which they are the same.
_SAME = 1e-10


@dataclass(frozen=True, slots=True)
class Estimate:
    """A coefficient with its error.

    Parameters
    ----------
    value, error : float
        Coefficient and standard error.
    low, high : float
        95 % interval.
    p : float
        Two-sided.
    """

    value: float
    error: float
    low: float
    high: float
    p: float


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
        ``feature``, ``n``, and of both models (``ancova_``, ``change_``) the coefficient,
        ``_low``, ``_high``, ``_p`` and ``_q`` (Benjamini-Hochberg); ``baseline_p``: whether
        the baseline itself goes with the outcome; None where not tested, and ``not_tested``.

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
        found.append({"feature": name, "n": int(both.sum()), **_row(fit, f0, f1, both)})
    for model in ("ancova", "change", "baseline"):
        adjusted = benjamini_hochberg([row[f"{model}_p"] for row in found])
        for row, value in zip(found, adjusted.tolist(), strict=True):
            row[f"{model}_q"] = None if np.isnan(value) else value
    return found


class NotFitted(Exception):
    """A model of one feature that cannot be fitted, and why."""


Fit = Callable[[Flags, Floats, Floats | None], Estimate]


def _row(fit: Fit, f0: Floats, f1: Floats, both: Flags) -> dict[str, Any]:
    names = [f"{model}{part}" for model in ("ancova", "change") for part in _PARTS]
    empty: dict[str, Any] = dict.fromkeys([*names, "baseline_p"])
    before, after = f0[both], f1[both]
    size = max(np.abs(before).max(initial=0.0), np.abs(after).max(initial=0.0))
    columns = {"baseline": before, "follow-up": after, "change": after - before}
    for what, values in columns.items():
        if not values.size or np.ptp(values) <= ROUNDING * size:
            return {**empty, "not_tested": f"the {what} does not vary"}
    try:
        models = {"ancova": fit(both, after, before), "change": fit(both, after - before, None)}
        start = fit(both, before, None)
    except NotFitted as error:
        return {**empty, "not_tested": str(error)}
    row: dict[str, Any] = {}
    for model, estimate in models.items():
        values = (estimate.value, estimate.low, estimate.high, estimate.p)
        row.update(zip((f"{model}{part}" for part in _PARTS), values, strict=True))
    return {**row, "baseline_p": start.p, "not_tested": ""}


_PARTS = ("", "_low", "_high", "_p")


def _linear(y: Floats) -> Fit:
    """Least squares of a feature on the outcome, and on the baseline if one is given."""

    def fit(both: Flags, feature: Floats, baseline: Floats | None) -> Estimate:
        own = y[both]
        columns = [np.ones_like(own), own] + ([] if baseline is None else [baseline])
        freedom = len(own) - len(columns)
        if freedom < FEWEST:
            raise NotFitted("too few patients")
        if np.ptp(own) == 0:
            raise NotFitted("the outcome is the same for all patients with both values")
        return least_squares(np.column_stack(columns), feature, 1)

    return fit


def least_squares(columns: Floats, y: Floats, place: int) -> Estimate:
    """Ordinary least squares; the coefficient of one column, the first of which is 1.

    The column is taken without what the others explain of it (Frisch, Waugh and Lovell).
    """
    from scipy import stats

    others = np.delete(columns, place, axis=1)
    basis = np.linalg.qr(others - np.r_[0, others[:, 1:].mean(axis=0)])[0]
    own = columns[:, place] - columns[:, place].mean()
    left = own - basis @ (basis.T @ own)
    if left @ left <= _SAME * (own @ own):
        raise NotFitted("outcome and baseline cannot be told apart")
    value = float(left @ y / (left @ left))
    residual = y - basis @ (basis.T @ y) - value * left
    freedom = len(y) - columns.shape[1]
    error = float(np.sqrt(residual @ residual / freedom / (left @ left)))
    if error <= ROUNDING * float(np.abs(y).max()) / float(np.sqrt(left @ left)):
        raise NotFitted("the model leaves no error: one value follows from the others")
    reach = float(stats.t.ppf(0.975, freedom)) * error
    p = 2 * float(stats.t.sf(abs(value) / error, freedom))
    return Estimate(value, error, value - reach, value + reach, p)


def _survival(outcome: Outcome) -> Fit:
    """Cox's model of the outcome on a feature, and on the baseline if one is given."""

    def fit(both: Flags, feature: Floats, baseline: Floats | None) -> Estimate:
        own = outcome.values[both]
        columns = np.column_stack([feature] + ([] if baseline is None else [baseline]))
        if int(own["event"].sum()) < FEWEST + columns.shape[1]:
            raise NotFitted("too few events")
        return cox(columns, own["event"], own["time"])

    return fit


def cox(columns: Floats, event: Flags, time: Floats) -> Estimate:
    """Cox's model with Efron's ties; the coefficient of the first column, per deviation."""
    from scipy import stats

    centred = (columns - columns.mean(axis=0)) / columns.std(axis=0, ddof=1)
    basis, triangle = np.linalg.qr(centred)
    if np.abs(np.diag(triangle)).min() <= np.sqrt(_SAME * len(centred)):
        raise NotFitted("baseline and follow-up cannot be told apart")
    loss = PartialLikelihood(RiskSets(event, time, ties="efron"), centred, 0.0)
    found = minimise(
        loss,
        np.zeros(centred.shape[1]),
        change=lambda step: float(np.abs(centred @ step).max()),
    )
    if not found.converged:
        raise NotFitted("Cox's model does not converge: the feature orders the events")
    information = loss(found.at)[2] * len(centred)
    value, error = float(found.at[0]), float(np.sqrt(np.linalg.inv(information)[0, 0]))
    reach = float(stats.norm.ppf(0.975)) * error
    p = 2 * float(stats.norm.sf(abs(value) / error))
    return Estimate(value, error, value - reach, value + reach, p)
