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
        One row per measurement.
    features : sequence of str
        Columns to judge.
    subject : sequence of str
        Columns that together name a lesion.
    repeat : str
        Column that numbers its measurements.

    Raises
    ------
    UserError
        If a lesion has two rows of one number, or fewer than 5 lesions have all of them.
    """
    cells = [frame[name].astype(str) for name in subject]
    lesion = ["\x1f".join(names) for names in zip(*cells, strict=True)]
    rows = pd.DataFrame({"lesion": lesion, "repeat": [str(number) for number in frame[repeat]]})
    if rows.duplicated().any():
        again = frame.loc[rows.duplicated().to_numpy(), [*subject, repeat]].iloc[0]
        raise UserError(
            "a lesion has two measurements of one number",
            got=", ".join(f"{name} {value}" for name, value in again.items()),
            do=f"number repeats in '{repeat}', and name a column that tells lesions apart",
        )
    places = rows.reset_index(drop=True).reset_index().pivot(
        index="lesion", columns="repeat", values="index"
    )  # fmt: skip
    whole = places.dropna().to_numpy(np.int64)
    if len(whole) < _FEWEST or whole.shape[1] < 2:
        raise UserError(
            "too few lesions were measured again to tell what is repeatable",
            expected=f"{_FEWEST} lesions with all repeats of '{repeat}', and 2 repeats",
            got=f"{len(whole)} lesions with {whole.shape[1]} measurements",
        )
    return [_judged(name, frame[name].to_numpy(np.float64)[whole]) for name in features]


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
