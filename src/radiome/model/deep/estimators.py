"""Networks in the manner of scikit-learn: options at the start, ``fit``, then predictions.

Crops are arrays (n, channels, z, y, x). The framework is loaded by ``fit``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from radiome.model.deep.framework import require_framework
from radiome.model.deep.options import Training
from radiome.model.learners.contract import Floats, TrainingError
from radiome.model.splits import repeated_folds

if TYPE_CHECKING:
    from radiome.model.deep.training import Trained

Images = NDArray[np.float32]


class _CropNetwork(BaseEstimator):  # type: ignore[misc]
    """What networks have in common.

    Parameters
    ----------
    network : {"cnn", "gru"}
        Which.
    width, epochs, patience, batch, learning_rate, weight_decay, held_out, flips
        Those of `Training`.
    random_state : int
        Of the rows held out, the first weights, the batches and the flips.

    Attributes
    ----------
    n_weights_ : int
        Numbers learnt.
    n_epochs_ : int
        Passes over the rows up to the one kept.
    n_held_ : int
        Rows that decided when to stop.
    stopped_early_ : bool
        Whether they did, before the last pass allowed.
    """

    _loss: str
    trained_: Trained

    def __init__(
        self,
        network: str = "cnn",
        *,
        width: int = 8,
        epochs: int = 100,
        patience: int = 20,
        batch: int = 16,
        learning_rate: float = 0.003,
        weight_decay: float = 0.01,
        held_out: float = 0.2,
        flips: bool = True,
        random_state: int = 0,
    ) -> None:
        self.network = network
        self.width = width
        self.epochs = epochs
        self.patience = patience
        self.batch = batch
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.held_out = held_out
        self.flips = flips
        self.random_state = random_state

    def _train(
        self,
        X: Any,
        outcome: NDArray[Any],
        strata: NDArray[np.int64],
        groups: Any,
        n_outputs: int,
    ) -> None:
        require_framework()
        from radiome.model.deep.networks import count_weights
        from radiome.model.deep.training import train

        images = read_crops(X)
        check_consistent_length(images, outcome)
        options = Training(**{name: getattr(self, name) for name in Training.model_fields})
        patients = np.arange(len(images)).astype(str) if groups is None else np.asarray(groups)
        held = held_rows(strata, patients, options.held_out, self.random_state)
        self.trained_ = train(
            self.network,
            images,
            outcome,
            held,
            options,
            loss=self._loss,
            outputs=n_outputs,
            seed=self.random_state,
        )
        self.n_weights_ = count_weights(self.trained_.parameters)
        self.n_epochs_ = self.trained_.epochs
        self.n_held_ = int(held.sum())
        self.stopped_early_ = self.trained_.stopped
        self._shape = images.shape[1:]

    def _outputs(self, X: Any) -> Floats:
        check_is_fitted(self, "trained_")
        images = read_crops(X)
        if images.shape[1:] != self._shape:
            raise TrainingError(
                "these crops are unlike those that the network was trained on",
                where=type(self).__name__,
                expected=f"channels and sides {self._shape}",
                got=str(images.shape[1:]),
            )
        return self.trained_.outputs(images)


class CropClassifier(ClassifierMixin, _CropNetwork):  # type: ignore[misc]
    """A network of classes, ordered ones among them; softmax."""

    _loss = "classes"

    def fit(self, X: Any, y: Any, groups: Any = None) -> CropClassifier:
        """Train on crops X (n, c, z, y, x) and labels y (n,); groups (n,) are the patients."""
        self.classes_, codes = np.unique(np.asarray(y), return_inverse=True)
        if len(self.classes_) < 2:
            raise TrainingError(
                "the training rows are all of one class",
                where=type(self).__name__,
                expected="at least two classes",
                got=str(self.classes_),
                do="use fewer folds, or bring more patients",
            )
        strata = codes.astype(np.int64)
        self._train(X, strata, strata, groups, len(self.classes_))
        return self

    def predict_proba(self, X: Any) -> Floats:
        """Probabilities (n, k) of the classes."""
        from scipy.special import softmax

        return np.asarray(softmax(self._outputs(X), axis=1), np.float64)

    def predict(self, X: Any) -> NDArray[Any]:
        """The most probable class (n,)."""
        return np.asarray(self.classes_[self.predict_proba(X).argmax(axis=1)])


class CropRegressor(RegressorMixin, _CropNetwork):  # type: ignore[misc]
    """A network of values, scaled to unit variance inside; squared error. Counts are values."""

    _loss = "values"

    def fit(self, X: Any, y: Any, groups: Any = None) -> CropRegressor:
        """Train on crops X (n, c, z, y, x) and values y (n,); groups (n,) are the patients."""
        values = np.asarray(y, np.float64)
        self.center_, spread = float(values.mean()), float(values.std())
        self.scale_ = spread or 1.0
        scaled = ((values - self.center_) / self.scale_).astype(np.float32)
        strata = np.digitize(values, np.quantile(values, [1 / 3, 2 / 3])).astype(np.int64)
        self._train(X, scaled, strata, groups, 1)
        return self

    def predict(self, X: Any) -> Floats:
        """Expected values (n,)."""
        return self.center_ + self.scale_ * self._outputs(X)[:, 0]


class CropSurvival(_CropNetwork):
    """A network of log relative risk; Cox's partial likelihood."""

    _loss = "survival"

    def fit(self, X: Any, y: Any, groups: Any = None) -> CropSurvival:
        """Train on crops X (n, c, z, y, x) and outcomes y (n,) of fields event and time.

        Raises
        ------
        TrainingError
            If fewer than two rows have the event: one is held out.
        """
        outcome = np.asarray(y)
        if int(outcome["event"].sum()) < 2:
            raise TrainingError(
                "too few training rows have the event",
                where=type(self).__name__,
                expected="at least two events, one of which decides when to stop",
                got=str(int(outcome["event"].sum())),
                do="use fewer folds, or bring more patients",
            )
        self._train(X, outcome, outcome["event"].astype(np.int64), groups, 1)
        return self

    def predict(self, X: Any) -> Floats:
        """Log relative risk (n,): the higher, the earlier the event."""
        return self._outputs(X)[:, 0]


def read_crops(X: Any) -> Images:
    """Crops as finite float32 (n, c, z, y, x) of even sides, copied only where needed."""
    images = np.asarray(X, np.float32)
    if images.ndim != 5 or any(side % 2 or not side for side in images.shape[2:]):
        raise TrainingError(
            "these are no crops",
            expected="an array (n, channels, z, y, x) with even sides",
            got=f"shape {images.shape}",
        )
    if not np.isfinite(images).all():
        raise TrainingError("crops hold values that are NaN or infinite")
    return images


def held_rows(
    strata: NDArray[np.int64], patients: NDArray[Any], share: float, seed: int
) -> NDArray[np.bool_]:
    """Rows (n,) of about a share of the patients, classes spread evenly.

    Of the parts that are dealt it is the first with the most rows of the rarest class, so that
    few events are not all among the rows that are learned from.
    """
    dealt = repeated_folds(strata, patients, max(2, round(1 / share)), 1, seed)[0]
    names, counts = np.unique(strata, return_counts=True)
    rarest = names[counts.argmin()]
    held: NDArray[np.bool_] = dealt == np.bincount(dealt[strata == rarest]).argmax()
    return held
