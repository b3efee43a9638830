"""How repeatable each feature of a table is, from lesions that were measured again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radiome.base.errors import UserError
from radiome.base.values import NotApplicable
from radiome.robustness.intraclass import intraclass

_FEWEST = 5

#: What was done again: the same region scanned again, drawn again by another reader, or
#: measured again on a perturbed image.
Kind = Literal["scan", "reader", "perturbation"]

#: Lower limits of the interval from which on reliability has a name (Koo and Li 2016).
_BANDS = ((0.9, "excellent"), (0.75, "good"), (0.5, "moderate"))


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
        Intraclass correlation with its 95 % interval; None with the reason.
    within_sd : float or None
        Within-subject standard deviation, in the unit of the feature.
    within_cv : float or None
        Within-subject coefficient of variation, the root of the mean of (SD / mean)^2 over
        the lesions; None if not all measurements have one sign.
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
    within_cv: float | None = None

    @property
    def band(self) -> str:
        """``excellent``, ``good``, ``moderate`` or ``poor`` by the lower limit, or empty.

        Source: Koo and Li 2016; the limit, not the value, as they ask.
        """
        if self.lower is None:
            return ""
        lower = self.lower
        return next((name for limit, name in _BANDS if lower >= limit), "poor")


def repeatability(
    frame: pd.DataFrame,
    features: Sequence[str],
    *,
    subject: Sequence[str],
    repeat: str,
    kind: Kind = "scan",
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
    kind : {"scan", "reader", "perturbation"}
        What was done again: ICC(2,1) for readers, a sample of those who could have drawn the
        region, and each of whom has a column; ICC(1,1) for the others, whose order means
        nothing.

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
    return [_judged(name, numbered[name].to_numpy(np.float64)[whole], kind) for name in features]


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


def _judged(name: str, values: NDArray[np.float64], kind: Kind) -> Repeatability:
    n, k = values.shape
    if not np.isfinite(values).all():
        gaps = int((~np.isfinite(values)).any(axis=1).sum())
        return Repeatability(name, n, k, reason=f"missing in {gaps} of {n} lesions")
    found = intraclass(values)
    if isinstance(found, NotApplicable):
        return Repeatability(name, n, k, reason=found.reason)
    within = float(np.sqrt(values.var(axis=1, ddof=1).mean()))
    one = found.agreement if kind == "reader" else found.one_way
    return Repeatability(
        name, n, k, one.value, one.lower, one.upper, within, 2.77 * within,
        within_cv=_within_cv(values),
    )  # fmt: skip


def _within_cv(values: NDArray[np.float64]) -> float | None:
    """Relative spread of the measurements of a lesion; None where ratios mean nothing."""
    if not ((values > 0).all() or (values < 0).all()):
        return None
    return float(np.sqrt((values.var(axis=1, ddof=1) / values.mean(axis=1) ** 2).mean()))
