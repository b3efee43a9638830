"""What every selector has in common: reading, constant columns, ranks, names."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator
from sklearn.feature_selection import SelectorMixin
from sklearn.utils.validation import check_is_fitted

from radiome.base.options import Options
from radiome.select.inputs import CONSTANT, column_names, read_matrix, varying_columns
from radiome.select.outcome_values import OutcomeValues, read_outcome

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """What a selector decides about q columns.

    Parameters
    ----------
    selected : array of bool, shape (q,)
        What is kept.
    scores : array of float, shape (q,)
        The larger the better.
    order : array of int, shape (q,)
        Positions, the best first.
    undefined : mapping of int to str
        Positions without a score, and why.
    """

    selected: Flags
    scores: Floats
    order: Places
    undefined: Mapping[int, str] = field(default_factory=dict)


def best_first(scores: Floats) -> Places:
    """Positions by falling score; equal scores by column order, NaN last."""
    return np.argsort(-scores, kind="stable")


class FeatureSelector(SelectorMixin, BaseEstimator):  # type: ignore[misc]
    """Base of selectors that see the outcome.

    A selector learns on the rows of `fit` alone. Constant columns are never selected and never
    shown to the method; missing values are refused.

    Attributes
    ----------
    support_ : array of bool, shape (features,)
        What is kept.
    scores_ : array of float, shape (features,)
        The larger the better; NaN for the columns in `excluded_`.
    ranking_ : array of int, shape (features,)
        1 for the best; columns in `excluded_` come last.
    excluded_ : dict of str to str
        Columns that could not be judged, and why.
    """

    outcome: str

    def fit(self, X: Any, y: Any) -> Self:
        """Select on these rows.

        Parameters
        ----------
        X : DataFrame or array, shape (rows, features)
            Finite numbers, one row per patient.
        y : array, shape (rows,)
            Classes, numbers, or a structured array with the fields event and time.
        """
        values = read_matrix(self, X)
        outcome = read_outcome(y, self.outcome, values)
        varying = varying_columns(values)
        self._varying = np.flatnonzero(varying)
        names = column_names(self, values.shape[1])
        self.excluded_ = {names[place]: CONSTANT for place in np.flatnonzero(~varying)}
        if self._varying.size == values.shape[1]:
            chosen = self._choose(values, outcome)
        else:
            chosen = self._choose(values[:, self._varying], outcome)
        self._record(chosen, names)
        return self

    def _record(self, chosen: Choice, names: tuple[str, ...]) -> None:
        self.support_ = self._spread(chosen.selected, fill=False)
        self.scores_ = self._spread(chosen.scores, fill=np.nan)
        judged = self._varying[chosen.order]
        left = np.setdiff1d(np.arange(len(names)), judged)
        self.ranking_ = np.empty(len(names), dtype=np.int64)
        self.ranking_[np.concatenate([judged, left])] = np.arange(1, len(names) + 1)
        for place, why in chosen.undefined.items():
            self.excluded_[names[self._varying[place]]] = why

    def _spread(self, values: npt.NDArray[Any], *, fill: Any) -> npt.NDArray[Any]:
        """Values of the columns that vary, as values of all columns."""
        whole = np.full(self.n_features_in_, fill, dtype=values.dtype)
        whole[self._varying] = values
        return whole

    @abstractmethod
    def _choose(self, values: Floats, outcome: OutcomeValues) -> Choice:
        """Decide about columns that vary; `values` may have none."""

    def _get_support_mask(self) -> Flags:
        check_is_fitted(self)
        support: Flags = self.support_
        return support

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags


class SelectorOptions(Options):
    """Options of a selector as a plan file states them."""

    def build(self, *, outcome: str, seed: int) -> Any:
        """The selector, unfitted.

        Parameters
        ----------
        outcome : str
            Type of the outcome, or "auto".
        seed : int
            Of what is drawn.
        """
        raise NotImplementedError
