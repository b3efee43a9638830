"""Scans that come after time zero: who had to live to be scanned, and the landmark.

A change is known at the follow-up scan, not at baseline. Who has the event before that scan
has no change, so that all who have one were safe until then (immortal time), and a scan after
the event tells nothing that was to be predicted. A landmark mends both: only scans up to it
count, only patients who are at risk after it, and time starts there (Anderson, Cain and
Gelber 1983).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radiome.base.counting import counted
from radiome.base.errors import UserError
from radiome.model.outcomes import Outcome
from radiome.model.response.delta_table import DeltaTable
from radiome.tables.columns import cell_as_text

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Landmarked:
    """Changes and outcomes from a landmark on.

    Parameters
    ----------
    table : DeltaTable
        Pairs that are left; the others are among its `left_out`.
    outcomes : DataFrame
        Rows of the outcome table of patients at risk, times from the landmark on.
    counts : dict
        Who was left out.
    """

    table: DeltaTable
    outcomes: pd.DataFrame
    counts: dict[str, Any]


def immortal_time(
    table: DeltaTable, outcome: Outcome, rows: NDArray[np.intp], unit: float
) -> list[str]:
    """Say what is wrong with changes that predict a time from baseline on.

    Parameters
    ----------
    table : DeltaTable
        Changes.
    outcome : Outcome
        Time to event, counted from the baseline scan.
    rows : array of int, shape (pairs,)
        Row of the outcome of each pair, -1 for none.
    unit : float
        How many units of the scan times a unit of the outcome's time is.
    """
    known = rows >= 0
    known[known] = outcome.known[rows[known]]
    told = outcome.values[rows[known]]
    over = told["time"] * unit <= table.interval[known]
    patients = np.array(table.patients)[known]
    events = len(set(patients[over & told["event"]].tolist()))
    censored = len(set(patients[over & ~told["event"]].tolist()))
    return [
        "follow-up scans come after time zero of the outcome (the last one "
        f"{table.interval.max():g} ({table.unit}) after the baseline): patients with a change "
        "had to be free of the event until then (immortal time). No test against the outcome "
        "was made; give --landmark TIME",
        f"{counted(events, 'patient')} had the event, and "
        f"{counted(censored, 'was', 'were')} censored, at or before a "
        "follow-up scan of theirs: such a scan cannot predict it",
    ]


def apply_landmark(
    table: DeltaTable,
    outcomes: pd.DataFrame,
    outcome: Outcome,
    patient: str,
    *,
    landmark: float,
    unit: float,
) -> Landmarked:
    """Keep scans up to the landmark and patients at risk after it; time starts there.

    Parameters
    ----------
    table : DeltaTable
        Changes.
    outcomes : DataFrame
        One row per patient, cells as text.
    outcome : Outcome
        Time to event of these rows, counted from the baseline scan.
    patient : str
        Column of the patient in `outcomes`.
    landmark : float
        Time since the baseline scan, in units of the scan times.
    unit : float
        How many of those a unit of the outcome's time is.

    Raises
    ------
    UserError
        If no pair of scans is left.
    """
    if not landmark > 0:
        raise UserError("the landmark is not after the baseline", got=f"{landmark:g}")
    left_time, event = outcome.values["time"] - landmark / unit, outcome.values["event"]
    over = outcome.known & (left_time <= 0)
    fate = dict.fromkeys(outcomes[patient], "")
    for row in np.flatnonzero(over).tolist():
        word = "event" if event[row] else "censored"
        fate[outcomes[patient].iloc[row]] = f"{word} before the landmark"
    reasons = [
        "scan after the landmark" if late else fate.get(name, "")
        for late, name in zip((table.interval > landmark).tolist(), table.patients, strict=True)
    ]
    kept = np.array([not reason for reason in reasons])
    if not kept.any():
        raise UserError(
            "no follow-up scan is left at the landmark",
            expected="scans at or before it, of patients who are at risk after it",
            got=f"landmark {landmark:g}, scans from {table.interval.min():g} on",
            do="choose a later landmark",
        )
    left = table.without(reasons, "at the landmark")
    at_risk = outcome.known & ~over
    measured = set(left.patients)
    counts = {
        "landmark": landmark,
        "unit": table.unit,
        "patients_in_outcome_table": len(outcomes),
        "outcome_not_known": int((~outcome.known).sum()),
        "event_before": int((over & event).sum()),
        "censored_before": int((over & ~event).sum()),
        "at_risk": int(at_risk.sum()),
        "at_risk_with_change": sum(n in measured for n in outcomes[patient][at_risk]),
        "events_after_with_change": sum(n in measured for n in outcomes[patient][at_risk & event]),
        "pairs_after_landmark": reasons.count("scan after the landmark"),
    }
    frame = outcomes[at_risk].copy()
    column = str(outcome.options.time)
    frame[column] = [cell_as_text(value) for value in left_time[at_risk].tolist()]
    return Landmarked(left, frame, counts)


def last_of_patients(table: DeltaTable) -> DeltaTable:
    """The last follow-up of each patient that is left at the landmark."""
    last: dict[str, float] = {}
    for name, interval in zip(table.patients, table.interval.tolist(), strict=True):
        last[name] = max(interval, last.get(name, interval))
    reasons = [
        "" if interval == last[name] else "other follow-up"
        for name, interval in zip(table.patients, table.interval.tolist(), strict=True)
    ]
    return table.without(reasons, "not the last follow-up up to the landmark")


def shifted_outcome(outcome: Outcome, *, landmark: float, unit: float) -> Outcome:
    """The outcome from the landmark on; unknown for who is no longer at risk."""
    values = outcome.values.copy()
    left = values["time"] - landmark / unit
    at_risk = outcome.known & (left > 0)
    values["time"] = np.where(at_risk, left, 1.0)
    values["event"] &= at_risk
    return replace(outcome, values=values, known=at_risk)
