"""Variance inflation: how far each predictor of a linear model repeats the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from radiome.select.correlation import correlation_matrix
from radiome.select.inputs import SelectionError, refuse_unfinished, varying_columns

Floats = npt.NDArray[np.float64]

#: Above this a predictor is worth a warning; it is no reason to delete it.
WARNING_LEVEL = 10.0

_SINGULAR = 1e-12


@dataclass(frozen=True, slots=True)
class VarianceInflation:
    """Variance inflation of the p predictors of a linear model.

    Parameters
    ----------
    names : tuple of str
        The predictors.
    factors : tuple of float
        VIF = diag(R⁻¹), with R the Pearson correlation matrix.
    condition_index : float
        sqrt of the largest over the smallest eigenvalue of R.
    """

    names: tuple[str, ...]
    factors: tuple[float, ...]
    condition_index: float

    @property
    def warned(self) -> tuple[str, ...]:
        """Predictors with a factor above 10."""
        pairs = zip(self.names, self.factors, strict=True)
        return tuple(name for name, factor in pairs if factor > WARNING_LEVEL)


def variance_inflation(values: npt.ArrayLike, names: Sequence[str]) -> VarianceInflation:
    """Variance inflation factors of the predictors of a final linear model.

    Parameters
    ----------
    values : array of float, shape (n, p)
        More rows than predictors; no constant column, no NaN.
    names : sequence of str, length p
        The predictors.

    Raises
    ------
    SelectionError
        If there are too few rows, or predictors explain one another wholly: their factors
        are infinite.
    """
    table = np.asarray(values, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] != len(names) or len(table) <= table.shape[1] + 1:
        raise SelectionError(
            "variance inflation needs more rows than predictors",
            expected=f"{len(names) + 2} or more rows for {len(names)} named predictors",
            got=f"a table of shape {table.shape}",
            do="use it for the few predictors of a final model",
        )
    refuse_unfinished(table, tuple(names))
    varies = varying_columns(table)
    if not varies.all():
        constant = ", ".join(str(names[place]) for place in np.flatnonzero(~varies).tolist())
        raise SelectionError("a predictor is constant", where=constant, do="leave it out")
    eigenvalues, vectors = np.linalg.eigh(correlation_matrix(table, method="pearson"))
    if eigenvalues[0] < _SINGULAR * eigenvalues[-1]:
        involved = np.flatnonzero(np.abs(vectors[:, 0]) > 1e-6)
        raise SelectionError(
            "predictors explain one another wholly: their variance inflation is infinite",
            where=", ".join(str(names[place]) for place in involved.tolist()),
            do="leave one of them out",
        )
    factors = (vectors**2 / eigenvalues).sum(axis=1)
    index = float(np.sqrt(eigenvalues[-1] / eigenvalues[0]))
    return VarianceInflation(tuple(names), tuple(factors.tolist()), index)
