"""Several binary labels per case, some of them not tested: missing is not negative."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from radiome.base.errors import UserError
from radiome.base.values import NotApplicable
from radiome.model.performance.bootstrap import bootstrap
from radiome.model.performance.discrimination import auc, auc_delong, average_precision
from radiome.model.performance.inputs import Floats, same_length
from radiome.model.performance.resampling import Seed
from radiome.model.performance.results import Estimate, UndefinedStatisticError, attempt


@dataclass(frozen=True, slots=True)
class LabelSummary:
    """One label: how many cases were tested, how many were positive, and the ranking of those."""

    name: str
    tested: int
    positives: int
    prevalence: float | NotApplicable
    auc: Estimate | NotApplicable
    average_precision: float | NotApplicable


@dataclass(frozen=True, slots=True)
class MultilabelSummary:
    """All labels, and the mean AUC of those that were judged.

    Parameters
    ----------
    labels : tuple of LabelSummary
        In the order of the columns.
    macro_auc : Estimate or NotApplicable
        Unweighted mean over the labels judged, named in its method.
    """

    labels: tuple[LabelSummary, ...]
    macro_auc: Estimate | NotApplicable


def multilabel_summary(
    outcomes: ArrayLike,
    scores: ArrayLike,
    names: Sequence[str],
    *,
    seed: Seed | None = None,
    groups: ArrayLike | None = None,
    fewest: int = 10,
    resamples: int = 2000,
    level: float = 0.95,
) -> MultilabelSummary:
    """Return each label's summary over the cases tested for it, and the macro AUC.

    Parameters
    ----------
    outcomes : array of shape (n, k)
        1 positive, 0 negative, NaN not tested.
    scores : array of shape (n, k)
        Higher means more likely positive.
    names : sequence of k str
        Names of the labels.
    seed : int or SeedSequence, optional
        Root seed of the bootstrap of the macro AUC; without it that has no interval.
    groups : array of shape (n,), optional
        Patient of each row.
    fewest : int
        A label with fewer positives, or fewer negatives, is described but not judged.
    resamples : int
        Number of resamples of patients.
    level : float
        Confidence level.
    """
    truth, table = _checked(outcomes, scores, names)
    patient = np.arange(truth.shape[0]) if groups is None else np.asarray(groups)
    same_length(outcomes=truth, groups=patient)
    single = groups is None
    labels = tuple(
        _label(name, truth[:, column], table[:, column], patient, single, fewest, level)
        for column, name in enumerate(names)
    )
    judged = [number for number, label in enumerate(labels) if isinstance(label.auc, Estimate)]
    macro = attempt(_macro, truth, table, judged, seed, patient, resamples, level)
    return MultilabelSummary(labels, macro)


def _label(
    name: str,
    truth: Floats,
    scores: Floats,
    patient: ArrayLike,
    single: bool,
    fewest: int,
    level: float,
) -> LabelSummary:
    tested = ~np.isnan(truth)
    positive, score = truth[tested] == 1, scores[tested]
    count, events = int(tested.sum()), int(positive.sum())
    prevalence = events / count if count else NotApplicable("no case was tested")
    if min(events, count - events) < fewest:
        reason = NotApplicable(
            f"{events} positive and {count - events} negative cases; {fewest} of each are needed"
        )
        return LabelSummary(name, count, events, prevalence, reason, reason)
    own = None if single else np.asarray(patient)[tested]
    return LabelSummary(
        name,
        count,
        events,
        prevalence,
        attempt(auc_delong, positive, score, groups=own, level=level),
        attempt(average_precision, positive, score),
    )


def _macro(
    truth: Floats,
    table: Floats,
    judged: list[int],
    seed: Seed | None,
    patient: ArrayLike,
    resamples: int,
    level: float,
) -> Estimate:
    if not judged:
        raise UndefinedStatisticError("no label could be judged")

    def mean(outcomes: Floats, scores: Floats) -> float:
        values = []
        for column in judged:
            tested = ~np.isnan(outcomes[:, column])
            values.append(auc(outcomes[tested, column], scores[tested, column]))
        return float(np.mean(values))

    method = f"mean of {len(judged)} labels"
    if seed is None:
        note = "no bootstrap was asked for"
        return Estimate(mean(truth, table), None, None, method, len(truth), level, None, note)
    drawn = bootstrap(
        mean, truth, table, seed=seed, groups=patient, resamples=resamples, level=level
    ).estimate
    full = f"{method}, {drawn.method}"
    return Estimate(
        drawn.value, drawn.lower, drawn.upper, full, drawn.n, level, drawn.standard_error
    )


def _checked(outcomes: ArrayLike, scores: ArrayLike, names: Sequence[str]) -> tuple[Floats, Floats]:
    truth = np.asarray(outcomes, dtype=np.float64)
    table = np.asarray(scores, dtype=np.float64)
    if truth.ndim != 2 or truth.shape != table.shape or truth.shape[1] != len(names):
        raise UserError(
            "outcomes, scores and names do not fit together",
            expected="tables of one shape with a column for each name",
            got=f"{truth.shape}, {table.shape} and {len(names)} names",
        )
    if not np.all(np.isnan(truth) | (truth == 0) | (truth == 1)):
        raise UserError("a label is neither 0, 1 nor missing", expected="0, 1 or NaN")
    if not np.isfinite(table[~np.isnan(truth)]).all():
        raise UserError("a score is missing or infinite where the label was tested")
    return truth, table
