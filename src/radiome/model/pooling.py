"""Concordance at each centre that no training patient came from, and pooled over the centres.

Each centre is predicted by models of all others (internal-external validation). Its concordance
with a standard error goes to the logit scale, where centres are pooled as draws from a population
of centres: its mean is what is to be expected on average, its prediction interval what is to be
expected at one more centre.

Source: Debray et al., BMJ 2017; 356:i6460.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from radiome.base.errors import UserError
from radiome.base.values import NotApplicable
from radiome.model.concordance import Judged, judge
from radiome.model.evaluation import MINIMUM_PATIENTS
from radiome.model.out_of_fold import OutOfFold
from radiome.model.outcomes import Outcome
from radiome.model.performance.discrimination import auc_delong
from radiome.model.performance.intervals import normal_interval
from radiome.model.performance.random_effects import random_effects
from radiome.model.performance.results import Estimate, UndefinedStatisticError, attempt

Floats = NDArray[np.float64]


def pooled_sites(left_out: OutOfFold, sites: NDArray[np.str_]) -> dict[str, Any]:
    """Concordance of each centre and the pooled one, as plain values.

    Parameters
    ----------
    left_out : OutOfFold
        Predictions of `leave_sites_out`, m patients.
    sites : str array (m,)
        Centre of each patient.

    Returns
    -------
    dict
        ``centres``: for each its patients and the size of its rarest class (events, for
        survival; none for numbers), with ``value``, ``lower``, ``upper`` and
        ``standard_error``, or with the ``reason`` why it is not estimable. ``pooled``: the
        mean with its interval, the prediction interval, ``tau2`` on the logit scale, ``i2`` and
        ``q``, or the reason for none. Centres that are not estimable are not merged: two small
        centres are not one, and their difference is what is asked for.
    """
    told, effects, errors = [], [], []
    for site in np.unique(sites):
        rows = np.flatnonzero(sites == site)
        outcome = left_out.outcome.taken(rows)
        centre: dict[str, Any] = {"site": str(site), "patients": len(rows), **_rarest(outcome)}
        try:
            _require_enough(centre)
            found, note = _centre(outcome, left_out.scores[:, rows], left_out.folds[:, rows])
        except UndefinedStatisticError as undefined:
            told.append({**centre, "reason": f"not estimable, and not merged: {undefined.what}"})
            continue
        error = float(found.standard_error or 0.0)
        effects.append(float(logit(found.value)))
        errors.append(error / (found.value * (1 - found.value)))
        limits = {"value": found.value, "lower": found.lower, "upper": found.upper}
        told.append({**centre, **limits, "standard_error": error, "method": found.method} | note)
    return {"centres": told, "pooled": _pooled(effects, errors)}


def _rarest(outcome: Outcome) -> dict[str, int]:
    if outcome.kind == "survival":
        return {"events": int(outcome.values["event"].sum())}
    if outcome.classes:
        counts = np.bincount(outcome.values, minlength=len(outcome.classes))
        return {"rarest_class": int(counts.min())}
    return {}


def _require_enough(centre: dict[str, Any]) -> None:
    name = next((name for name in ("events", "rarest_class") if name in centre), "patients")
    needed = MINIMUM_PATIENTS * (2 if name == "patients" else 1)
    if centre[name] < needed:
        words = {"rarest_class": "patients of the rarest class"}.get(name, name)
        raise UndefinedStatisticError(f"{centre[name]} {words}, at least {needed} are needed")


def _centre(
    outcome: Outcome, scores: Floats, folds: NDArray[np.int64]
) -> tuple[Estimate, dict[str, str]]:
    """Concordance with an interval that is symmetric on the logit scale, and a note."""
    try:
        judged = judge(outcome, scores, folds)
    except UserError as refused:
        raise UndefinedStatisticError(refused.what) from None
    value, n = judged.concordance(), len(outcome)
    if not 0 < value < 1:
        return _at_the_end(judged, value, n)
    if outcome.kind == "binary":
        found = auc_delong(outcome.values, scores[0], scale="logit")
    else:
        error, method = _jackknife_error(judged), "infinitesimal jackknife"
        found = normal_interval(value, error, n, method=method, scale="logit")
    if found.lower is None:
        raise UndefinedStatisticError("the model tells no patients apart there")
    return found, {}


def _jackknife_error(judged: Judged) -> float:
    """Standard error of the concordance: how much each patient moves it."""
    influence = [
        ((part.agree - part.concordance() * part.count) / part.count.sum()) for part in judged.parts
    ]
    by_patient = [pairs.sum(axis=0) + pairs.sum(axis=1) for pairs in influence]
    return float(np.linalg.norm(np.mean(by_patient, axis=0)))


def _at_the_end(judged: Judged, value: float, n: int) -> tuple[Estimate, dict[str, str]]:
    """A centre with every pair in one order: half a pair is taken to be otherwise.

    Leaving out the centres where a model does best would pull the pooled figure down.
    """
    pairs = min(float(part.count.sum()) for part in judged.parts)
    moved = (pairs * value + 0.5) / (pairs + 1)
    error = math.sqrt(moved * (1 - moved) / (pairs + 1))
    note = "all pairs are in one order: half a pair was taken to be otherwise"
    return normal_interval(moved, error, n, method="binomial", scale="logit"), {"note": note}


def _pooled(effects: list[float], errors: list[float]) -> dict[str, Any]:
    if len(effects) < 2:
        return {"reason": f"pooling needs two centres that are estimable, here: {len(effects)}"}
    found = attempt(random_effects, effects, errors)
    if isinstance(found, NotApplicable):
        return {"reason": found.reason}
    interval: dict[str, Any] = {"reason": "a prediction interval needs three centres"}
    if found.prediction is not None:
        low, high = found.prediction
        interval = {"lower": float(expit(low)), "upper": float(expit(high))}
    return {
        "value": float(expit(found.mean)),
        "lower": float(expit(found.lower)),
        "upper": float(expit(found.upper)),
        "prediction": interval,
        "tau2": found.tau2,
        "i2": found.i2,
        "q": found.q,
        "centres": found.centres,
        "method": "random effects on the logit scale, REML, Hartung-Knapp",
    }
