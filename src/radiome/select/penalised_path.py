"""Paths of linear, logistic and Cox models with a LASSO or elastic net penalty.

A model is fitted at falling penalties, each from the last (Friedman, Hastie, Tibshirani 2010;
Simon et al. 2011): the log likelihood is replaced by a weighted least squares problem at the
present fit, which scikit-learn's coordinate descent solves.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import enet_path

from radiome.select.outcome_values import OutcomeValues

Floats = npt.NDArray[np.float64]

_STEPS = 60
_LEAST_RATIO = {True: 0.01, False: 0.05}
_MOST_ITERATIONS = 25
_TOLERANCE = 1e-5
_LEAST_WEIGHT = 1e-5
#: Above this linear predictor a model tells the classes apart wholly: the path ends.
_SEPARATED = 30.0


class Response(Protocol):
    """The likelihood of an outcome, up to what does not depend on the fit."""

    def deviance(self, eta: Floats) -> float:
        """Minus twice the log likelihood of linear predictors of shape (n,)."""

    def working(self, eta: Floats) -> tuple[Floats, Floats]:
        """Gradient and weights (minus the diagonal of the Hessian), both of shape (n,)."""


@dataclass(frozen=True, slots=True, eq=False)
class Gaussian:
    """Numbers, at unit variance."""

    y: Floats

    def deviance(self, eta: Floats) -> float:
        """Squared error."""
        return float(((self.y - eta) ** 2).sum())

    def working(self, eta: Floats) -> tuple[Floats, Floats]:
        """Residuals, and weights of one."""
        return self.y - eta, np.ones(eta.size)


@dataclass(frozen=True, slots=True, eq=False)
class Binomial:
    """Zeros and ones, with the logistic link."""

    y: Floats

    def deviance(self, eta: Floats) -> float:
        """Minus twice the log likelihood."""
        return float(2 * (np.logaddexp(0, eta) - self.y * eta).sum())

    def working(self, eta: Floats) -> tuple[Floats, Floats]:
        """Residuals, and p (1 - p)."""
        p = 1 / (1 + np.exp(-eta))
        return self.y - p, np.maximum(p * (1 - p), _LEAST_WEIGHT)


@dataclass(frozen=True, slots=True, eq=False)
class Cox:
    """Times to an event, by Breslow's partial likelihood."""

    time: Floats
    event: Floats

    def deviance(self, eta: Floats) -> float:
        """Minus twice the log partial likelihood."""
        at_risk, _ = self._at_risk(np.exp(eta - eta.max()))
        return float(-2 * (self.event * (eta - eta.max() - np.log(at_risk))).sum())

    def working(self, eta: Floats) -> tuple[Floats, Floats]:
        """Martingale residuals, and the diagonal of the information."""
        hazard = np.exp(eta - eta.max())
        at_risk, places = self._at_risk(hazard)
        first = _sums_up_to(self.event / at_risk, places)
        second = _sums_up_to(self.event / at_risk**2, places)
        weights = hazard * first - hazard**2 * second
        return self.event - hazard * first, np.maximum(weights, _LEAST_WEIGHT)

    def _at_risk(self, hazard: Floats) -> tuple[Floats, npt.NDArray[np.intp]]:
        """Sum of hazards of those still followed at each patient's time."""
        distinct, places = np.unique(self.time, return_inverse=True)
        sums: Floats = np.zeros(distinct.size)
        np.add.at(sums, places, hazard)
        return np.cumsum(sums[::-1])[::-1][places], places


def _sums_up_to(terms: Floats, places: npt.NDArray[np.intp]) -> Floats:
    """For each patient: the sum of terms over those whose time is no later."""
    sums: Floats = np.zeros(terms.size)
    np.add.at(sums, places, terms)
    return np.cumsum(sums)[places]


def responses(outcome: OutcomeValues) -> tuple[Response, ...]:
    """The likelihoods of an outcome: one, or for several classes each against the rest."""
    if outcome.event is not None:
        return (Cox(outcome.values, outcome.event),)
    if outcome.kind == "binary":
        return (Binomial(outcome.values),)
    if outcome.kind == "multiclass":
        classes = np.unique(outcome.values)
        return tuple(Binomial((outcome.values == code).astype(np.float64)) for code in classes)
    spread = float(outcome.values.std())
    return (Gaussian((outcome.values - outcome.values.mean()) / spread),)


def standardised(values: Floats) -> Floats:
    """Columns with mean 0 and variance 1, in the memory order that coordinate descent likes."""
    centred = values - values.mean(axis=0)
    deviation = np.sqrt((centred**2).mean(axis=0))
    return np.asfortranarray(centred / np.where(deviation > 0, deviation, 1.0))


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A model at one penalty.

    Parameters
    ----------
    penalty : float
        λ, for columns of unit variance and the mean log likelihood.
    coefficients : array of float, shape (p,)
        Of standardised columns.
    intercept : float
        Zero for Cox models.
    """

    penalty: float
    coefficients: Floats
    intercept: float


def penalties(x: Floats, response: Response, l1_ratio: float) -> Floats:
    """Falling penalties from the least one that leaves nothing in the model."""
    null = _Model(x, response)
    gradient, _ = null.settled()
    largest = float(np.abs(gradient @ x).max()) / len(x) / l1_ratio
    least = _LEAST_RATIO[x.shape[0] > x.shape[1]]
    return np.geomspace(largest, largest * least, _STEPS)


def path(
    x: Floats, response: Response, *, l1_ratio: float, grid: Floats | None = None
) -> Iterator[Fit]:
    """Fits at falling penalties, one at a time, so that the caller can stop.

    Parameters
    ----------
    x : array of float, shape (n, p)
        From `standardised`.
    response : Response
        n patients.
    l1_ratio : float
        1 for the LASSO, towards 0 for ridge; above 0.
    grid : array of float, optional
        Penalties, falling; by default `penalties`.
    """
    model = _Model(x, response)
    for penalty in penalties(x, response, l1_ratio) if grid is None else grid:
        model.descend(float(penalty), l1_ratio)
        yield Fit(float(penalty), model.coefficients.copy(), model.intercept)
        if np.abs(model.eta).max() > _SEPARATED:
            return


class _Model:
    """The present fit, improved in place."""

    def __init__(self, x: Floats, response: Response) -> None:
        self.x, self.response = x, response
        self.free_intercept = not isinstance(response, Cox)
        self.coefficients = np.zeros(x.shape[1])
        self.intercept = 0.0
        self.eta = np.zeros(x.shape[0])

    def settled(self) -> tuple[Floats, Floats]:
        """Gradient and weights with the best intercept and no features."""
        for _ in range(_MOST_ITERATIONS):
            gradient, weights = self.response.working(self.eta)
            step = float(gradient.sum() / weights.sum()) if self.free_intercept else 0.0
            if abs(step) < _TOLERANCE:
                break
            self.intercept += step
            self.eta = self.eta + step
        return self.response.working(self.eta)

    def descend(self, penalty: float, l1_ratio: float) -> None:
        """Fit at one penalty by repeated weighted least squares."""
        rounds = 1 if isinstance(self.response, Gaussian) else _MOST_ITERATIONS
        for _ in range(rounds):
            before = self.eta
            self._weighted_least_squares(penalty, l1_ratio)
            if np.abs(self.eta - before).max() < _TOLERANCE * 10:
                return

    def _weighted_least_squares(self, penalty: float, l1_ratio: float) -> None:
        gradient, weights = self.response.working(self.eta)
        target = self.eta + gradient / weights
        centre, middle = np.zeros(self.x.shape[1]), 0.0
        if self.free_intercept:
            centre = weights @ self.x / weights.sum()
            middle = float(weights @ target / weights.sum())
        root = np.sqrt(weights)
        with warnings.catch_warnings():
            # One round need not converge: the next one goes on from it.
            warnings.simplefilter("ignore", ConvergenceWarning)
            _, found, _ = enet_path(
                np.asfortranarray((self.x - centre) * root[:, None]),
                root * (target - middle),
                l1_ratio=l1_ratio,
                alphas=[penalty],
                coef_init=self.coefficients,
                precompute=False,
                tol=1e-6,
                check_input=False,
            )
        self.coefficients = np.ascontiguousarray(found[:, 0])
        self.intercept = middle - float(centre @ self.coefficients)
        self.eta = self.intercept + self.x @ self.coefficients


def entry_order(
    values: Floats, outcome: OutcomeValues, *, count: int, l1_ratio: float
) -> npt.NDArray[np.intp]:
    """The first `count` columns, or fewer, that enter the path as the penalty falls.

    Columns that enter at the same step come by the size of their coefficients, then by column
    order. With several classes a column enters with its first class.
    """
    x = standardised(values)
    entered = np.full(x.shape[1], np.inf)
    size = np.zeros(x.shape[1])
    for response in responses(outcome):
        active = np.zeros(x.shape[1], dtype=np.bool_)
        for step, fit in enumerate(path(x, response, l1_ratio=l1_ratio)):
            fresh = (fit.coefficients != 0) & ~active
            earlier = fresh & (step < entered)
            entered[earlier], size[earlier] = step, np.abs(fit.coefficients[earlier])
            active |= fresh
            if active.sum() >= count:
                break
    order = np.lexsort((np.arange(size.size), -size, entered))
    return order[: min(count, int(np.isfinite(entered).sum()))]
