"""Calibration and Brier score of predicted survival, out of fold.

Learners of time to event give log relative risks. The survival of a patient in a repeat is
exp(−H₀(t)·risk) with the baseline hazard H₀ of the model that scored the patient, fitted on the
training patients of the fold; the mean over the repeats is judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.model.learners.survival import CumulativeHazard
from radiome.model.out_of_fold import OutOfFold
from radiome.model.performance.brier_over_time import IntegratedBrier, brier_over_time
from radiome.model.performance.concordance import largest_horizon
from radiome.model.performance.d_calibration import DCalibration, d_calibration
from radiome.model.performance.results import UndefinedStatisticError
from radiome.model.performance.survival_calibration import HorizonCalibration, horizon_calibration
from radiome.model.survival_curves import kaplan_meier

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

_BINS = 10


def survival_figures(found: OutOfFold, seed: int) -> Mapping[str, Callable[[], Any]]:
    """Figures by name, each made when called, or undefined.

    Parameters
    ----------
    found : OutOfFold
        Of a time to event.
    seed : int
        Of the bootstrap.
    """
    return {
        "calibration": lambda: _calibration(found),
        "integrated_brier": lambda: _brier(found, seed),
        "d_calibration": lambda: _d_calibration(found),
    }


def survival_out_of_fold(found: OutOfFold, times: Floats) -> Floats:
    """Predicted probability (n, k) of being event-free, mean over the repeats.

    Parameters
    ----------
    found : OutOfFold
        n patients.
    times : array (k,) or (n, k)
        The same times for all, or own ones for each patient. Beyond the last follow-up of the
        training patients of a fold survival is not known, and refused.
    """
    wanted = np.broadcast_to(times, (len(found.patients), times.shape[-1]))
    last = _last_known(found)
    if wanted.max() > last:
        raise UndefinedStatisticError(
            "survival is not known beyond the last follow-up of the training patients",
            expected=f"times up to {last:g}",
            got=f"{wanted.max():g}",
        )
    total = np.zeros(wanted.shape)
    for repeat, rows, hazard in _folds(found):
        # Beyond this the survival is 0 in any case, and exp would overflow.
        risk = np.exp(np.minimum(found.scores[repeat, rows], 500.0))
        total[rows] += np.exp(-hazard.at(wanted[rows]) * risk[:, None])
    return np.asarray(total / len(found.scores), np.float64)


def common_survival(found: OutOfFold, times: Floats) -> Floats:
    """Kaplan-Meier curve (n, k) of the training patients of each, mean over the repeats."""
    time, event = found.outcome.values["time"], found.outcome.values["event"]
    total = np.zeros((len(time), times.size))
    for _, rows, _ in _folds(found):
        others = np.ones(len(time), np.bool_)
        others[rows] = False
        total[rows] += kaplan_meier(time[others], event[others]).at(times)
    return np.asarray(total / len(found.scores), np.float64)


def _folds(found: OutOfFold) -> Iterator[tuple[int, Rows, CumulativeHazard]]:
    """Repeat, patients and baseline hazard of every fold."""
    records = iter(found.records)
    for repeat, folds in enumerate(found.folds):
        for fold in np.unique(folds):
            told = next(records).baseline
            if told is None:
                raise UndefinedStatisticError("the models have no baseline hazard on record")
            hazard = CumulativeHazard(
                np.asarray(told["times"]), np.asarray(told["values"]), float(told["last"])
            )
            yield repeat, np.flatnonzero(folds == fold), hazard


def _last_known(found: OutOfFold) -> float:
    """Earliest of the last follow-ups of the training patients."""
    return min(hazard.last for _, _, hazard in _folds(found))


def _calibration(found: OutOfFold) -> HorizonCalibration:
    """At the median event time, the horizon of the time-dependent AUC."""
    time, event = found.outcome.values["time"], found.outcome.values["event"]
    horizon = float(np.median(time[event]))
    staying = survival_out_of_fold(found, np.array([horizon]))[:, 0]
    return horizon_calibration(time, event, staying, horizon=horizon)


def _brier(found: OutOfFold, seed: int) -> IntegratedBrier:
    """From the first event to the time to which more than a tenth are uncensored."""
    time, event = found.outcome.values["time"], found.outcome.values["event"]
    end = min(largest_horizon(time, event), _last_known(found))
    grid = np.unique(time[(time >= time[event].min()) & (time <= end)])
    if grid.size < 2:
        raise UndefinedStatisticError("there are too few times between first event and horizon")
    own, common = survival_out_of_fold(found, grid), common_survival(found, grid)
    return brier_over_time(time, event, own, common, horizons=grid, seed=seed)


def _d_calibration(found: OutOfFold) -> DCalibration:
    """Patients followed for longer than the training patients are censored where these end."""
    time, event = found.outcome.values["time"], found.outcome.values["event"]
    last = _last_known(found)
    ended = np.minimum(time, last)
    own = survival_out_of_fold(found, ended[:, None])[:, 0]
    bins = min(_BINS, len(time) // 5)
    return d_calibration(ended, event & (time <= last), own, bins=bins)
