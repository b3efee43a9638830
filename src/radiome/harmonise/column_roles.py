"""Which columns of a table are batch, covariates and features.

A pipeline hands each step one table, so the columns that ComBat needs beside the features
travel in it and are told apart here.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.utils.validation import check_array

from radiome.base.errors import SettingsError, UserError, nearest_name
from radiome.harmonise.design import refuse_missing

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ColumnRoles:
    """Positions of the columns by what they are for.

    Parameters
    ----------
    batch : int or None
        Column of the batch.
    covariates : tuple of int
        Columns of preserved covariates, as they were listed.
    categorical : tuple of bool
        For each covariate, whether it was listed as categorical.
    features : tuple of int
        All other columns, in the order of the table.
    """

    batch: int | None
    covariates: tuple[int, ...]
    categorical: tuple[bool, ...]
    features: tuple[int, ...]


def as_frame(X: Any) -> pd.DataFrame:
    """The table as a DataFrame; columns of an array are named by their positions."""
    if isinstance(X, pd.DataFrame):
        if len(X) == 0:
            raise ValueError(f"Found array with 0 sample(s) (shape={X.shape})")
        return X
    array = check_array(X, dtype=None, ensure_all_finite="allow-nan")
    return pd.DataFrame(array)


def find_roles(
    frame: pd.DataFrame,
    *,
    batch: Hashable | None,
    covariates: Sequence[Hashable],
    categorical: Sequence[Hashable],
    outcomes: Sequence[Hashable],
) -> ColumnRoles:
    """Look up the named columns and give the others to the features.

    Raises
    ------
    SettingsError
        For a name that is not a column, that is listed in two roles or that is an outcome
        among the features.
    """
    adjusted = ([] if batch is None else [batch]) + list(covariates)
    repeated = [name for name in adjusted if adjusted.count(name) > 1]
    if repeated:
        raise SettingsError(
            f"column '{repeated[0]}' is listed twice",
            expected="each column as the batch or as one covariate",
        )
    stray = [name for name in categorical if name not in covariates]
    if stray:
        raise SettingsError(
            f"'{stray[0]}' is listed as categorical and is no covariate",
            expected="categorical columns to be among the covariates",
            got=f"covariates {list(covariates)}",
            do=f"add {stray[0]!r} to covariates, or drop it from categorical",
        )
    places = [_place(frame, name) for name in adjusted]
    features = tuple(place for place in range(frame.shape[1]) if place not in places)
    leaked = [name for name in outcomes if name in frame.columns and name not in adjusted]
    if leaked:
        raise SettingsError(
            f"the outcome '{leaked[0]}' is among the features",
            expected="features, the batch and covariates",
            do="take the outcome out of the table and give it as y",
        )
    if not features:
        raise UserError("no feature columns are left", expected="at least one feature")
    offset = 0 if batch is None else 1
    return ColumnRoles(
        None if batch is None else places[0],
        tuple(places[offset:]),
        tuple(name in categorical for name in covariates),
        features,
    )


def _place(frame: pd.DataFrame, name: Hashable) -> int:
    places = np.flatnonzero(frame.columns == name)
    if places.size == 1:
        return int(places[0])
    names = [str(column) for column in frame.columns]
    near = nearest_name(str(name), names)
    raise SettingsError(
        f"column '{name}' is in the table {places.size} times",
        expected="a column name of the table, or a position from 0 for an array",
        got=f"columns {', '.join(names[:8])}{' ...' if len(names) > 8 else ''}",
        do=f"did you mean '{near}'?" if near else "name a column once",
    )


def batch_labels(frame: pd.DataFrame, roles: ColumnRoles) -> list[Hashable]:
    """Batch of each case; one batch for all where no batch column is named."""
    if roles.batch is None:
        return [None] * len(frame)
    column = frame.iloc[:, roles.batch]
    refuse_missing(column, str(frame.columns[roles.batch]))
    labels: list[Hashable] = column.tolist()
    return labels


def feature_values(frame: pd.DataFrame, roles: ColumnRoles) -> Floats:
    """Features as float64 of shape (cases, features), NaN where not measured.

    Raises
    ------
    UserError
        For a text column of a named table; ValueError for infinite values.
    """
    part = frame.iloc[:, list(roles.features)]
    for name, kind in part.dtypes.items():
        if not pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_object_dtype(kind):
            raise UserError(
                f"column '{name}' is not numeric",
                expected="numeric features",
                got=f"type {kind}",
                do="name it as the batch or a covariate, or take it out of the table",
            )
    numbers = part.to_numpy(dtype=np.float64, na_value=np.nan)
    values: Floats = check_array(numbers, dtype=np.float64, ensure_all_finite="allow-nan")
    return values
