"""Multilayer perceptrons, stopped early."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from sklearn.compose import TransformedTargetRegressor
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import StandardScaler

from radiome.base.counting import counted
from radiome.model.learners.contract import (
    Count,
    LearnerOptions,
    NotNegative,
    TrainingError,
    Values,
)
from radiome.model.learners.wrapped import WrappedClassifier, WrappedRegressor, require_rows

#: Share of the training rows that decides when to stop.
_HELD_OUT = 0.2


class PerceptronOptions(LearnerOptions):
    """Options of perceptrons."""

    simpler_when_larger: ClassVar[frozenset[str]] = frozenset({"weight_decay"})

    units: Values[Count] = Field(default=(8, 32), description="Units of each hidden layer.")
    layers: Values[Count] = Field(default=(1,), description="Hidden layers.")
    weight_decay: Values[NotNegative] = Field(
        default=(0.1,), description="Ridge penalty on the weights, beside the summed loss."
    )


class _Layers:
    """Parameters of a perceptron.

    Parameters
    ----------
    units : int
        Of each hidden layer.
    layers : int
        Hidden layers.
    weight_decay : float
        Ridge penalty on the weights.
    max_iter : int
        At most so many passes over the rows.
    random_state : int
        Of the first weights, the rows held out and the batches.
    """

    def __init__(
        self,
        units: int = 8,
        layers: int = 1,
        weight_decay: float = 0.1,
        max_iter: int = 500,
        random_state: int = 0,
    ) -> None:
        self.units = units
        self.layers = layers
        self.weight_decay = weight_decay
        self.max_iter = max_iter
        self.random_state = random_state

    def _arguments(self) -> dict[str, Any]:
        return {
            "hidden_layer_sizes": (self.units,) * self.layers,
            "alpha": self.weight_decay,
            "learning_rate_init": 0.01,
            "early_stopping": True,
            "validation_fraction": _HELD_OUT,
            "n_iter_no_change": 20,
            "max_iter": self.max_iter,
            "random_state": self.random_state,
        }


class PerceptronClassifier(_Layers, WrappedClassifier):
    """Perceptron of classes; a fifth of the training rows decides when to stop."""

    def _inner(self, sizes: NDArray[np.intp]) -> Any:
        require_rows(self, sizes, 2, "to hold out one for the early stopping")
        if np.ceil(_HELD_OUT * sizes.sum()) < len(sizes):
            raise TrainingError(
                "there are too few training rows to decide when to stop",
                where=type(self).__name__,
                expected=f"at least {int(len(sizes) / _HELD_OUT)} rows for {len(sizes)} classes",
                got=counted(int(sizes.sum()), "row"),
                do="choose another learner",
            )
        return MLPClassifier(**self._arguments())

    @property
    def n_iter_(self) -> int:
        """Passes over the rows."""
        return int(self.estimator_.n_iter_)


class PerceptronRegressor(_Layers, WrappedRegressor):
    """Perceptron of values, which are scaled to unit variance inside."""

    def _inner(self, n_rows: int) -> Any:
        return TransformedTargetRegressor(
            MLPRegressor(**self._arguments()), transformer=StandardScaler()
        )

    @property
    def n_iter_(self) -> int:
        """Passes over the rows."""
        return int(self.estimator_.regressor_.n_iter_)
