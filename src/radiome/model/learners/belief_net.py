"""Deep belief networks: layers learnt without the outcome, then tuned with it.

Restricted Boltzmann machines are trained one on top of the other (Hinton, Osindero, Teh,
Neural Comput 2006; 18:1527), here by scikit-learn with persistent contrastive divergence.
Their weights start a feed-forward network that is fitted to the outcome as a whole. It is
offered because early radiomics used it, not because it is known to do better.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from pydantic import Field
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.neural_network import BernoulliRBM
from sklearn.utils.validation import check_is_fitted

from radiome.model.learners.backpropagation import Network, fine_tuned
from radiome.model.learners.contract import (
    Count,
    Floats,
    LearnerOptions,
    Positive,
    Values,
    quick_and_watched,
    read_classes,
    read_features,
    read_numbers,
)


class BeliefNetOptions(LearnerOptions):
    """Options of deep belief networks."""

    simpler_when_larger: ClassVar[frozenset[str]] = frozenset({"weight_decay"})

    units: Values[Count] = Field(default=(16,), description="Units of each hidden layer.")
    layers: Values[Count] = Field(default=(1, 2), description="Hidden layers.")
    weight_decay: Values[Positive] = Field(
        default=(0.01, 0.001), description="Ridge penalty on the weights while fine-tuning."
    )
    pre_training: Values[Count] = Field(
        default=(20,), description="Passes over the rows for each Boltzmann machine."
    )


class _BeliefNet(BaseEstimator):  # type: ignore[misc]
    """Layers of Boltzmann machines, a head, and their fine-tuning.

    Each column is scaled to 0 to 1 over the training rows; later values beyond are clipped.

    Parameters
    ----------
    units : int
        Of each hidden layer.
    layers : int
        Hidden layers.
    weight_decay : float
        Ridge penalty on the weights beside the mean loss.
    pre_training : int
        Passes over the rows for each Boltzmann machine.
    max_iter : int
        At most so many L-BFGS steps of fine-tuning.
    random_state : int
        Of the Boltzmann machines.

    Attributes
    ----------
    network_ : Network
    converged_ : bool
        Whether the fine-tuning has converged.
    n_iter_ : int
    """

    def __init__(
        self,
        units: int = 16,
        layers: int = 1,
        weight_decay: float = 0.01,
        pre_training: int = 20,
        max_iter: int = 500,
        random_state: int = 0,
    ) -> None:
        self.units = units
        self.layers = layers
        self.weight_decay = weight_decay
        self.pre_training = pre_training
        self.max_iter = max_iter
        self.random_state = random_state

    def _fit_network(self, features: Floats, aim: Floats, *, classes: bool) -> None:
        self._lowest = features.min(axis=0)
        span = features.max(axis=0) - self._lowest
        self._span = np.where(span > 0, span, 1.0)
        inputs = self._scaled(features)
        hidden = self._pre_trained(inputs)
        head = (np.zeros((self.units, aim.shape[1])), aim.mean(axis=0) * (not classes))
        self.network_, self.n_iter_, self.converged_ = fine_tuned(
            Network((*hidden, head), classes),
            inputs,
            aim,
            decay=self.weight_decay,
            steps=self.max_iter,
        )

    def _pre_trained(self, inputs: Floats) -> list[tuple[Floats, Floats]]:
        layers = []
        for depth in range(self.layers):
            machine = BernoulliRBM(
                self.units,
                learning_rate=0.05,
                batch_size=10,
                n_iter=self.pre_training,
                random_state=self.random_state + depth,
            )
            with quick_and_watched():
                inputs = machine.fit_transform(inputs)
            weights = np.asarray(machine.components_.T, np.float64)
            layers.append((weights, np.asarray(machine.intercept_hidden_, np.float64)))
        return layers

    def _scaled(self, features: Floats) -> Floats:
        return np.asarray(np.clip((features - self._lowest) / self._span, 0.0, 1.0), np.float64)

    def _output(self, X: Any) -> Floats:
        check_is_fitted(self)
        return self.network_.output(self._scaled(read_features(self, X)))


class BeliefNetClassifier(ClassifierMixin, _BeliefNet):  # type: ignore[misc]
    """Deep belief network of classes, with a softmax head."""

    def fit(self, X: Any, y: Any) -> Self:
        """Fit on rows (n, p) and their classes (n,)."""
        features, codes, self.classes_ = read_classes(self, X, y)
        self._fit_network(features, np.eye(len(self.classes_))[codes], classes=True)
        return self

    def predict_proba(self, X: Any) -> Floats:
        """Probabilities (n, k) of the classes."""
        return self._output(X)

    def predict(self, X: Any) -> Any:
        """Most probable class (n,)."""
        best = self._output(X).argmax(axis=1)
        return self.classes_[best]


class BeliefNetRegressor(RegressorMixin, _BeliefNet):  # type: ignore[misc]
    """Deep belief network of values, scaled to unit variance inside, with a linear head."""

    def fit(self, X: Any, y: Any) -> Self:
        """Fit on rows (n, p) and values (n,)."""
        features, numbers = read_numbers(self, X, y)
        self._mean, spread = float(numbers.mean()), float(numbers.std())
        self._spread = spread if spread > 0 else 1.0
        aim = (numbers - self._mean) / self._spread
        self._fit_network(features, aim[:, None], classes=False)
        return self

    def predict(self, X: Any) -> Floats:
        """Expected values (n,)."""
        output = self._output(X)[:, 0]
        return self._mean + self._spread * output
