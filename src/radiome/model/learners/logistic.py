"""Penalised logistic regression, binary and multinomial."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from pydantic import Field
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.utils.validation import check_is_fitted

from radiome.model.learners.contract import (
    STRENGTHS,
    Floats,
    LearnerOptions,
    NotNegative,
    Places,
    Share,
    Values,
    quick_and_watched,
    read_classes,
    read_features,
)
from radiome.model.learners.penalised_newton import Derivatives, minimise

#: With more columns than this an iteration of L-BFGS is so much cheaper than a Newton step
#: that it wins.
_NEWTON_COLUMNS = 100


class LogisticOptions(LearnerOptions):
    """Options of logistic regression."""

    simpler_when_larger: ClassVar[frozenset[str]] = frozenset({"strength"})

    strength: Values[NotNegative] = Field(
        default=STRENGTHS, description="Penalty beside the mean loss of a patient."
    )
    l1_ratio: Values[Share] = Field(
        default=(0.0,), description="Share of the lasso in the penalty: 0 is ridge, 1 lasso."
    )


class PenalisedLogistic(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Logistic regression with ridge, lasso or elastic net penalty.

    Minimises mean loss + strength · ((1 − l1_ratio)/2 · Σb² + l1_ratio · Σ|b|); the intercept
    is free. In scikit-learn's terms C = 1/(n · strength).

    Parameters
    ----------
    strength : float
        Penalty, 0 or more.
    l1_ratio : float
        0 is ridge, 1 lasso.
    max_iter : int
        At most so many Newton steps, or 100 times as many iterations of scikit-learn's
        solvers, which fit three and more classes and more than 100 columns.
    random_state : int
        Of the solver for more than two classes with lasso.

    Attributes
    ----------
    coef_ : array (1, p), or (k, p) for k > 2 classes
    intercept_ : array (1,) or (k,)
    converged_ : bool
    n_iter_ : int
    """

    def __init__(
        self,
        strength: float = 0.01,
        l1_ratio: float = 0.0,
        max_iter: int = 50,
        random_state: int = 0,
    ) -> None:
        self.strength = strength
        self.l1_ratio = l1_ratio
        self.max_iter = max_iter
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> Self:
        """Fit on rows (n, p) and their classes (n,)."""
        features, codes, self.classes_ = read_classes(self, X, y)
        centre = features.mean(axis=0)
        lasso = self.strength * self.l1_ratio > 0
        if len(self.classes_) == 2 and (lasso or features.shape[1] <= _NEWTON_COLUMNS):
            self._fit_newton(features - centre, codes)
        else:
            self._fit_scikit(features - centre, codes, lasso=lasso)
        self.intercept_ -= self.coef_ @ centre
        return self

    def decision_function(self, X: Any) -> Floats:
        """Log odds (n,) of the second class, or linear predictors (n, k)."""
        check_is_fitted(self)
        linear = read_features(self, X) @ self.coef_.T + self.intercept_
        return np.asarray(linear[:, 0] if len(self.classes_) == 2 else linear, np.float64)

    def predict_proba(self, X: Any) -> Floats:
        """Probabilities (n, k) of the classes."""
        linear = self.decision_function(X)
        if linear.ndim == 1:
            second = expit(linear)
            return np.column_stack([1 - second, second])
        odds = np.exp(linear - linear.max(axis=1, keepdims=True))
        return np.asarray(odds / odds.sum(axis=1, keepdims=True), np.float64)

    def predict(self, X: Any) -> Any:
        """Most probable class (n,)."""
        linear = self.decision_function(X)
        best = (linear > 0).astype(np.intp) if linear.ndim == 1 else linear.argmax(axis=1)
        return self.classes_[best]

    def _fit_newton(self, centred: Floats, codes: Places) -> None:
        lasso = self.strength * self.l1_ratio
        design = np.column_stack([np.ones(len(centred)), centred])
        share = codes.mean()
        start = np.zeros(design.shape[1])
        start[0] = np.log(share / (1 - share))
        ridge = np.full(len(start), self.strength * (1 - self.l1_ratio))
        ridge[0] = 0.0
        found = minimise(
            _LogisticLoss(design, codes.astype(np.float64), ridge),
            start,
            change=lambda step: float(np.abs(design @ step).max()),
            lasso=lasso * np.sign(np.arange(len(start))) if lasso else None,
            max_steps=self.max_iter,
        )
        self.coef_, self.intercept_ = found.at[None, 1:].copy(), found.at[:1].copy()
        self.n_iter_, self.converged_ = found.steps, found.converged

    def _fit_scikit(self, centred: Floats, codes: Places, *, lasso: bool) -> None:
        inner = LogisticRegression(
            C=1 / (len(codes) * self.strength) if self.strength else np.inf,
            tol=1e-6,
            max_iter=100 * self.max_iter,
        )
        if lasso:
            inner.set_params(solver="saga", l1_ratio=self.l1_ratio, random_state=self.random_state)
            # Before scikit-learn 1.8 the ratio had no effect unless the penalty was named too.
            if inner.penalty != "deprecated":
                inner.set_params(penalty="elasticnet")
        with quick_and_watched() as watch:
            inner.fit(centred, codes)
        self.coef_, self.intercept_ = inner.coef_, inner.intercept_
        self.n_iter_, self.converged_ = int(inner.n_iter_.max()), watch.converged


class _LogisticLoss:
    """Mean logistic loss with ridge weights, and its derivatives."""

    def __init__(self, design: Floats, outcome: Floats, ridge: Floats) -> None:
        self.design, self.outcome, self.ridge = design, outcome, ridge

    def __call__(self, b: Floats) -> Derivatives:
        n = len(self.outcome)
        linear = self.design @ b
        chance = expit(linear)
        loss = float(np.logaddexp(0, linear).sum() - self.outcome @ linear) / n
        gradient = (chance - self.outcome) @ self.design / n + self.ridge * b
        hessian = (self.design.T * (chance * (1 - chance) / n)) @ self.design
        hessian.flat[:: len(b) + 1] += self.ridge
        return loss + 0.5 * float(self.ridge @ b**2), gradient, hessian
