"""How repeatable each feature of a table is, from lesions that were measured again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radiome.base.errors import UserError
from radiome.base.values import NotApplicable
from radiome.robustness.intraclass import intraclass

_FEWEST = 5


@dataclass(frozen=True, slots=True)
class Repeatability:
    """One feature measured again.

    Parameters
    ----------
    feature : str
        Its name.
    subjects, repeats : int
        Lesions, and measurements of each.
    icc, lower, upper : float or None
        ICC(1,1) with its 95 % interval; None with the reason.
    within_sd : float or None
        Within-subject standard deviation, in the unit of the feature.
    coefficient : float or None
        Repeatability coefficient 2.77 times that: two measurements of a lesion that did not
        change differ by less in 95 of 100.
    reason : str
        Why there is no figure.
    """

    feature: str
    subjects: int
    repeats: int
    icc: float | None = None
    lower: float | None = None
    upper: float | None = None
    within_sd: float | None = None
    coefficient: float | None = None
    reason: str = ""


def repeatability(
    frame: pd.DataFrame, features: Sequence[str], *, subject: Sequence[str], repeat: str
) -> list[Repeatability]:
    """Repeatability of each feature over the lesions that have every repeat.

    Parameters
    ----------
    frame : DataFrame
        One row per measurement; those without a number are no repeats.
    features : sequence of str
        Columns to judge.
    subject : sequence of str
        Columns that together name a lesion.
    repeat : str
        Column that numbers its measurements.

    Returns
    -------
    list of Repeatability
        One per feature. Repeats that few lesions have, the rarest first, are left aside
        until 5 lesions have all the others; where this leaves no two repeats each feature
        has that as its reason.

    Raises
    ------
    UserError
        If a lesion has two rows of one number.
    """
    refuse_equal_numbers(frame, subject, repeat)
    numbered = frame[frame[repeat].notna() & (frame[repeat].astype(str) != "")]
    places = pd.DataFrame(
        {
            "lesion": _joined(numbered, subject),
            "repeat": numbered[repeat].astype(str),
            "row": np.arange(len(numbered)),
        }
    ).pivot(index="lesion", columns="repeat", values="row")
    while places.shape[1] > 2 and len(places.dropna()) < _FEWEST:
        places = places.drop(columns=places.notna().sum().idxmin())
    whole = places.dropna().to_numpy(np.int64)
    if len(whole) < _FEWEST or whole.shape[1] < 2:
        reason = (
            f"{len(whole)} lesions have two or more repeats, and {_FEWEST} are needed"
            if whole.shape[1] > 1
            else "no lesion was measured again"
        )
        return [Repeatability(name, len(whole), whole.shape[1], reason=reason) for name in features]
    return [_judged(name, numbered[name].to_numpy(np.float64)[whole]) for name in features]


def refuse_equal_numbers(frame: pd.DataFrame, subject: Sequence[str], repeat: str) -> None:
    """Raise `UserError` if two rows of a lesion have one number, or both have none."""
    rows = pd.DataFrame({"lesion": _joined(frame, subject), "repeat": frame[repeat].astype(str)})
    twice = rows.duplicated().to_numpy()
    if twice.any():
        again = frame.loc[twice, [*subject, repeat]].iloc[0]
        raise UserError(
            "a lesion has two measurements of one number",
            where=str(frame.loc[twice, "case"].iloc[0]) if "case" in frame else None,
            expected=f"in '{repeat}' a number of its own for each measurement of a lesion",
            got=", ".join(f"{name} {value}" for name, value in again.items()),
            do=f"number repeats in '{repeat}', and name a column that tells lesions apart",
        )


def _joined(frame: pd.DataFrame, subject: Sequence[str]) -> list[str]:
    cells = [frame[name].astype(str) for name in subject]
    return ["\x1f".join(names) for names in zip(*cells, strict=True)]


def _judged(name: str, values: NDArray[np.float64]) -> Repeatability:
    n, k = values.shape
    if not np.isfinite(values).all():
        gaps = int((~np.isfinite(values)).any(axis=1).sum())
        return Repeatability(name, n, k, reason=f"missing in {gaps} of {n} lesions")
    found = intraclass(values)
    if isinstance(found, NotApplicable):
        return Repeatability(name, n, k, reason=found.reason)
    within = float(np.sqrt(values.var(axis=1, ddof=1).mean()))
    one = found.one_way
    return Repeatability(name, n, k, one.value, one.lower, one.upper, within, 2.77 * within)
