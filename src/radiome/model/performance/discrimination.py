"""Ranking of events above non-events: AUC with DeLong's variance, average precision."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from radiome.model.performance.bootstrap import Bootstrap, bootstrap
from radiome.model.performance.inputs import (
    Booleans,
    Floats,
    Integers,
    codes,
    finite,
    outcome_and_score,
    same_length,
)
from radiome.model.performance.intervals import normal_interval
from radiome.model.performance.resampling import Seed
from radiome.model.performance.results import Estimate, UndefinedStatisticError


@dataclass(frozen=True, slots=True)
class AucComparison:
    """Two AUCs of the same rows, and the paired test of their difference."""

    first: Estimate
    second: Estimate
    difference: Estimate
    statistic: float
    p_value: float


@dataclass(frozen=True)
class RocCurve:
    """Corners of the ROC curve: a row is called positive where score >= threshold."""

    thresholds: Floats
    sensitivity: Floats
    specificity: Floats


def auc(outcome: ArrayLike, score: ArrayLike) -> float:
    """Return the area under the ROC curve: P(score of event > of non-event) + ½ P(tie).

    Counted in whole numbers by binary search, so equal ranks give equal bits.

    Parameters
    ----------
    outcome : array of shape (n,)
        1 for the event, 0 for none.
    score : array of shape (n,)
        Higher means more likely an event.

    Examples
    --------
    >>> auc([0, 0, 1, 1], [0.1, 0.4, 0.4, 0.8])
    0.875
    """
    positive, values = outcome_and_score(outcome, score)
    others = np.sort(values[~positive])
    events = values[positive]
    doubled = np.searchsorted(others, events, "left").sum()
    doubled += np.searchsorted(others, events, "right").sum()
    return float(int(doubled) / (2 * others.size * events.size))


def auc_delong(
    outcome: ArrayLike,
    score: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    scale: Literal["plain", "logit"] = "plain",
    level: float = 0.95,
) -> Estimate:
    """Return the AUC with DeLong's interval (DeLong et al. 1988).

    The default interval is plain and cut at 0 and 1, as in pROC; "logit" is symmetric on the
    logit scale. With several rows per patient the variance is that of Obuchowski (1997), which
    is DeLong's where every patient has one row. Use on predictions for patients that the model
    has not seen, and not on predictions pooled over folds.

    Parameters
    ----------
    outcome, score : arrays of shape (n,)
        As in `auc`.
    groups : array of shape (n,), optional
        Patient of each row.
    scale : {"plain", "logit"}
        Scale of the interval.
    level : float
        Confidence level.
    """
    positive, values = outcome_and_score(outcome, score)
    patient = codes(groups, positive.size)
    events, others = _components(positive, values)
    covariance = _covariance(positive, patient, events[None], others[None])
    method = "DeLong" if groups is None else "DeLong by patient (Obuchowski)"
    return normal_interval(
        auc(positive, values),
        math.sqrt(max(covariance[0, 0], 0.0)),
        positive.size,
        method=method,
        scale=scale,
        level=level,
        limits=(0.0, 1.0),
    )


def compare_aucs(
    outcome: ArrayLike,
    first: ArrayLike,
    second: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    level: float = 0.95,
) -> AucComparison:
    """Test AUC(first) = AUC(second) on the same rows (DeLong et al. 1988), two-sided.

    Not for nested models fitted to these rows, where the test is not valid (Demler 2012).
    """
    positive, one = outcome_and_score(outcome, first)
    two = finite(second, "second score")
    same_length(outcome=positive, second=two)
    patient = codes(groups, positive.size)
    parts = [_components(positive, values) for values in (one, two)]
    events = np.stack([part[0] for part in parts])
    others = np.stack([part[1] for part in parts])
    covariance = _covariance(positive, patient, events, others)
    variance = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    # Equal rankings leave rounding in place of 0.
    if variance <= 1e-14 * max(np.trace(covariance), 1e-300):
        raise UndefinedStatisticError("the two scores rank the rows alike, so there is no test")
    error = math.sqrt(variance)
    gap = auc(positive, one) - auc(positive, two)
    return AucComparison(
        auc_delong(positive, one, groups=groups, level=level),
        auc_delong(positive, two, groups=groups, level=level),
        normal_interval(gap, error, positive.size, method="DeLong, paired", level=level),
        gap / error,
        float(2 * ndtr(-abs(gap / error))),
    )


def auc_bootstrap(outcome: ArrayLike, score: ArrayLike, *, seed: Seed, **options: Any) -> Bootstrap:
    """Return the AUC with a bootstrap interval by patient, stratified by the outcome.

    `options` are those of `bootstrap.bootstrap`.
    """
    positive, values = outcome_and_score(outcome, score)
    return bootstrap(auc, positive, values, strata=positive, seed=seed, **options)


def average_precision(outcome: ArrayLike, score: ArrayLike) -> float:
    """Return Σ (recall_k − recall_{k−1}) · precision_k over the distinct scores, descending.

    Its value for an uninformative score is the prevalence. Tied rows enter together.

    Examples
    --------
    >>> average_precision([0, 1, 0, 1], [0.1, 0.4, 0.35, 0.8])
    1.0
    """
    positive, values = outcome_and_score(outcome, score)
    _, true, false = _counts_above(positive, values)
    gained = np.diff(true, prepend=0) / true[-1]
    return float(np.sum(gained * true / (true + false)))


def average_precision_bootstrap(
    outcome: ArrayLike, score: ArrayLike, *, seed: Seed, **options: Any
) -> Bootstrap:
    """Return the average precision with a bootstrap interval, stratified by the outcome."""
    positive, values = outcome_and_score(outcome, score)
    return bootstrap(average_precision, positive, values, strata=positive, seed=seed, **options)


def roc_curve(outcome: ArrayLike, score: ArrayLike) -> RocCurve:
    """Return sensitivity and specificity at every distinct score, thresholds descending.

    The first corner, at an infinite threshold, calls nobody positive.
    """
    positive, values = outcome_and_score(outcome, score)
    thresholds, true, false = _counts_above(positive, values)
    return RocCurve(
        np.concatenate([[np.inf], thresholds]),
        np.concatenate([[0.0], true / true[-1]]),
        np.concatenate([[1.0], 1 - false / false[-1]]),
    )


def _counts_above(positive: Booleans, values: Floats) -> tuple[Floats, Integers, Integers]:
    """Distinct scores, descending, with events and non-events at or above each."""
    order = np.argsort(-values, kind="stable")
    ranked = values[order]
    last = np.append(np.flatnonzero(np.diff(ranked)), ranked.size - 1)
    true = np.cumsum(positive[order])[last]
    return ranked[last], true, last + 1 - true


def _components(positive: Booleans, values: Floats) -> tuple[Floats, Floats]:
    """Structural components: non-events below each event, events above each non-event, as shares.

    Binary search gives what midranks give (Sun and Xu 2014), in n log n.
    """
    events, others = values[positive], values[~positive]
    low, high = np.sort(others), np.sort(events)
    below = np.searchsorted(low, events, "left") + np.searchsorted(low, events, "right")
    under = np.searchsorted(high, others, "left") + np.searchsorted(high, others, "right")
    return below / (2 * others.size), 1 - under / (2 * events.size)


def _covariance(positive: Booleans, patient: Integers, events: Floats, others: Floats) -> Floats:
    """Covariance of the AUCs in rows of `events` and `others` (Obuchowski 1997, eq. 1-3)."""
    m, n = events.shape[1], others.shape[1]
    count = int(patient.max()) + 1
    centre = events.mean(axis=1, keepdims=True)
    with_events, from_events = _patient_sums(patient[positive], events - centre, count)
    with_others, from_others = _patient_sums(patient[~positive], others - centre, count)
    if with_events < 2 or with_others < 2:
        raise UndefinedStatisticError(
            "the variance of an AUC needs two patients of each class",
            got=f"{with_events} with events, {with_others} without",
        )
    cross = from_events @ from_others.T * count / (count - 1)
    return np.asarray(
        from_events @ from_events.T * with_events / ((with_events - 1) * m**2)
        + from_others @ from_others.T * with_others / ((with_others - 1) * n**2)
        + (cross + cross.T) / (m * n)
    )


def _patient_sums(patient: Integers, centred: Floats, count: int) -> tuple[int, Floats]:
    """Number of patients with such rows, and the sums of each patient."""
    sums = [np.bincount(patient, weights=row, minlength=count) for row in centred]
    return int(np.unique(patient).size), np.array(sums, dtype=np.float64)
