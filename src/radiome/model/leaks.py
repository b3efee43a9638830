"""Features that are the outcome under another name."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
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
    known = outcome.known
    if known.sum() < _MINIMUM_ROWS:
        return
    values = features[known]
    if outcome.classes:
        copies = _one_value_per_class(values, outcome.values[known])
    else:
        truth = outcome.values["time"] if outcome.kind == "survival" else outcome.values
        copies = _same_order(values, truth[known])
    if copies.any():
        named = [name for name, copy in zip(names, copies, strict=True) if copy]
        raise UserError(
            f"a feature is the outcome '{outcome.options.name}' under another name",
            where=where,
            got=", ".join(named[:5]),
            do="add it to columns.exclude",
        )


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
