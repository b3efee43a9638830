"""Learners of scikit-learn behind the contract: checked rows, noted convergence."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils.validation import check_is_fitted

from radiome.model.learners.contract import (
    Floats,
    TrainingError,
    quick_and_watched,
    read_classes,
    read_features,
    read_numbers,
)


class WrappedClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A classifier of scikit-learn that sees codes 0 to k − 1.

    Attributes
    ----------
    estimator_ : estimator
        Fitted.
    converged_ : bool
        False if scikit-learn said that the fit has not converged.
    """

    @abstractmethod
    def _inner(self, sizes: NDArray[np.intp]) -> Any:
        """The estimator to fit, given how many training rows each class has."""

    def fit(self, X: Any, y: Any) -> Self:
        """Fit on rows (n, p) and their classes (n,)."""
        features, codes, self.classes_ = read_classes(self, X, y)
        inner = self._inner(np.bincount(codes))
        with quick_and_watched() as watch:
            self.estimator_ = inner.fit(features, codes)
        self.converged_ = watch.converged
        return self

    def predict_proba(self, X: Any) -> Floats:
        """Probabilities (n, k) of the classes."""
        check_is_fitted(self)
        features = read_features(self, X)
        with config_context(assume_finite=True):
            return np.asarray(self.estimator_.predict_proba(features), np.float64)

    def predict(self, X: Any) -> Any:
        """Most probable class (n,)."""
        best = self.predict_proba(X).argmax(axis=1)
        return self.classes_[best]


class WrappedRegressor(RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """A regressor of scikit-learn.

    Attributes
    ----------
    estimator_ : estimator
        Fitted.
    converged_ : bool
        False if scikit-learn said that the fit has not converged.
    """

    #: Whether the outcome is a count.
    _counts = False

    @abstractmethod
    def _inner(self, n_rows: int) -> Any:
        """The estimator to fit, given the number of training rows."""

    def fit(self, X: Any, y: Any) -> Self:
        """Fit on rows (n, p) and values (n,)."""
        features, numbers = read_numbers(self, X, y, counts=self._counts)
        inner = self._inner(len(numbers))
        with quick_and_watched() as watch:
            self.estimator_ = inner.fit(features, numbers)
        self.converged_ = watch.converged
        return self

    def predict(self, X: Any) -> Floats:
        """Expected values (n,)."""
        check_is_fitted(self)
        features = read_features(self, X)
        with config_context(assume_finite=True):
            return np.asarray(self.estimator_.predict(features), np.float64).reshape(len(features))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.positive_only = self._counts
        return tags


def require_rows(estimator: Any, sizes: NDArray[np.intp], least: int, why: str) -> None:
    """Raise `TrainingError` if a class has fewer than `least` training rows."""
    if sizes.min() < least:
        raise TrainingError(
            "a class has too few training rows",
            where=type(estimator).__name__,
            expected=f"at least {least} rows of each class, {why}",
            got=f"{sizes.min()} of class {estimator.classes_[sizes.argmin()]}",
            do="merge rare classes, or choose another learner",
        )
