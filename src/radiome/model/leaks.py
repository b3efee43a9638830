"""Features and covariates that are the outcome under another name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata

from radiome.base.errors import UserError
from radiome.model.outcomes import Outcome

#: Rows below which a feature may follow an outcome by chance.
_MINIMUM_ROWS = 10

#: Spread within classes, as a share of the distance between them, that no measurement has.
_SPREAD = 0.05

#: Share of rows in which a recoded outcome may differ from the outcome.
_ERRORS = 0.05

#: Rank correlation that an image does not reach with anything but itself.
_SAME_ORDER = 0.995


def refuse_copies(
    features: NDArray[np.float64],
    names: Sequence[str],
    outcome: Outcome,
    *,
    where: str,
    what: str = "a feature",
    do: str = "add it to columns.exclude",
) -> None:
    """Refuse columns that hold the outcome itself, recoded or rescaled; see `copies_of`.

    Parameters
    ----------
    features : float64 array (n, p)
        NaN where missing.
    names : sequence of str
        Names of the p columns.
    outcome : Outcome
        Of the n rows.
    where : str
        Where the columns came from, for the message.
    what, do : str
        What the columns are, and how to leave one out, for the message.

    Raises
    ------
    UserError
        With the columns that are copies.
    """
    copies = copies_of(features, outcome)
    if copies.any():
        named = [name for name, copy in zip(names, copies, strict=True) if copy]
        raise UserError(
            f"{what} is the outcome '{outcome.options.name}' under another name",
            where=where,
            expected="columns that are known without the outcome",
            got=", ".join(named[:5]),
            do=do,
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
    """Which columns of (n, p) hold the outcome, recoded, rescaled, or with gaps and errors.

    Only rows that have both count, and at least `_MINIMUM_ROWS` of them. For classes a copy
    has values within each class that spread over less than `_SPREAD` of the distance to the
    next, or takes one value for each class in all but `_ERRORS` of the rows, and twice that
    of each class. Numbers and times are copied where the ranks correlate by at least
    `_SAME_ORDER`; of a time to event the event is looked at too.
    """
    known = outcome.known
    columns = features[known].T
    if outcome.kind == "survival":
        times, events = outcome.values["time"][known], outcome.values["event"][known]
        found = [_orders(column, times) or _codes(column, events) for column in columns]
    elif outcome.classes:
        found = [_codes(column, outcome.values[known]) for column in columns]
    else:
        found = [_orders(column, outcome.values[known]) for column in columns]
    return np.array(found, np.bool_)


def _codes(column: NDArray[np.float64], codes: NDArray[Any]) -> bool:
    given = np.isfinite(column)
    values, classes, codes = column[given], *np.unique(codes[given], return_inverse=True)
    if len(values) < _MINIMUM_ROWS or len(classes) < 2:
        return False
    groups = [values[codes == code] for code in range(len(classes))]
    low, high = np.array([(group.min(), group.max()) for group in groups]).T
    centre = np.sort((low + high) / 2)
    if (high - low).max() < _SPREAD * np.diff(centre).min():
        return True
    distinct, place = np.unique(values, return_inverse=True)
    if len(distinct) != len(classes) or len(values) * _ERRORS < 1:
        return False
    counts = np.zeros((len(classes), len(classes)))
    np.add.at(counts, (codes, place), 1)
    # Each class has a value of its own: the largest counts of the rows lie in all columns.
    paired = np.unique(counts.argmax(axis=1)).size == len(classes)
    agreed = counts.max(axis=1)
    each = (agreed / counts.sum(axis=1)).min() >= 1 - 2 * _ERRORS
    return bool(paired and each and agreed.sum() >= (1 - _ERRORS) * len(values))


def _orders(column: NDArray[np.float64], truth: NDArray[np.float64]) -> bool:
    given = np.isfinite(column)
    if given.sum() < _MINIMUM_ROWS:
        return False
    ranks = np.array([rankdata(column[given]), rankdata(truth[given])])
    ranks -= ranks.mean(axis=1, keepdims=True)
    spread = np.sqrt((ranks**2).sum(axis=1).prod())
    return bool(spread > 0 and abs(ranks[0] @ ranks[1]) >= _SAME_ORDER * spread)
