"""Intervals and sets of labels of all patients of an outcome, and how often they are right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import UserError
from radiome.model.conformal.folds_left_out import TwiceLeftOut
from radiome.model.conformal.guarantee import least_coverage
from radiome.model.conformal.intervals import cv_plus_intervals
from radiome.model.conformal.label_sets import both_chances, label_sets
from radiome.model.performance.intervals import wilson

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class PatientRange:
    """What is said of one patient, who calibrated nothing of it.

    Parameters
    ----------
    patient : str
    fold : int
        From 1.
    observed : float or str
        True value or class.
    lower, upper : float or None
        Limits of a number; None where the interval is not bounded, and for classes.
    labels : tuple of str or None
        Classes that cannot be ruled out; None for numbers.
    """

    patient: str
    fold: int
    observed: float | str
    lower: float | None = None
    upper: float | None = None
    labels: tuple[str, ...] | None = None


def conformal_figures(
    found: TwiceLeftOut, level: float
) -> tuple[dict[str, Any], list[PatientRange]]:
    """Coverage, width or abstention, and what is said of each patient.

    Parameters
    ----------
    found : TwiceLeftOut
        From `leave_two_out`.
    level : float
        Coverage asked for.

    Raises
    ------
    UserError
        For a time to event: who is censored has no known value to cover.
    """
    if found.outcome.kind == "survival":
        raise UserError(
            "censored times have no value that an interval could cover",
            where="report.conformal",
            expected="classes, counts or numbers",
        )
    of_kind = _classes if found.outcome.classes else _numbers
    return of_kind(found, level)


def _numbers(found: TwiceLeftOut, level: float) -> tuple[dict[str, Any], list[PatientRange]]:
    values = np.asarray(found.outcome.values, np.float64)
    lower, upper = _limits(values, found.scores, found, level)
    plain = _limits(values, _training_means(values, found), found, level)
    figures = {
        **_told("CV+ (Barber 2021)", level, _least(found.folds, level)),
        "coverage": _share((lower <= values) & (values <= upper)),
        "width": _width(lower, upper),
        "width_without_features": _width(*plain),
    }
    ranges = [
        PatientRange(patient, fold + 1, value, _finite(low), _finite(high))
        for patient, fold, value, low, high in zip(
            found.patients.tolist(),
            found.folds.tolist(),
            values.tolist(),
            lower.tolist(),
            upper.tolist(),
            strict=True,
        )
    ]
    return figures, ranges


def _limits(
    values: Floats, scores: Floats, found: TwiceLeftOut, level: float
) -> tuple[Floats, Floats]:
    lower, upper = cv_plus_intervals(values, scores, found.folds, level)
    # No count is negative: to say so loses no patient.
    return (np.maximum(lower, 0) if found.outcome.kind == "count" else lower), upper


def _classes(found: TwiceLeftOut, level: float) -> tuple[dict[str, Any], list[PatientRange]]:
    codes, names = found.outcome.values, found.outcome.classes
    chances = found.scores if found.scores.ndim == 3 else both_chances(found.scores)
    sets = label_sets(codes, chances, found.folds, level)
    hit = sets[np.arange(len(codes)), codes]
    single = sets.sum(axis=1) == 1
    of_class = {name: codes == code for code, name in enumerate(names)}
    least = {name: _least(found.folds[rows], level) for name, rows in of_class.items()}
    sizes = np.bincount(sets.sum(axis=1), minlength=len(names) + 1)
    figures = {
        **_told("cross-conformal, classes on their own (Vovk 2015)", level, least),
        "coverage": _share(hit),
        "coverage_by_class": {name: _share(hit[rows]) for name, rows in of_class.items()},
        "abstention": _share(~single),
        "abstention_by_class": {name: _share(~single[rows]) for name, rows in of_class.items()},
        "labels_in_set": {str(n): count for n, count in enumerate(sizes.tolist())},
        "right_where_single": _share(hit[single]),
    }
    ranges = [
        PatientRange(patient, int(fold) + 1, names[code], labels=_named(row, names))
        for patient, fold, code, row in zip(
            found.patients.tolist(), found.folds, codes, sets, strict=True
        )
    ]
    return figures, ranges


def _told(method: str, level: float, least: Any) -> dict[str, Any]:
    return {
        "method": method,
        "level": level,
        "least_coverage": least,
        "note": "coverage is of patients like these, on average; not of a new hospital",
    }


def _least(folds: NDArray[np.int64], level: float) -> float | dict[str, str]:
    """The promise for the fold that has the fewest patients to calibrate it."""
    sizes = np.bincount(folds)
    sizes = sizes[sizes > 0]
    n, k = len(folds) - int(sizes.max()), len(sizes) - 1
    if k < 1 or n < k:
        return {"reason": "too few patients in other folds"}
    return least_coverage(level, n, k)


def _share(hits: Flags) -> dict[str, Any]:
    """A share of patients with Wilson's interval."""
    if not hits.size:
        return {"reason": "no such patient"}
    found = wilson(int(hits.sum()), hits.size)
    return {"value": found.value, "lower": found.lower, "upper": found.upper, "n": hits.size}


def _width(lower: Floats, upper: Floats) -> dict[str, Any]:
    width = upper - lower
    if not np.isfinite(width).all():
        return {"reason": "too few patients to bound the interval at this level"}
    return {"mean": float(width.mean()), "median": float(np.median(width))}


def _training_means(values: Floats, found: TwiceLeftOut) -> Floats:
    """What the mean of the training patients predicts, in the form of the scores (K, m)."""
    folds = found.folds
    means = np.full(found.scores.shape, np.nan)
    for left_out in np.unique(folds):
        for own in np.unique(folds):
            if own != left_out:
                training = (folds != own) & (folds != left_out)
                means[left_out, folds == own] = values[training].mean()
    return means


def _finite(limit: float) -> float | None:
    return limit if np.isfinite(limit) else None


def _named(row: Flags, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name, there in zip(names, row.tolist(), strict=True) if there)


def plain_ranges(ranges: Sequence[PatientRange]) -> list[dict[str, Any]]:
    """The ranges as plain values, for JSON."""
    return [asdict(each) for each in ranges]
