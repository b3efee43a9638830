"""Support vector machines (Cortes and Vapnik, Mach Learn 1995; 20:273)."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR

from radiome.model.learners.contract import LearnerOptions, Positive, Values
from radiome.model.learners.wrapped import WrappedClassifier, WrappedRegressor, require_rows

#: Folds whose held-out distances Platt's curve is fitted to.
_FOLDS = 5


class SvmOptions(LearnerOptions):
    """Options of support vector machines."""

    cost: Values[Positive] = Field(
        default=(0.1, 1.0, 10.0), description="Price of a patient on the wrong side."
    )
    kernel: Values[Literal["linear", "rbf"]] = Field(
        default=("rbf",), description="Linear, or radial with scikit-learn's scaled width."
    )


class PlattMachine(WrappedClassifier):
    """Support vector machine with probabilities by Platt's sigmoid.

    The sigmoid is fitted to distances of rows held out in five folds within the training rows
    (Platt 1999); with more than two classes each against the rest, then normalised.

    Parameters
    ----------
    cost : float
        Price of a patient on the wrong side.
    kernel : str
        linear or rbf.
    random_state : int
        Of the folds.
    """

    def __init__(self, cost: float = 1.0, kernel: str = "rbf", random_state: int = 0) -> None:
        self.cost = cost
        self.kernel = kernel
        self.random_state = random_state

    def _inner(self, sizes: NDArray[np.intp]) -> Any:
        require_rows(self, sizes, 2, "to hold out one for the probabilities")
        folds = StratifiedKFold(
            min(_FOLDS, int(sizes.min())), shuffle=True, random_state=self.random_state
        )
        machine = SVC(C=self.cost, kernel=self.kernel)
        return CalibratedClassifierCV(machine, method="sigmoid", cv=folds, ensemble=False, n_jobs=1)


class VectorRegressor(WrappedRegressor):
    """Support vector regression; the outcome is scaled to unit variance inside.

    Parameters
    ----------
    cost : float
        Price of a deviation.
    kernel : str
        linear or rbf.
    """

    def __init__(self, cost: float = 1.0, kernel: str = "rbf") -> None:
        self.cost = cost
        self.kernel = kernel

    def _inner(self, n_rows: int) -> Any:
        machine = SVR(C=self.cost, kernel=self.kernel)
        return TransformedTargetRegressor(machine, transformer=StandardScaler())
