"""Patients that a study of so many candidate features would need, beside those it has."""

from __future__ import annotations

from typing import Any

import numpy as np

from radiome.base.errors import UserError
from radiome.model.discovery.explained_variation import greatest_r2_binary, greatest_r2_survival
from radiome.model.discovery.patients_needed import SampleSize
from radiome.model.discovery.sample_size import (
    binary_sample_size,
    continuous_sample_size,
    survival_sample_size,
)
from radiome.model.outcomes import Outcome

#: Share of the greatest possible R-squared that is expected where nothing is known (Riley 2020).
_EXPECTED_SHARE = 0.15


def sample_need(outcome: Outcome, candidates: int) -> dict[str, Any]:
    """Riley's criteria for all candidate features, whether selected or not.

    Parameters
    ----------
    outcome : Outcome
        Of the patients, one row each.
    candidates : int
        Features that were looked at.

    Returns
    -------
    dict
        ``patients`` there are, ``candidates``, ``needed``, the most candidates that
        ``affordable`` patients would carry; or ``{"reason": ...}``.
    """
    try:
        needed = _needed(outcome, candidates)
        if needed is None:
            return {"reason": f"no criterion is published for {outcome.kind} outcomes"}
        return {
            "patients": len(outcome),
            "candidates": candidates,
            "needed": needed.patients,
            "affordable_candidates": _affordable(outcome, candidates),
            "r2": needed.r2,
        }
    except UserError as error:
        return {"reason": error.what}


def _affordable(outcome: Outcome, candidates: int) -> int:
    """The most candidates for which the patients at hand are enough."""
    low, high = 0, candidates
    while low < high:
        middle = (low + high + 1) // 2
        found = _needed(outcome, middle)
        if found is not None and found.patients <= len(outcome):
            low = middle
        else:
            high = middle - 1
    return low


def _needed(outcome: Outcome, candidates: int) -> SampleSize | None:
    if outcome.kind == "binary":
        prevalence = float(np.mean(outcome.values))
        r2 = _EXPECTED_SHARE * greatest_r2_binary(prevalence)
        return binary_sample_size(candidates, prevalence=prevalence, r2=r2)
    if outcome.kind == "survival":
        follow_up = float(outcome.values["time"].mean())
        rate = float(outcome.values["event"].mean()) / follow_up
        r2 = _EXPECTED_SHARE * greatest_r2_survival(rate, follow_up)
        horizon = float(np.median(outcome.values["time"]))
        return survival_sample_size(
            candidates, rate=rate, horizon=horizon, mean_follow_up=follow_up, r2=r2
        )
    if outcome.kind == "continuous":
        return continuous_sample_size(candidates, r2=_EXPECTED_SHARE)
    return None
