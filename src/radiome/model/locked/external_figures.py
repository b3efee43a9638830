"""Figures of a locked model on patients that it has not seen, by kind of outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.model.figures import plain
from radiome.model.locked.model_file import LockedModel
from radiome.model.locked.recalibration import EDGE
from radiome.model.outcomes import Outcome
from radiome.model.performance.bootstrap import bootstrap
from radiome.model.performance.calibration import (
    brier_interval,
    observed_over_expected,
    recalibration,
    scaled_brier,
)
from radiome.model.performance.concordance import harrell_interval, largest_horizon, uno_interval
from radiome.model.performance.discrimination import auc_delong
from radiome.model.performance.multiclass import class_report, kappa, multiclass_auc
from radiome.model.performance.ordinal import ordinal_c_interval, somers_d
from radiome.model.performance.regression import (
    concordance_correlation,
    linear_calibration,
    regression_errors,
    spearman,
)
from radiome.model.performance.results import UndefinedStatisticError, attempt
from radiome.model.performance.thresholds import operating_point
from radiome.model.performance.time_dependent import brier_at, brier_null, time_dependent_auc

Floats = NDArray[np.float64]
Figures = Mapping[str, Callable[[], Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """m patients with a score and an outcome.

    Parameters
    ----------
    patients : tuple of str
        Their names.
    scores : float64 array (m,) or (m, classes)
        Mean over the rows of each patient.
    outcome : Outcome
        All known.
    survival : float64 array (m,) or None
        Predicted chance to be free of the event at the training median of event times.
    """

    patients: tuple[str, ...]
    scores: Floats
    outcome: Outcome
    survival: Floats | None = None


def external_figures(judged: Judged, model: LockedModel, *, seed: int) -> dict[str, Any]:
    """Figures with intervals, as plain values; one that is not defined is its reason.

    Parameters
    ----------
    judged : Judged
        Scores and outcomes.
    model : LockedModel
        Whose threshold, classes and horizon hold.
    seed : int
        Of the bootstrap.
    """
    table = _BY_KIND[judged.outcome.kind](judged, model, seed)
    figures = {name: plain(attempt(make)) for name, make in table.items()}
    corrected = _corrected(judged, model)
    if corrected is not None:
        figures["with_recalibration"] = corrected
    return figures


def horizon(model: LockedModel) -> float:
    """Median of the event times of the training patients."""
    return float(model.facts["outcome"]["training"]["median_event_time"])


def _binary(judged: Judged, model: LockedModel, _: int) -> Figures:
    y, risk = judged.outcome.values, judged.scores
    figures: dict[str, Callable[[], Any]] = {
        "auc": partial(auc_delong, y, risk),
        "calibration": partial(recalibration, y, np.clip(risk, EDGE, 1 - EDGE)),
        "observed_over_expected": partial(observed_over_expected, y, risk),
        "brier": partial(brier_interval, y, risk),
        "scaled_brier": partial(scaled_brier, y, risk),
    }
    if model.threshold is not None:
        figures["locked_threshold"] = partial(operating_point, y, risk, model.threshold)
    return figures


def _multiclass(judged: Judged, model: LockedModel, _: int) -> Figures:
    y, scores = judged.outcome.values, judged.scores
    codes = list(range(len(model.classes)))
    called = scores.argmax(axis=1)
    return {
        "auc": partial(multiclass_auc, y, scores, classes=codes),
        "classes": partial(class_report, y, called, classes=codes),
        "kappa": partial(kappa, y, called, classes=codes),
    }


def _ordinal(judged: Judged, model: LockedModel, _: int) -> Figures:
    y, scores = judged.outcome.values, judged.scores
    codes = list(range(len(model.classes)))
    called, expected = scores.argmax(axis=1), scores @ np.arange(scores.shape[1])
    return {
        "concordance": partial(ordinal_c_interval, y, expected),
        "somers_d": partial(somers_d, y, expected),
        "weighted_kappa": partial(kappa, y, called, weights="quadratic", classes=codes),
        "classes": partial(class_report, y, called, classes=codes),
    }


def _numeric(judged: Judged, model: LockedModel, seed: int) -> Figures:
    y, score = judged.outcome.values.astype(np.float64), judged.scores
    mean = float(model.facts["outcome"]["training"]["mean"])
    return {
        "errors": partial(_errors, y, score, mean, seed),
        "calibration": partial(linear_calibration, y, score),
        "spearman": partial(spearman, y, score),
        "concordance_correlation": partial(concordance_correlation, y, score),
    }


def _errors(y: Floats, score: Floats, mean: float, seed: int) -> Any:
    if len(y) < 2:
        raise UndefinedStatisticError("an interval needs at least two patients")
    return regression_errors(y, score, seed=seed, training_mean=mean)


def _survival(judged: Judged, model: LockedModel, seed: int) -> Figures:
    time, event = judged.outcome.values["time"], judged.outcome.values["event"]
    at = horizon(model)
    reach = float(model.facts["outcome"]["training"]["largest_horizon"])
    risk, staying = judged.scores, judged.survival
    area = partial(_auc_at, at)
    return {
        "harrell": partial(harrell_interval, time, event, risk),
        "uno": lambda: uno_interval(
            time, event, risk, tau=min(reach, largest_horizon(time, event))
        ),
        "horizon": lambda: at,
        "time_dependent_auc": lambda: bootstrap(area, time, event, risk, seed=seed).estimate,
        "brier": lambda: (
            bootstrap(partial(_brier_at, at), time, event, np.asarray(staying), seed=seed).estimate
        ),
        "brier_without_model": partial(brier_null, time, event, horizon=at),
    }


def _auc_at(horizon: float, time: Floats, event: Any, risk: Floats) -> float:
    return time_dependent_auc(time, event, risk, horizon=horizon)


def _brier_at(horizon: float, time: Floats, event: Any, staying: Floats) -> float:
    return brier_at(time, event, staying, horizon=horizon)


_BY_KIND: Mapping[str, Callable[[Judged, LockedModel, int], Figures]] = {
    "binary": _binary,
    "multiclass": _multiclass,
    "ordinal": _ordinal,
    "continuous": _numeric,
    "count": _numeric,
    "survival": _survival,
}


def _corrected(judged: Judged, model: LockedModel) -> dict[str, Any] | None:
    """Calibration of the corrected predictions, beside those of the model as locked."""
    correction, y = model.correction, judged.outcome.values
    if correction.slope is None:
        return None
    score = correction.apply(judged.scores)
    told: dict[str, Any] = {"name": correction.name}
    if judged.outcome.kind == "binary":
        told["calibration"] = attempt(recalibration, y, np.clip(score, EDGE, 1 - EDGE))
        told["brier"] = attempt(brier_interval, y, score)
    else:
        told["calibration"] = attempt(linear_calibration, y, score)
    return {name: plain(value) for name, value in told.items()}
