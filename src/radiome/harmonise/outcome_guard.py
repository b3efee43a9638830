"""Refusals that keep an outcome out of the harmonisation of a predictive model."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from radiome.base.errors import SettingsError

_WHY = (
    "a preserved outcome is needed to transform the test cases, and it makes noise look "
    "predictive; keep it for descriptive statistics (purpose='descriptive')"
)


def refuse_declared_outcomes(
    covariates: Sequence[Hashable], outcomes: Sequence[Hashable], purpose: str
) -> None:
    """Raise when a preserved covariate is declared an outcome in predictive use."""
    if purpose != "predictive":
        return
    declared = [name for name in covariates if name in outcomes]
    if declared:
        raise SettingsError(
            f"the outcome '{declared[0]}' is a preserved covariate of a predictive model",
            expected="covariates that are known for every new case without its outcome",
            got=repr(declared[0]),
            do=_WHY,
        )


def refuse_outcome_copies(
    frame: pd.DataFrame, covariates: Sequence[int], y: Any, purpose: str
) -> None:
    """Raise when a preserved covariate repeats the outcome y, in predictive use.

    A column repeats y when it equals it, or when both are classes and each class of one is a
    class of the other. Each field of a survival outcome is compared by itself.
    """
    if y is None or purpose != "predictive":
        return
    outcomes = _outcome_columns(np.asarray(y))
    for place in covariates:
        column = frame.iloc[:, place].reset_index(drop=True)
        if any(
            column.tolist() == outcome.tolist() or _same_classes(column, outcome)
            for outcome in outcomes
        ):
            raise SettingsError(
                f"covariate '{frame.columns[place]}' says the same as the outcome y",
                expected="covariates that are known for every new case without its outcome",
                do=_WHY,
            )


def _outcome_columns(y: np.ndarray[Any, Any]) -> list[pd.Series[Any]]:
    if y.dtype.names:
        return [pd.Series(y[name]) for name in y.dtype.names]
    return [pd.Series(column) for column in (y.T if y.ndim == 2 else [y])]


def _same_classes(column: pd.Series[Any], outcome: pd.Series[Any]) -> bool:
    """Whether two columns are the same classes under other names."""
    codes, levels = pd.factorize(column)
    if not 1 < len(levels) <= len(codes) / 2:
        return False
    return np.array_equal(codes, pd.factorize(outcome)[0])
