"""What a bootstrap fits again and again: a recipe of a plan, or any scikit-learn estimator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from radiome.base.errors import UserError
from radiome.model.learners.catalogue import scores as learner_scores
from radiome.model.outcomes import Outcome
from radiome.model.preparation import Design
from radiome.model.recipe import Recipe
from radiome.model.splits import repeated_folds, splits_of
from radiome.model.tuning import FittedModel, fit_recipe

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Texts = NDArray[np.str_]

_CLASSES = ("binary", "multiclass", "ordinal")


class Fitted(Protocol):
    """A model that says something of all n rows."""

    def scores(self) -> Floats:
        """Scores (n,) or (n, k), as learners give them."""
        ...

    def labels(self) -> NDArray[Any]:
        """Predicted class codes (n,)."""
        ...


class Refit(Protocol):
    """A modelling procedure with the n rows that it is bootstrapped on."""

    @property
    def outcome(self) -> Outcome:
        """Outcome of the n rows."""
        ...

    @property
    def patients(self) -> Texts:
        """Patient of each row (n,)."""
        ...

    def fit(self, rows: Rows, seed: int) -> Fitted:
        """Fit on rows that may repeat; copies of a patient never cross inner folds."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class RecipeRefit:
    """A recipe on its rows; preparation, selection and tuning are all done again.

    Parameters
    ----------
    recipe : Recipe
        Steps and options.
    design, outcome, patients
        n rows, all outcomes known.
    inner_folds : int
        Folds to tune by.
    """

    recipe: Recipe
    design: Design
    outcome: Outcome
    patients: Texts
    inner_folds: int = 3

    def fit(self, rows: Rows, seed: int) -> FittedRecipe:
        """Fit on rows that may repeat."""
        # Copies keep the name of their patient, and inner folds do not cut through a name.
        model = fit_recipe(
            self.recipe,
            self.design.taken(rows),
            self.outcome.taken(rows),
            self.patients[rows],
            inner_folds=self.inner_folds,
            seed=seed,
        )
        return FittedRecipe(model, self.design)


@dataclass(frozen=True, slots=True, eq=False)
class FittedRecipe:
    """A fitted recipe, and the rows to score."""

    model: FittedModel
    design: Design

    def scores(self) -> Floats:
        """Scores (n,) or (n, k) of all rows."""
        return self.model.scores(self.design)

    def labels(self) -> NDArray[Any]:
        """Predicted class codes (n,)."""
        return np.asarray(self.model.learner.predict(self.model.inputs(self.design)))


@dataclass(frozen=True, slots=True, eq=False)
class EstimatorRefit:
    """A scikit-learn estimator or pipeline on its rows.

    An estimator with inner cross-validation (a parameter ``cv``, as of a grid search) gets
    folds that keep all copies of a patient together, whatever its ``cv`` was.

    Parameters
    ----------
    estimator : estimator
        Cloned for each fit. A parameter ``random_state`` that is None is set from the seed.
    features : float64 array (n, p)
    outcome : Outcome
        Of the n rows, all known; the estimator is fitted to its values.
    patients : str array (n,)
        Patient of each row.
    inner_folds : int
        Folds of an inner cross-validation, fewer if a class is rarer than that.
    """

    estimator: Any
    features: Floats
    outcome: Outcome
    patients: Texts
    inner_folds: int = 5

    def fit(self, rows: Rows, seed: int) -> FittedEstimator:
        """Fit on rows that may repeat."""
        estimator = clone(self.estimator)
        parameters = estimator.get_params()
        chosen: dict[str, Any] = {
            name: seed % 2**32
            for name, value in parameters.items()
            if _is(name, "random_state") and value is None
        }
        inner = [name for name in parameters if _is(name, "cv")]
        if inner:
            _refuse_nested(inner, parameters)
            folds = self._inner_splits(rows, seed)
            chosen |= dict.fromkeys(inner, folds)
        estimator.set_params(**chosen)
        estimator.fit(self.features[rows], self.outcome.values[rows])
        return FittedEstimator(estimator, self.features, self.outcome)

    def _inner_splits(self, rows: Rows, seed: int) -> list[tuple[Rows, Rows]]:
        strata = self.outcome.strata()[rows]
        pairs = zip(strata.tolist(), self.patients[rows].tolist(), strict=True)
        counts = np.unique([stratum for stratum, _ in set(pairs)], return_counts=True)[1]
        n_folds = max(2, min(self.inner_folds, int(counts.min())))
        folds = repeated_folds(strata, self.patients[rows], n_folds, 1, seed)[0]
        return [(split.train, split.test) for split in splits_of(folds)]


@dataclass(frozen=True, slots=True, eq=False)
class FittedEstimator:
    """A fitted estimator, and the rows to score."""

    estimator: Any
    features: Floats
    outcome: Outcome

    def scores(self) -> Floats:
        """Probabilities where the estimator has them, else its decision or prediction."""
        kind = self.outcome.kind
        if kind not in _CLASSES or hasattr(self.estimator, "predict_proba"):
            classes = len(self.outcome.classes) or None
            return learner_scores(self.estimator, self.features, kind, n_classes=classes)
        if kind != "multiclass" and hasattr(self.estimator, "decision_function"):
            found = np.asarray(self.estimator.decision_function(self.features), np.float64)
            if found.ndim == 1:
                return found
        raise UserError(
            "the estimator gives no scores that rank the rows",
            where=type(self.estimator).__name__,
            expected="predict_proba, or decision_function for two classes",
        )

    def labels(self) -> NDArray[Any]:
        """Predicted class codes (n,)."""
        return np.asarray(self.estimator.predict(self.features))


def _is(name: str, parameter: str) -> bool:
    return name == parameter or name.endswith(f"__{parameter}")


def _refuse_nested(inner: list[str], parameters: dict[str, Any]) -> None:
    """Refuse what copies would leak through: a fitted model, or a cv on rows of another cv."""
    owners = [name.removesuffix("cv") for name in inner]
    below = [name for name in inner if any(name != f"{o}cv" and name.startswith(o) for o in owners)]
    fitted = [name for name in inner if parameters[name] == "prefit"]
    if below or fitted:
        raise UserError(
            "the inner cross-validation of the estimator cannot be kept apart by patient",
            where=", ".join(below or fitted),
            expected="one cross-validation, on the rows that the estimator is fitted on",
            do="use a recipe of radiome, or an estimator with a single inner cross-validation",
        )
