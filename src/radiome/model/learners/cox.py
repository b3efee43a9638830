"""Cox proportional hazards regression, penalised."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, Self

import numpy as np
from pydantic import Field

from radiome.model.learners.contract import (
    STRENGTHS,
    Floats,
    LearnerOptions,
    NotNegative,
    Share,
    Values,
    read_survival,
)
from radiome.model.learners.partial_likelihood import PartialLikelihood, RiskSets, Ties
from radiome.model.learners.penalised_newton import fewer_columns, minimise
from radiome.model.learners.survival import SurvivalLearner, breslow_hazard


class CoxOptions(LearnerOptions):
    """Options of Cox regression."""

    simpler_when_larger: ClassVar[frozenset[str]] = frozenset({"strength"})

    strength: Values[NotNegative] = Field(
        default=STRENGTHS, description="Penalty beside the mean loss of a patient."
    )
    l1_ratio: Values[Share] = Field(
        default=(0.0,), description="Share of the lasso in the penalty: 0 is ridge, 1 lasso."
    )
    ties: Values[Literal["efron", "breslow"]] = Field(
        default=("efron",), description="Approximation for events at one time."
    )


class CoxRegression(SurvivalLearner):
    """Cox regression with ridge, lasso or elastic net penalty.

    Minimises −log partial likelihood / n + strength · ((1 − l1_ratio)/2 · Σb² + l1_ratio · Σ|b|)
    by Newton's method. Relative risks refer to a patient with the mean of each feature.

    Parameters
    ----------
    strength : float
        Penalty, 0 or more.
    l1_ratio : float
        0 is ridge, 1 lasso.
    ties : str
        efron or breslow.
    max_iter : int
        At most so many Newton steps.

    Attributes
    ----------
    coef_ : array (p,)
    log_likelihood_ : float
        Log partial likelihood, without the penalty.
    converged_ : bool
        False if the coefficients have not settled, as when one of them is infinite.
    n_iter_ : int
    """

    def __init__(
        self,
        strength: float = 0.01,
        l1_ratio: float = 0.0,
        ties: Ties = "efron",
        max_iter: int = 50,
    ) -> None:
        self.strength = strength
        self.l1_ratio = l1_ratio
        self.ties = ties
        self.max_iter = max_iter

    def fit(self, X: Any, y: Any) -> Self:
        """Fit on rows (n, p) and their events and times (n,)."""
        features, event, time = read_survival(self, X, y)
        self._centre = features.mean(axis=0)
        centred = features - self._centre
        lasso = self.strength * self.l1_ratio
        reduced, basis = (centred, None) if lasso else fewer_columns(centred)
        sets = RiskSets(event, time, ties=self.ties)
        ridge = self.strength * (1 - self.l1_ratio)
        loss = PartialLikelihood(sets, reduced, ridge)
        found = minimise(
            loss,
            np.zeros(reduced.shape[1]),
            change=lambda step: float(np.abs(loss.columns @ step).max()),
            lasso=np.full(reduced.shape[1], lasso) if lasso else None,
            max_steps=self.max_iter,
        )
        self.coef_ = found.at if basis is None else basis @ found.at
        self.n_iter_, self.converged_ = found.steps, found.converged
        log_risk = centred @ self.coef_
        below_top = log_risk - log_risk.max()
        denominators = sets.denominators(np.exp(below_top[sets.order]))
        self.log_likelihood_ = float(below_top[event].sum() - np.log(denominators).sum())
        self.baseline_ = breslow_hazard(event, time, np.exp(log_risk))
        return self

    def _log_risk(self, features: Floats) -> Floats:
        return np.asarray((features - self._centre) @ self.coef_, np.float64)
