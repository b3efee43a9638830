"""Features without what log volume explains, fitted on the training rows."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from radiome.base.errors import SettingsError, nearest_name
from radiome.select.inputs import (
    SelectionError,
    column_names,
    read_matrix,
    refuse_unfinished,
    varying_columns,
)

Floats = npt.NDArray[np.float64]


class VolumeResidual(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Take out of each feature its straight line on log volume.

    x becomes x - b (log v - mean log v), with b by least squares on the rows of `fit`: the
    training mean of a feature stays. Volume itself is a column of X and passes through.

    Parameters
    ----------
    volume : column name or position, optional
        Column of the volume, in any unit. None leaves everything as it is.

    Attributes
    ----------
    slopes_ : array of float, shape (features,)
        b per feature; 0 for the volume itself.
    centre_ : float or None
        Mean log volume of the training rows.
    volume_ : int or None
        Position of the column.

    Examples
    --------
    >>> import numpy as np
    >>> volume = np.exp([1.0, 2.0, 3.0])
    >>> table = np.column_stack([volume, [3.0, 5.0, 7.0]])
    >>> VolumeResidual(volume=0).fit_transform(table)[:, 1]
    array([5., 5., 5.])
    """

    def __init__(self, volume: Hashable | None = None) -> None:
        self.volume = volume

    def fit(self, X: Any, y: Any = None) -> Self:
        """Fit the lines on these rows; y is not looked at."""
        values = read_matrix(self, X)
        self.volume_ = self._place(values.shape[1])
        self.slopes_ = np.zeros(values.shape[1])
        self.centre_: float | None = None
        if self.volume_ is None:
            return self
        logarithm = self._log_volume(values)
        if not varying_columns(logarithm[:, None])[0]:
            raise SelectionError("all regions have the same volume", do="leave this step out")
        self.centre_ = float(logarithm.mean())
        away = logarithm - self.centre_
        self.slopes_ = away @ (values - values.mean(axis=0)) / (away @ away)
        self.slopes_[self.volume_] = 0.0
        return self

    def transform(self, X: Any) -> Floats:
        """The features without their lines, shape and columns as they came."""
        check_is_fitted(self)
        values: Floats = validate_data(
            self, X, dtype=np.float64, reset=False, ensure_all_finite=False
        )
        refuse_unfinished(values, column_names(self, values.shape[1]))
        if self.centre_ is None:
            return values.copy()
        return values - np.outer(self._log_volume(values) - self.centre_, self.slopes_)

    def _place(self, count: int) -> int | None:
        if self.volume is None:
            return None
        names = list(getattr(self, "feature_names_in_", range(count)))
        if self.volume in names:
            return names.index(self.volume)
        near = nearest_name(str(self.volume), [str(name) for name in names])
        raise SettingsError(
            f"there is no column '{self.volume}' to take the volume from",
            expected="a column name of the table, or a position from 0 for an array",
            do=f"did you mean '{near}'?" if near else "add the volume as a column",
        )

    def _log_volume(self, values: Floats) -> Floats:
        size = values[:, self.volume_]
        if size.min() <= 0:
            raise SelectionError(
                "a volume is zero or negative", expected="above 0", got=str(float(size.min()))
            )
        logarithm: Floats = np.log(size)
        return logarithm
