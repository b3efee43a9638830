"""Checks of outcomes and predictions, before any statistic sees them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from radiome.base.counting import counted
from radiome.base.errors import UserError
from radiome.model.performance.results import UndefinedStatisticError

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]
Booleans = NDArray[np.bool_]


def finite(values: ArrayLike, name: str) -> Floats:
    """Return a one-dimensional float array without missing or infinite values."""
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise UserError(f"the {name} is not numeric", expected="numbers", got=str(error)) from error
    if array.ndim != 1:
        raise UserError(
            f"the {name} has the wrong shape",
            expected="one value per row",
            got=f"an array of shape {array.shape}",
        )
    if not np.isfinite(array).all():
        count = int((~np.isfinite(array)).sum())
        raise UserError(
            f"the {name} has missing or infinite values",
            got=f"{count} of {array.size}",
            do="leave these rows out, or impute them before",
        )
    return array


def binary(outcome: ArrayLike, name: str = "outcome") -> Booleans:
    """Return the outcome as booleans; only 0 and 1 are accepted."""
    array = np.asarray(outcome)
    if array.dtype == np.bool_ and array.ndim == 1:
        return array
    numbers = finite(outcome, name)
    positive = numbers == 1
    if not (positive | (numbers == 0)).all():
        raise UserError(
            f"the {name} has values other than 0 and 1",
            expected="1 for the event, 0 for none",
            got=", ".join(f"{value:g}" for value in np.unique(numbers)[:6]),
        )
    return np.asarray(positive, dtype=np.bool_)


def two_classes(outcome: ArrayLike) -> Booleans:
    """Return a binary outcome that has both classes."""
    positive = binary(outcome)
    events = np.count_nonzero(positive)
    if events == 0 or events == positive.size:
        raise UndefinedStatisticError(
            "the outcome has a single class",
            expected="at least one row of each class",
            got=f"{counted(int(events), 'event')} in {counted(positive.size, 'row')}",
        )
    return positive


def same_length(**arrays: NDArray[np.generic]) -> int:
    """Return the common length of the arrays; unequal lengths and no rows are refused."""
    lengths = {name: int(array.shape[0]) for name, array in arrays.items()}
    if len(set(lengths.values())) != 1:
        text = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise UserError("the arrays differ in length", expected="one value per row", got=text)
    n = next(iter(lengths.values()))
    if n == 0:
        raise UndefinedStatisticError("there are no rows")
    return n


def outcome_and_score(outcome: ArrayLike, score: ArrayLike) -> tuple[Booleans, Floats]:
    """Return a binary outcome of both classes and a score of the same length."""
    positive, values = two_classes(outcome), finite(score, "score")
    same_length(outcome=positive, score=values)
    return positive, values


def probabilities(values: ArrayLike, name: str = "probability") -> Floats:
    """Return probabilities between 0 and 1, both included."""
    array = finite(values, name)
    if array.size and (array.min() < 0 or array.max() > 1):
        raise UserError(
            f"the {name} lies outside 0 to 1",
            got=f"{array.min():g} to {array.max():g}",
            do="pass probabilities, not scores",
        )
    return array


def outcome_and_probability(outcome: ArrayLike, probability: ArrayLike) -> tuple[Booleans, Floats]:
    """Return a binary outcome, of one class or two, and probabilities of the same length."""
    positive, values = binary(outcome), probabilities(probability)
    same_length(outcome=positive, probability=values)
    return positive, values


def survival_outcome(time: ArrayLike, event: ArrayLike) -> tuple[Floats, Booleans]:
    """Return follow-up times, not negative, and event indicators of the same length."""
    times, events = finite(time, "time"), binary(event, "event indicator")
    same_length(time=times, event=events)
    if times.min() < 0:
        raise UserError("a follow-up time is negative", got=f"{times.min():g}")
    return times, events


def codes(groups: ArrayLike | None, n: int) -> Integers:
    """Return the patient of every row as a number 0..patients-1.

    Without groups every row is its own patient.
    """
    if groups is None:
        return np.arange(n)
    _, inverse = np.unique(np.asarray(groups), return_inverse=True)
    same_length(rows=np.empty(n), groups=inverse)
    return inverse.astype(np.intp)
