"""What selectors accept: finite numbers, one row per patient, one column per feature."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.utils.validation import validate_data

from radiome.base.errors import UserError

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

#: A column whose range is below this share of its largest magnitude varies by rounding alone.
ROUNDING = 1e-12

#: Reason recorded for columns that cannot tell patients apart.
CONSTANT = "constant in the rows of the fit"

_NAMES_SHOWN = 5


class SelectionError(UserError, ValueError):
    """Input that cannot be selected from; a ValueError too, as scikit-learn expects."""


def read_matrix(estimator: Any, X: Any) -> Floats:
    """Feature values of the rows of a fit, float64 of shape (rows, features).

    Sets ``n_features_in_`` and ``feature_names_in_`` of the estimator.

    Raises
    ------
    SelectionError
        For missing (NaN) or infinite values, with the names of the columns: filling gaps is
        a step of its own, which must be fitted on the training rows too.
    """
    values: Floats = validate_data(
        estimator, X, dtype=np.float64, ensure_all_finite=False, ensure_min_samples=2
    )
    refuse_unfinished(values, column_names(estimator, values.shape[1]))
    return values


def refuse_unfinished(values: Floats, names: tuple[str, ...]) -> None:
    """Raise `SelectionError` when a value is missing (NaN) or infinite."""
    if np.isfinite(values.sum()):
        return
    for faulty, word in ((np.isnan(values), "missing (NaN)"), (np.isinf(values), "infinite (inf)")):
        columns = np.flatnonzero(faulty.any(axis=0))
        if columns.size:
            shown = ", ".join(names[place] for place in columns[:_NAMES_SHOWN])
            more = f" and {columns.size - _NAMES_SHOWN} more" if columns.size > _NAMES_SHOWN else ""
            raise SelectionError(
                f"feature values are {word}",
                where=f"columns {shown}{more}",
                expected="a finite number in each row",
                got=f"{int(faulty.sum())} values that are not",
                do="fill or exclude them in a step before, fitted on the training rows",
            )


def column_names(estimator: Any, count: int) -> tuple[str, ...]:
    """Names of the columns, or x0, x1, ... for an array without names."""
    names = getattr(estimator, "feature_names_in_", None)
    if names is None:
        return tuple(f"x{place}" for place in range(count))
    return tuple(str(name) for name in names)


def varying_columns(values: Floats) -> Flags:
    """Which columns vary by more than rounding; shape (features,)."""
    low, high = values.min(axis=0), values.max(axis=0)
    largest = np.maximum(np.maximum(np.abs(low), np.abs(high)), np.finfo(np.float64).tiny)
    varies: Flags = high - low > ROUNDING * largest
    return varies
