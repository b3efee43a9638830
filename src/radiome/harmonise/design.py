"""Batches and covariates as columns of a linear model, and whether they can be told apart."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from radiome.base.errors import UserError

Floats = npt.NDArray[np.float64]

#: A column whose part outside the others is below this share of its length depends on them.
_DEPENDENT = 1e-7


@dataclass(frozen=True, slots=True)
class Covariate:
    """One covariate as it was coded on the training rows.

    Parameters
    ----------
    name : str
        Column name, for messages.
    levels : tuple, optional
        Sorted categories, the first being the baseline; None for a continuous covariate.
    centre, scale : float
        Training mean and standard deviation of a continuous covariate. The fit does not depend
        on them; they keep the equations well conditioned.
    """

    name: str
    levels: tuple[Hashable, ...] | None
    centre: float = 0.0
    scale: float = 1.0

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns of the linear model that this covariate becomes."""
        if self.levels is None:
            return (self.name,)
        return tuple(f"{self.name}[{level}]" for level in self.levels[1:])

    def encode(self, values: pd.Series[Any]) -> Floats:
        """Columns of shape (cases, columns) for new values, coded as the training rows were."""
        refuse_missing(values, self.name)
        if self.levels is None:
            numbers = (as_numbers(values, self.name) - self.centre) / self.scale
            return numbers[:, None]
        unknown = sorted({str(value) for value in values} - {str(level) for level in self.levels})
        if unknown:
            raise UserError(
                f"covariate '{self.name}' has categories that the training rows lack",
                expected=", ".join(map(str, self.levels)),
                got=", ".join(unknown),
                do="merge rare categories before the split, or leave the covariate out",
            )
        labels = values.astype(str).to_numpy()
        columns = [labels == str(level) for level in self.levels[1:]]
        return np.array(columns, dtype=np.float64).reshape(len(columns), len(values)).T


def learn_covariate(values: pd.Series[Any], name: str, *, categorical: bool) -> Covariate:
    """Code a covariate on the training rows; text is categorical whatever is said."""
    refuse_missing(values, name)
    if categorical or not pd.api.types.is_numeric_dtype(values):
        return Covariate(name, tuple(sorted(set(values.tolist()), key=str)))
    numbers = as_numbers(values, name)
    spread = float(numbers.std())
    return Covariate(name, None, float(numbers.mean()), spread if spread > 0 else 1.0)


def encode(
    covariates: Sequence[Covariate], columns: Sequence[pd.Series[Any]], cases: int
) -> Floats:
    """All covariates coded, shape (cases, columns)."""
    parts = [
        covariate.encode(column) for covariate, column in zip(covariates, columns, strict=True)
    ]
    return np.column_stack([np.empty((cases, 0)), *parts])


def as_numbers(values: pd.Series[Any], name: str) -> Floats:
    """Values as float64, or an error that names the column."""
    try:
        return values.to_numpy(dtype=np.float64)
    except (TypeError, ValueError):
        raise UserError(
            f"covariate '{name}' was numeric in the training rows and is not now",
            expected="numbers",
            got=f"values of type {values.dtype}",
            do="give the column the same type in every table, or list it under categorical",
        ) from None


def refuse_missing(values: pd.Series[Any], name: str) -> None:
    """Raise when a batch or covariate is missing anywhere: it cannot be adjusted for."""
    missing = int(values.isna().sum())
    if missing:
        raise UserError(
            f"column '{name}' has missing values",
            expected="a value for every case",
            got=f"{missing} of {len(values)} missing",
            do="complete the column, or leave those cases out and report how many",
        )


def dependent_column(
    batch_codes: npt.NDArray[np.intp], covariates: Floats, names: Sequence[str]
) -> tuple[str, str] | None:
    """First covariate column that batch and earlier columns determine, and by what.

    Parameters
    ----------
    batch_codes : array of int, shape (cases,)
        Batch of each case, 0 to batches - 1.
    covariates : array, shape (cases, columns)
        Coded covariates.
    names : sequence of str
        Their names.

    Returns
    -------
    tuple of (name, cause), or None when every column adds something.
    """
    kept = np.empty((len(batch_codes), 0))
    for index, name in enumerate(names):
        column = covariates[:, index]
        length = float(np.linalg.norm(column - column.mean()))
        if length <= _DEPENDENT * float(np.linalg.norm(column)) or length == 0:
            return name, "it does not vary between the cases"
        within = within_batches(batch_codes, column)
        if np.linalg.norm(within) <= _DEPENDENT * length:
            return name, "the batch determines it"
        if kept.shape[1]:
            within = within - kept @ (kept.T @ within)
            within = within - kept @ (kept.T @ within)
        if np.linalg.norm(within) <= _DEPENDENT * length:
            return name, "the batch and the covariates before it determine it"
        kept = np.column_stack([kept, within / np.linalg.norm(within)])
    return None


def within_batches(batch_codes: npt.NDArray[np.intp], column: Floats) -> Floats:
    """A column with the mean of each batch taken away."""
    sizes = np.bincount(batch_codes)
    means = np.bincount(batch_codes, weights=column) / sizes
    deviation: Floats = column - means[batch_codes]
    return deviation
