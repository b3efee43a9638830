"""Figures at one threshold with their intervals, and rules that choose a threshold.

A row is called positive where its score is at least the threshold. Choose the threshold on
training data, freeze it, and only then measure with it: on the data that chose it the figures
are too good.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from radiome.base.errors import UserError
from radiome.base.values import NotApplicable
from radiome.model.performance.discrimination import roc_curve
from radiome.model.performance.inputs import binary, finite, same_length
from radiome.model.performance.intervals import exact_binomial, wilson
from radiome.model.performance.results import Estimate, UndefinedStatisticError

Part = Estimate | NotApplicable
ProportionInterval = Literal["wilson", "exact"]
Figure = Literal[
    "sensitivity",
    "specificity",
    "positive_predictive_value",
    "negative_predictive_value",
    "accuracy",
    "balanced_accuracy",
    "matthews",
]


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """Counts and shares at one threshold.

    The intervals of the shares treat rows as independent; for several rows per patient use
    `figure_at` with `bootstrap.bootstrap`. That of the balanced accuracy joins
    the intervals of sensitivity and specificity by Newcombe's square-and-add rule.
    """

    threshold: float
    true_positives: int
    false_positives: int
    true_negatives: int
    false_negatives: int
    sensitivity: Part
    specificity: Part
    positive_predictive_value: Part
    negative_predictive_value: Part
    accuracy: Part
    balanced_accuracy: Part
    matthews: float | NotApplicable


@dataclass(frozen=True, slots=True)
class ChosenThreshold:
    """A threshold and what it gave on the data that chose it; those figures are optimistic."""

    value: float
    rule: str
    sensitivity: float
    specificity: float
    n: int


def operating_point(
    outcome: ArrayLike,
    score: ArrayLike,
    threshold: float,
    *,
    interval: ProportionInterval = "wilson",
    level: float = 0.95,
) -> OperatingPoint:
    """Return counts, shares and intervals where score >= threshold is called positive.

    Parameters
    ----------
    outcome, score : arrays of shape (n,)
        1 for the event, 0 for none; higher means more likely an event.
    threshold : float
        Chosen beforehand.
    interval : {"wilson", "exact"}
        Interval of a proportion.
    level : float
        Confidence level.

    Examples
    --------
    >>> point = operating_point([0, 0, 1, 1], [0.1, 0.6, 0.4, 0.8], 0.5)
    >>> point.sensitivity.value, point.specificity.value
    (0.5, 0.5)
    """
    positive, values = binary(outcome), finite(score, "score")
    same_length(outcome=positive, score=values)
    called = values >= threshold
    tp, fp = int(np.sum(called & positive)), int(np.sum(called & ~positive))
    fn, tn = int(np.sum(~called & positive)), int(np.sum(~called & ~positive))

    def share(successes: int, n: int, lacking: str) -> Part:
        if n == 0:
            return NotApplicable(lacking)
        function = wilson if interval == "wilson" else exact_binomial
        return function(successes, n, level=level)

    sensitivity = share(tp, tp + fn, "no row has the event")
    specificity = share(tn, tn + fp, "every row has the event")
    return OperatingPoint(
        threshold,
        tp,
        fp,
        tn,
        fn,
        sensitivity,
        specificity,
        share(tp, tp + fp, "no row is called positive"),
        share(tn, tn + fn, "every row is called positive"),
        share(tp + tn, positive.size, "there are no rows"),
        _balanced(sensitivity, specificity, positive.size),
        matthews(tp, fp, tn, fn),
    )


def figure_at(outcome: ArrayLike, score: ArrayLike, *, threshold: float, figure: Figure) -> float:
    """Return one figure of `operating_point` as a number, for bootstraps by patient.

    Examples
    --------
    >>> from functools import partial
    >>> from radiome.model.performance.bootstrap import bootstrap
    >>> lesions = [0, 1, 1, 0, 1, 0, 1, 1], [0.2, 0.9, 0.4, 0.1, 0.8, 0.7, 0.6, 0.3]
    >>> patients = ["a", "a", "b", "b", "c", "c", "d", "d"]
    >>> specific = partial(figure_at, threshold=0.5, figure="accuracy")
    >>> bootstrap(specific, *lesions, groups=patients, seed=1, resamples=100).estimate.value
    0.625
    """
    value = getattr(operating_point(outcome, score, threshold), figure)
    if isinstance(value, NotApplicable):
        raise UndefinedStatisticError(
            f"the {figure.replace('_', ' ')} is undefined: {value.reason}"
        )
    return float(value.value if isinstance(value, Estimate) else value)


def matthews(tp: int, fp: int, tn: int, fn: int) -> float | NotApplicable:
    """Return (TP·TN − FP·FN) / √((TP+FP)(TP+FN)(TN+FP)(TN+FN)) (Matthews 1975)."""
    product = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)
    if product == 0:
        return NotApplicable("a class is absent from the outcomes or from the calls")
    return (tp * tn - fp * fn) / math.sqrt(product)


def youden_threshold(outcome: ArrayLike, score: ArrayLike) -> ChosenThreshold:
    """Return the score with the largest sensitivity + specificity − 1 (Youden 1950).

    Of equal ones the highest is taken. For training data only.
    """
    curve = roc_curve(outcome, score)
    index = np.sum([curve.sensitivity, curve.specificity], axis=0)[1:]
    # Sums of fractions that are equal on paper may differ in the last bit.
    best = int(np.flatnonzero(index >= index.max() - 1e-12)[0]) + 1
    return _chosen(outcome, score, float(curve.thresholds[best]), "largest Youden index")


def threshold_at_sensitivity(
    outcome: ArrayLike, score: ArrayLike, sensitivity: float
) -> ChosenThreshold:
    """Return the highest score with at least this sensitivity. For training data only."""
    _share(sensitivity, "sensitivity")
    curve = roc_curve(outcome, score)
    reached = np.flatnonzero(curve.sensitivity[1:] >= sensitivity - 1e-12)[0] + 1
    rule = f"sensitivity at least {sensitivity:g}"
    return _chosen(outcome, score, float(curve.thresholds[reached]), rule)


def threshold_at_specificity(
    outcome: ArrayLike, score: ArrayLike, specificity: float
) -> ChosenThreshold:
    """Return the lowest score with at least this specificity. For training data only.

    Where even the highest score has less, it is refused: every threshold that calls anyone
    positive misses the aim.
    """
    _share(specificity, "specificity")
    curve = roc_curve(outcome, score)
    reached = np.flatnonzero(curve.specificity[1:] >= specificity - 1e-12)
    if reached.size == 0:
        raise UserError(
            "no threshold reaches this specificity",
            expected=f"at most {curve.specificity[1]:g}",
            got=f"{specificity:g}",
        )
    rule = f"specificity at least {specificity:g}"
    return _chosen(outcome, score, float(curve.thresholds[reached[-1] + 1]), rule)


def _balanced(sensitivity: Part, specificity: Part, n: int) -> Part:
    """Mean of the two, with (l, u) from the square-and-add rule (Newcombe 1998, method 10)."""
    if isinstance(sensitivity, NotApplicable):
        return sensitivity
    if isinstance(specificity, NotApplicable):
        return specificity
    value = (sensitivity.value + specificity.value) / 2
    down = math.hypot(*(part.value - (part.lower or 0.0) for part in (sensitivity, specificity)))
    up = math.hypot(*((part.upper or 0.0) - part.value for part in (sensitivity, specificity)))
    method = f"square-and-add of {sensitivity.method}"
    return Estimate(value, value - down / 2, value + up / 2, method, n, sensitivity.level)


def _chosen(outcome: ArrayLike, score: ArrayLike, value: float, rule: str) -> ChosenThreshold:
    positive, values = binary(outcome), finite(score, "score")
    called = values >= value
    sensitivity, specificity = called[positive].mean(), 1 - called[~positive].mean()
    return ChosenThreshold(value, rule, float(sensitivity), float(specificity), positive.size)


def _share(value: float, name: str) -> None:
    if not 0 < value <= 1:
        raise UserError(f"the {name} aimed at lies outside 0 to 1", got=f"{value:g}")
