"""All learners by name: one row each."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np

from radiome.base.errors import SettingsError, nearest_name
from radiome.base.options import parse_options
from radiome.model.learners.contract import Floats, LearnerOptions

_CLASSES = ("binary", "multiclass", "ordinal")


class LearnerEntry(NamedTuple):
    """Where a learner is and what it is.

    Parameters
    ----------
    module : str
        Module of this package.
    options : str
        Its class of options.
    estimators : dict
        Its class for each kind of outcome that it serves.
    summary : str
        What it is, in a line.
    source : str
        Who described it.
    """

    module: str
    options: str
    estimators: dict[str, str]
    summary: str
    source: str


def _trio(classifier: str, regressor: str, counts: str | None = None) -> dict[str, str]:
    """Estimators of classes, of continuous values and of counts."""
    more = {"count": counts} if counts else {}
    return {**dict.fromkeys(_CLASSES, classifier), "continuous": regressor, **more}


LEARNERS = {
    "logistic": LearnerEntry(
        "logistic",
        "LogisticOptions",
        dict.fromkeys(("binary", "multiclass"), "PenalisedLogistic"),
        "Logistic regression, ridge to lasso.",
        "Friedman 2010",
    ),
    "linear": LearnerEntry(
        "linear",
        "LinearOptions",
        {"continuous": "PenalisedLinear"},
        "Linear regression, ridge to lasso.",
        "Zou 2005",
    ),
    "poisson": LearnerEntry(
        "poisson",
        "PoissonOptions",
        {"count": "RidgePoisson"},
        "Poisson regression with log link, ridge.",
        "Nelder 1972",
    ),
    "ordinal": LearnerEntry(
        "ordinal",
        "OrdinalOptions",
        {"ordinal": "ProportionalOdds"},
        "Proportional odds, ridge.",
        "McCullagh 1980",
    ),
    "cox": LearnerEntry(
        "cox",
        "CoxOptions",
        {"survival": "CoxRegression"},
        "Proportional hazards, ridge to lasso.",
        "Cox 1972; Efron 1977; Simon 2011",
    ),
    "random_forest": LearnerEntry(
        "random_forest",
        "RandomForestOptions",
        _trio("ForestClassifier", "ForestRegressor", "ForestCounts"),
        "Trees on bootstrap samples, averaged.",
        "Breiman 2001",
    ),
    "gradient_boosting": LearnerEntry(
        "gradient_boosting",
        "GradientBoostingOptions",
        _trio("BoostingClassifier", "BoostingRegressor", "BoostingCounts"),
        "Small trees, each fitted to what the former leave.",
        "Friedman 2001",
    ),
    "svm": LearnerEntry(
        "svm",
        "SvmOptions",
        _trio("PlattMachine", "VectorRegressor"),
        "Support vectors; probabilities by Platt's sigmoid on held-out rows.",
        "Cortes 1995; Platt 1999",
    ),
    "neighbours": LearnerEntry(
        "neighbours",
        "NeighboursOptions",
        _trio("NeighboursClassifier", "NeighboursRegressor", "NeighboursCounts"),
        "What the nearest training patients have.",
        "Cover 1967",
    ),
    "perceptron": LearnerEntry(
        "perceptron",
        "PerceptronOptions",
        _trio("PerceptronClassifier", "PerceptronRegressor"),
        "Multilayer perceptron, stopped early on a fifth of the training rows.",
        "Rumelhart 1986",
    ),
    "belief_net": LearnerEntry(
        "belief_net",
        "BeliefNetOptions",
        _trio("BeliefNetClassifier", "BeliefNetRegressor"),
        "Stacked restricted Boltzmann machines, then backpropagation through all layers.",
        "Hinton 2006",
    ),
    "survival_forest": LearnerEntry(
        "survival_forest",
        "SurvivalForestOptions",
        {"survival": "SurvivalForest"},
        "Forest of relative risk trees.",
        "LeBlanc 1992",
    ),
    "survival_boosting": LearnerEntry(
        "survival_boosting",
        "SurvivalBoostingOptions",
        {"survival": "SurvivalBoosting"},
        "Boosted trees for Cox's partial likelihood.",
        "Ridgeway 1999",
    ),
}


def make(name: str, kind: str, options: Mapping[str, Any], seed: int) -> Any:
    """The learner `name` for outcomes of a kind, unfitted.

    Parameters
    ----------
    name : str
        Name in `LEARNERS`.
    kind : str
        Kind of the outcome.
    options : mapping
        One value for each option; those left out take the simplest of the default.
    seed : int
        Of what is drawn.

    Raises
    ------
    SettingsError
        For an unknown name or option, a kind that is not served, or several values.

    Examples
    --------
    >>> make("cox", "survival", {"strength": 0.1}, seed=1)
    CoxRegression(strength=0.1)
    """
    combinations = options_of(name, kind, options).combinations()
    open_ones = [key for key in options if len({repr(c[key]) for c in combinations}) > 1]
    if open_ones:
        raise SettingsError(
            f"learner '{name}' needs one value of '{open_ones[0]}'",
            where=f"learner '{name}'",
            expected="one value; grid() lists the combinations of several",
            got=repr(options[open_ones[0]]),
        )
    kind_class = _attribute(name, LEARNERS[name].estimators[kind])
    drawn = {"random_state": seed} if "random_state" in kind_class._get_param_names() else {}
    return kind_class(**combinations[0], **drawn)


def grid(name: str, kind: str, options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every combination of options, the simplest first; options left out take their default.

    Examples
    --------
    >>> grid("svm", "binary", {"cost": [1, 0.1]})
    [{'cost': 0.1, 'kernel': 'rbf'}, {'cost': 1.0, 'kernel': 'rbf'}]
    """
    return options_of(name, kind, options).combinations()


def scores(estimator: Any, X: Any, kind: str, *, n_classes: int | None = None) -> Floats:
    """What a fitted learner says of rows X (n, p).

    Parameters
    ----------
    estimator : learner
        Fitted on the codes or values of the outcome.
    X : array (n, p)
        Features.
    kind : str
        Kind of the outcome.
    n_classes : int, optional
        Classes of the outcome; by default those up to the highest in the training rows.

    Returns
    -------
    array
        Binary: probability (n,) of class 1. Multiclass and ordinal: probabilities (n, k),
        0 for a class without training rows. Continuous and count: expected value (n,).
        Survival: log relative risk (n,), the higher, the earlier the event.
    """
    if kind not in _CLASSES:
        return np.asarray(estimator.predict(X), np.float64)
    chances = np.asarray(estimator.predict_proba(X), np.float64)
    if kind == "binary":
        return chances[:, 1]
    codes = np.asarray(estimator.classes_, np.intp)
    whole = np.zeros((len(chances), max(n_classes or 0, int(codes.max()) + 1)))
    whole[:, codes] = chances
    return whole


def options_of(name: str, kind: str, options: Mapping[str, Any]) -> LearnerOptions:
    """Options of a learner, checked; raises `SettingsError` as `make` does."""
    if name not in LEARNERS:
        near = nearest_name(name, LEARNERS)
        raise SettingsError(
            f"unknown learner '{name}'",
            where="learner",
            expected="one of " + ", ".join(LEARNERS),
            got=name,
            do=f"did you mean '{near}'?" if near else "choose one of the names",
        )
    if kind not in LEARNERS[name].estimators:
        able = [other for other, entry in LEARNERS.items() if kind in entry.estimators]
        raise SettingsError(
            f"learner '{name}' does not serve outcomes of kind {kind}",
            where="learner",
            expected="one of " + ", ".join(able) if able else "a kind of outcome that exists",
            got=name,
        )
    kind_class: type[LearnerOptions] = _attribute(name, LEARNERS[name].options)
    return parse_options(kind_class, options, where=f"learner '{name}'")


def _attribute(name: str, attribute: str) -> Any:
    return getattr(import_module(f"radiome.model.learners.{LEARNERS[name].module}"), attribute)
