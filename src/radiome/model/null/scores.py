"""Scores of outcomes: what a rank test gives each patient."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from radiome.base.errors import UserError

Floats = NDArray[np.float64]
Ties = Literal["nelson-aalen", "last"]


def log_rank_scores(time: ArrayLike, event: ArrayLike, *, ties: Ties = "nelson-aalen") -> Floats:
    """Return the log-rank score of each patient: events seen minus events expected.

    ``a_i = event_i - sum over times t <= time_i of (events at t) / (patients at risk at t)``

    These are the martingale residuals of a Cox model without covariates, so that
    ``sum(x_i * a_i)`` is the score of the covariate x at zero effect, and of a group
    the observed minus the expected events.

    Parameters
    ----------
    time : array of float, shape (patients,)
        Follow-up, from 0 on, in any unit.
    event : array of bool or 0/1, shape (patients,)
        Whether the event happened at `time`; otherwise the patient was censored then.
    ties : {"nelson-aalen", "last"}
        At tied times, divide by all who are at risk (Nelson-Aalen), or by those at risk
        once only the last of the tied patients is left (Hothorn and Lausen 2003).

    Returns
    -------
    array of float, shape (patients,)
    """
    duration, happened = survival_outcome(time, event)
    distinct, place, counts = np.unique(duration, return_inverse=True, return_counts=True)
    events = np.bincount(place, weights=happened, minlength=distinct.size)
    left = duration.size - np.cumsum(counts)
    at_risk = left + (counts if ties == "nelson-aalen" else 1)
    expected: Floats = np.cumsum(events / at_risk)[place]
    return happened - expected


def survival_outcome(time: ArrayLike, event: ArrayLike) -> tuple[Floats, Floats]:
    """Return follow-up and event as float arrays, or raise `UserError`."""
    duration = finite_vector(time, "time")
    happened = finite_vector(event, "event")
    if duration.size != happened.size:
        raise UserError(
            "time and event differ in length",
            expected=f"{duration.size} events, one for each time",
            got=str(happened.size),
        )
    if duration.min() < 0:
        raise UserError(
            "a follow-up time is negative",
            where="time",
            expected="0 or more",
            got=str(min(duration)),
        )
    _require_two_values(happened, "event")
    if happened.sum() == 0:
        raise UserError("no event happened", where="event", expected="at least one event")
    return duration, happened


def binary_outcome(outcome: ArrayLike) -> Floats:
    """Return a 0/1 outcome with both classes as floats, or raise `UserError`."""
    labels = finite_vector(outcome, "outcome")
    _require_two_values(labels, "outcome")
    if labels.min() == labels.max():
        raise UserError(
            "the outcome has one class only", where="outcome", expected="patients with 0 and with 1"
        )
    return labels


def finite_vector(values: ArrayLike, name: str) -> Floats:
    """Return `values` as a float vector without gaps, or raise `UserError`."""
    vector = np.asarray(values, dtype=np.float64)
    if vector.ndim != 1 or vector.size == 0:
        raise UserError(
            f"'{name}' is not a column of numbers",
            expected="one number for each patient",
            got=f"an array of shape {vector.shape}",
        )
    if not np.isfinite(vector).all():
        raise UserError(
            f"'{name}' has values that are missing or infinite",
            expected="a finite number for each patient",
            got=f"{int((~np.isfinite(vector)).sum())} that are not",
            do="leave those patients out",
        )
    return vector


def _require_two_values(values: Floats, name: str) -> None:
    other = np.setdiff1d(values, [0.0, 1.0])
    if other.size:
        raise UserError(
            f"'{name}' has values other than 0 and 1",
            expected="0 and 1",
            got=", ".join(f"{value:g}" for value in other[:5]),
        )
