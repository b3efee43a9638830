"""What every learner has in common: options, reading of rows and outcomes, convergence."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from typing import Annotated, Any, ClassVar, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field
from sklearn import config_context
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import assert_all_finite
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_consistent_length, column_or_1d, validate_data

from radiome.base.counting import counted
from radiome.base.errors import UserError
from radiome.base.options import Options

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.intp]

ValueT = TypeVar("ValueT")

#: One value, or a list of values to tune over.
Values = Annotated[
    tuple[ValueT, ...],
    BeforeValidator(lambda given: tuple(given) if isinstance(given, list | tuple) else (given,)),
    Field(min_length=1),
]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]

#: Strengths of a penalty on standardised columns, from next to nothing learnt to nearly free.
STRENGTHS = (1.0, 0.1, 0.01, 0.001)


class TrainingError(UserError, ValueError):
    """Training rows that a learner cannot learn from; a ValueError too, as scikit-learn expects."""


class LearnerOptions(Options):
    """Options of a learner, each with one value or several to tune over."""

    #: Options of which a larger value makes the simpler model.
    simpler_when_larger: ClassVar[frozenset[str]] = frozenset()

    def combinations(self) -> list[dict[str, Any]]:
        """Every combination of values, the simplest first.

        The values of an option are ranked (numbers by size, others as listed), and
        combinations are ordered by the sum of ranks.
        """
        names = list(type(self).model_fields)
        ranked = [list(enumerate(self._ranked(name))) for name in names]
        grid = [
            (sum(ranks), ranks, dict(zip(names, values, strict=True)))
            for ranks, values in (zip(*chosen, strict=True) for chosen in product(*ranked))
        ]
        return [values for _, _, values in sorted(grid, key=lambda item: item[:2])]

    def _ranked(self, name: str) -> list[Any]:
        values = list(dict.fromkeys(getattr(self, name)))
        if all(isinstance(value, int | float) for value in values):
            values.sort(reverse=name in self.simpler_when_larger)
        return values


def read_features(estimator: Any, X: Any, *, reset: bool = False) -> Floats:
    """Features as a finite float64 matrix; `reset` in `fit`, where the columns are learnt.

    Plain float64 arrays take a short way: scikit-learn's checks cost more than a small fit.
    """
    plain = (
        type(X) is np.ndarray
        and X.dtype == np.float64
        and X.ndim == 2
        and X.shape[0] > 1
        and X.shape[1] > 0
        and not hasattr(estimator, "feature_names_in_")
    )
    if plain and (reset or X.shape[1] == estimator.n_features_in_) and np.isfinite(X).all():
        estimator.n_features_in_ = X.shape[1]
        return np.asarray(X, np.float64)
    least = 2 if reset else 1
    read = validate_data(estimator, X, reset=reset, dtype=np.float64, ensure_min_samples=least)
    return np.asarray(read, np.float64)


def read_classes(estimator: Any, X: Any, y: Any) -> tuple[Floats, Places, NDArray[Any]]:
    """Features, codes of the classes (n,), and the classes.

    Raises
    ------
    TrainingError
        If there is only one class.
    """
    features = read_features(estimator, X, reset=True)
    if y is None:
        raise ValueError("requires y to be passed, but the target y is None")
    labels = column_or_1d(y, warn=True)
    if labels.dtype.kind not in "iub":
        assert_all_finite(labels, input_name="y")
        check_classification_targets(labels)
    check_consistent_length(features, labels)
    classes, codes = np.unique(labels, return_inverse=True)
    if len(classes) < 2:
        raise TrainingError(
            "the training rows have only one class",
            where=type(estimator).__name__,
            expected="at least two classes",
            got=f"{counted(len(labels), 'row')} of class {classes[0]}",
            do="use fewer folds, stratify them by the outcome, or bring more patients",
        )
    return features, codes, classes


def read_numbers(estimator: Any, X: Any, y: Any, *, counts: bool = False) -> tuple[Floats, Floats]:
    """Features and a numeric outcome (n,).

    Raises
    ------
    TrainingError
        For counts, if one is negative or all are 0.
    """
    features, numbers = validate_data(
        estimator, X, y, dtype=np.float64, y_numeric=True, ensure_min_samples=2
    )
    numbers = np.asarray(numbers, np.float64)
    if counts and (numbers.min() < 0 or not numbers.any()):
        raise TrainingError(
            "the training rows have no counts to learn from",
            where=type(estimator).__name__,
            expected="counts of 0 and more, not all 0",
            got=f"counts from {numbers.min():g} to {numbers.max():g}",
            do="check the outcome column, or use fewer folds",
        )
    return np.asarray(features, np.float64), numbers


def read_survival(estimator: Any, X: Any, y: Any) -> tuple[Floats, Flags, Floats]:
    """Features, events (n,) and times (n,).

    Raises
    ------
    TrainingError
        If `y` has not the fields event and time, a time is not positive, or there is no event.
    """
    features = read_features(estimator, X, reset=True)
    names = getattr(getattr(y, "dtype", None), "names", None) or ()
    if not {"event", "time"} <= set(names):
        raise TrainingError(
            "the outcome is no survival outcome",
            where=type(estimator).__name__,
            expected="a structured array with the fields event and time",
            got=f"{type(y).__name__} with fields {', '.join(names) or 'none'}",
        )
    check_consistent_length(features, y)
    event, time = np.asarray(y["event"], np.bool_), np.asarray(y["time"], np.float64)
    if not (np.isfinite(time).all() and (time > 0).all()):
        raise TrainingError(
            "a time to event is not positive",
            where=type(estimator).__name__,
            expected="times above 0",
            got=f"times from {time.min():g} to {time.max():g}",
            do="leave out patients without follow-up, or check how the time was computed",
        )
    if not event.any():
        raise TrainingError(
            "the training rows have no event",
            where=type(estimator).__name__,
            expected="at least one event",
            got=f"{counted(len(event), 'row')}, all censored",
            do="use fewer folds, stratify them by the event, or bring more patients",
        )
    return features, event, time


@dataclass(slots=True)
class Watch:
    """What a fit has said of its convergence."""

    converged: bool = True


@contextmanager
def quick_and_watched() -> Iterator[Watch]:
    """Fit a scikit-learn estimator on rows already checked; note a failure to converge.

    Warnings of other kinds go on to the caller.
    """
    watch = Watch()
    fast = config_context(assume_finite=True, skip_parameter_validation=True)
    with warnings.catch_warnings(record=True) as caught, fast:
        warnings.simplefilter("always")
        yield watch
    for warning in caught:
        if issubclass(warning.category, ConvergenceWarning):
            watch.converged = False
        else:
            warnings.warn_explicit(
                warning.message, warning.category, warning.filename, warning.lineno
            )
