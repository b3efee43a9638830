"""Features and covariates that are the outcome under another name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata

from radiome.base.errors import UserError
from radiome.model.outcomes import Outcome

#: Rows below which a feature may follow an outcome by chance.
_MINIMUM_ROWS = 10


def refuse_copies(
    features: NDArray[np.float64], names: Sequence[str], outcome: Outcome, *, where: str
) -> None:
    """Refuse features that hold the outcome itself, recoded or rescaled.

    Parameters
    ----------
    features : float64 array (n, p)
        NaN where missing.
    names : sequence of str
        Names of the p features.
    outcome : Outcome
        Of the n rows.
    where : str
        Where the features came from, for the message.

    Raises
    ------
    UserError
        If a feature has one value for each class, or orders all patients as the numbers or
        times of the outcome do, up or down.
    """
    copies = copies_of(features, outcome)
    if copies.any():
        named = [name for name, copy in zip(names, copies, strict=True) if copy]
        raise UserError(
            f"a feature is the outcome '{outcome.options.name}' under another name",
            where=where,
            got=", ".join(named[:5]),
            do="add it to columns.exclude",
        )


def refuse_outcome_covariates(
    covariates: pd.DataFrame, outcomes: Iterable[Outcome], *, where: str
) -> None:
    """Refuse covariates of harmonisation that hold an outcome, by name or by content.

    A preserved outcome is needed to transform test patients, and makes noise look predictive.

    Parameters
    ----------
    covariates : DataFrame (n, c)
        Numbers, or text for categories.
    outcomes : iterable of Outcome
        Of the n rows.
    where : str
        Where the covariates came from, for the message.
    """
    codes = [
        column if column.dtype.kind == "f" else pd.factorize(column)[0].astype(np.float64)
        for column in (covariates.iloc[:, place].to_numpy() for place in range(covariates.shape[1]))
    ]
    for outcome in outcomes:
        declared = covariates.columns.isin([*outcome.options.columns, outcome.options.name])
        held = declared | copies_of(np.column_stack(codes), outcome)
        if held.any():
            raise UserError(
                f"a covariate of harmonisation is the outcome '{outcome.options.name}'",
                where=where,
                expected="covariates that are known for every new patient without the outcome",
                got=", ".join(covariates.columns[held]),
                do="take it out of harmonise.covariates",
            )


def copies_of(features: NDArray[np.float64], outcome: Outcome) -> NDArray[np.bool_]:
    """Which columns of (n, p) hold the outcome, recoded or rescaled; none for a few rows."""
    known = outcome.known
    if known.sum() < _MINIMUM_ROWS:
        return np.zeros(features.shape[1], np.bool_)
    values = features[known]
    if outcome.classes:
        return _one_value_per_class(values, outcome.values[known])
    truth = outcome.values["time"] if outcome.kind == "survival" else outcome.values
    return _same_order(values, truth[known])


def _one_value_per_class(
    values: NDArray[np.float64], codes: NDArray[np.int64]
) -> NDArray[np.bool_]:
    classes = np.unique(codes)
    groups = [values[codes == code] for code in classes]
    low = np.array([group.min(axis=0) for group in groups])
    high = np.array([group.max(axis=0) for group in groups])
    # A gap makes the minimum NaN, and NaN equals nothing.
    constant: NDArray[np.bool_] = (low == high).all(axis=0)
    distinct = np.array([len(np.unique(column)) == len(classes) for column in low.T])
    return np.asarray(constant & distinct)


def _same_order(values: NDArray[np.float64], truth: NDArray[np.float64]) -> NDArray[np.bool_]:
    wanted = rankdata(truth)
    ranks = rankdata(values, axis=0, nan_policy="omit")
    up = (ranks == wanted[:, None]).all(axis=0)
    down = (ranks == (len(truth) + 1 - wanted)[:, None]).all(axis=0)
    return np.asarray(up | down)
