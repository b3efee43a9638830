"""Outcomes of several classes: one-vs-rest AUCs, Hand and Till's M, confusion, F1, kappa."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from radiome.base.errors import UserError
from radiome.base.values import NotApplicable
from radiome.model.performance.discrimination import auc, auc_delong
from radiome.model.performance.inputs import Floats, Integers, same_length
from radiome.model.performance.intervals import normal_interval
from radiome.model.performance.results import Estimate, UndefinedStatisticError, attempt

KappaWeights = Literal["none", "linear", "quadratic"]


@dataclass(frozen=True, slots=True)
class MulticlassAuc:
    """AUC of each class against the rest, in the order of the classes, and their means.

    The means are defined where every class has an AUC: leaving one out would change what the
    mean says. `weighted` weighs by the number of rows of each class.
    """

    classes: tuple[Any, ...]
    one_vs_rest: tuple[Estimate | NotApplicable, ...]
    macro: float | NotApplicable
    weighted: float | NotApplicable


@dataclass(frozen=True, slots=True)
class ClassReport:
    """Confusion counts, rows the truth, columns the calls, with the scores of each class.

    F1 = 2 TP / (2 TP + FP + FN) is undefined for a class that occurs in neither; `macro_f1` is
    the mean over the classes in which it is defined.
    """

    classes: tuple[Any, ...]
    confusion: Integers
    precision: tuple[float | NotApplicable, ...]
    recall: tuple[float | NotApplicable, ...]
    f1: tuple[float | NotApplicable, ...]
    macro_f1: float
    n: int


def multiclass_auc(
    outcome: ArrayLike,
    scores: ArrayLike,
    *,
    classes: Sequence[Any] | None = None,
    groups: ArrayLike | None = None,
    level: float = 0.95,
) -> MulticlassAuc:
    """Return the AUC of each class against all others, with DeLong's intervals, and the means.

    Parameters
    ----------
    outcome : array of shape (n,)
        Class of each row.
    scores : array of shape (n, k)
        One column per class; higher means more likely that class.
    classes : sequence of k labels, optional
        Class of each column; the sorted distinct outcomes by default.
    groups : array of shape (n,), optional
        Patient of each row.
    level : float
        Confidence level.
    """
    place, table, labels = _checked(outcome, scores, classes)
    parts = tuple(
        attempt(auc_delong, place == number, table[:, number], groups=groups, level=level)
        for number in range(len(labels))
    )
    known = [part.value for part in parts if isinstance(part, Estimate)]
    if len(known) < len(parts):
        reason = NotApplicable("a class has no AUC")
        return MulticlassAuc(labels, parts, reason, reason)
    sizes = np.bincount(place, minlength=len(labels))
    macro, weighted = float(np.mean(known)), float(np.average(known, weights=sizes))
    return MulticlassAuc(labels, parts, macro, weighted)


def hand_till(
    outcome: ArrayLike, scores: ArrayLike, *, classes: Sequence[Any] | None = None
) -> float:
    """Return M: the mean over pairs of classes of (A(i|j) + A(j|i)) / 2 (Hand and Till 2001).

    A(i|j) is the AUC of column i in the rows of classes i and j. M does not depend on how
    frequent the classes are.
    """
    place, table, labels = _checked(outcome, scores, classes)
    means = []
    for i, j in combinations(range(len(labels)), 2):
        rows = (place == i) | (place == j)
        own = place[rows]
        means.append((auc(own == i, table[rows, i]) + auc(own == j, table[rows, j])) / 2)
    return float(np.mean(means))


def confusion_matrix(
    outcome: ArrayLike, predicted: ArrayLike, *, classes: Sequence[Any] | None = None
) -> Integers:
    """Return counts (k, k): rows are the true classes, columns the called ones.

    Examples
    --------
    >>> confusion_matrix(["a", "a", "b"], ["a", "b", "b"]).tolist()
    [[1, 1], [0, 1]]
    """
    return _confusion(outcome, predicted, classes)[0]


def class_report(
    outcome: ArrayLike, predicted: ArrayLike, *, classes: Sequence[Any] | None = None
) -> ClassReport:
    """Return the confusion matrix with precision, recall and F1 of each class."""
    counts, labels = _confusion(outcome, predicted, classes)
    hits, truth, calls = np.diag(counts), counts.sum(axis=1), counts.sum(axis=0)
    f1 = _shares(2 * hits, truth + calls, "the class occurs in neither")
    return ClassReport(
        labels,
        counts,
        _shares(hits, calls, "the class is never called"),
        _shares(hits, truth, "the class does not occur"),
        f1,
        float(np.mean([value for value in f1 if isinstance(value, float)])),
        int(counts.sum()),
    )


def kappa(
    outcome: ArrayLike,
    predicted: ArrayLike,
    *,
    weights: KappaWeights = "none",
    classes: Sequence[Any] | None = None,
    level: float = 0.95,
) -> Estimate:
    """Return Cohen's kappa, weighted for ordinal classes (Cohen 1968), with a plain interval.

    κ = (P_o − P_e) / (1 − P_e) over agreement weights 1 − |i − j| / (k − 1), or its square for
    "quadratic"; the standard error is that of Fleiss, Cohen and Everitt 1969.

    Parameters
    ----------
    outcome, predicted : arrays of shape (n,)
        True and called classes.
    weights : {"none", "linear", "quadratic"}
        Credit for near misses.
    classes : sequence of labels, optional
        All classes in their order; the sorted distinct values by default.
    level : float
        Confidence level.

    Examples
    --------
    >>> round(kappa([0, 0, 1, 1, 2], [0, 1, 1, 1, 2], weights="linear").value, 4)
    0.7368
    """
    counts, labels = _confusion(outcome, predicted, classes)
    if len(labels) < 2:
        raise UndefinedStatisticError("kappa needs at least two classes")
    n = int(counts.sum())
    cells = counts / n
    rows, columns = cells.sum(axis=1), cells.sum(axis=0)
    credit = _credit(len(labels), weights)
    agreed, chance = float((credit * cells).sum()), float(rows @ credit @ columns)
    if chance >= 1:
        raise UndefinedStatisticError("kappa is undefined: chance agreement is complete")
    value = (agreed - chance) / (1 - chance)
    margin = (credit @ columns)[:, None] + (rows @ credit)[None, :]
    spread = float((cells * (credit * (1 - chance) - margin * (1 - agreed)) ** 2).sum())
    spread -= (agreed * chance - 2 * chance + agreed) ** 2
    # A difference of squares: rounding may leave it just below 0 where agreement is complete.
    error = math.sqrt(max(spread, 0.0) / n) / (1 - chance) ** 2
    method = f"Fleiss-Cohen-Everitt, weights {weights}"
    return normal_interval(
        value, 0.0 if agreed == 1 else error, n, method=method, level=level, limits=(-1.0, 1.0)
    )


def _credit(count: int, weights: KappaWeights) -> Floats:
    apart = np.abs(np.subtract.outer(np.arange(count), np.arange(count)))
    if weights == "none":
        return np.asarray(apart == 0, dtype=np.float64)
    return np.asarray(1 - (apart / (count - 1)) ** (1 if weights == "linear" else 2))


def _shares(parts: Integers, wholes: Integers, lacking: str) -> tuple[float | NotApplicable, ...]:
    return tuple(
        float(part / whole) if whole else NotApplicable(lacking)
        for part, whole in zip(parts.tolist(), wholes.tolist(), strict=True)
    )


def _confusion(
    outcome: ArrayLike, predicted: ArrayLike, classes: Sequence[Any] | None
) -> tuple[Integers, tuple[Any, ...]]:
    truth, calls = np.asarray(outcome), np.asarray(predicted)
    same_length(outcome=truth, predicted=calls)
    labels = tuple(
        np.unique(np.concatenate([truth, calls])).tolist() if classes is None else classes
    )
    flat = _places(truth, labels) * len(labels) + _places(calls, labels)
    counts = np.bincount(flat, minlength=len(labels) ** 2).reshape(len(labels), len(labels))
    return counts.astype(np.intp), labels


def _places(values: NDArray[Any], labels: tuple[Any, ...]) -> Integers:
    known = {label: number for number, label in enumerate(labels)}
    unknown = sorted({repr(value) for value in values.tolist() if value not in known})
    if unknown:
        raise UserError(
            "a class is not among the classes given",
            expected=", ".join(repr(label) for label in labels),
            got=", ".join(unknown[:6]),
        )
    return np.array([known[value] for value in values.tolist()], dtype=np.intp)


def _checked(
    outcome: ArrayLike, scores: ArrayLike, classes: Sequence[Any] | None
) -> tuple[Integers, Floats, tuple[Any, ...]]:
    truth, table = np.asarray(outcome), np.asarray(scores, dtype=np.float64)
    same_length(outcome=truth, scores=table)
    labels = tuple(np.unique(truth).tolist() if classes is None else classes)
    if table.ndim != 2 or table.shape[1] != len(labels):
        raise UserError(
            "the scores do not fit the classes",
            expected=f"one column for each of {len(labels)} classes",
            got=f"an array of shape {table.shape}",
        )
    if len(labels) < 2:
        raise UndefinedStatisticError("the outcome has a single class")
    return _places(truth, labels), table, labels
