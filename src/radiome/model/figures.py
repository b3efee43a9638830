"""Figures of performance that suit the kind of outcome, with intervals, as plain values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, is_dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from radiome.base.errors import UserError
from radiome.base.values import NotApplicable
from radiome.model.class_concordance import class_concordances
from radiome.model.concordance import bootstrap_weights, estimate, judge
from radiome.model.evaluation import Evaluation
from radiome.model.out_of_fold import OutOfFold
from radiome.model.performance.bootstrap import bootstrap
from radiome.model.performance.calibration import brier_interval, recalibration, scaled_brier
from radiome.model.performance.calibration_curve import calibration_errors
from radiome.model.performance.concordance import harrell_interval, largest_horizon, uno_interval
from radiome.model.performance.discrimination import average_precision_bootstrap
from radiome.model.performance.multiclass import class_report, kappa
from radiome.model.performance.ordinal import somers_d
from radiome.model.performance.regression import regression_errors, spearman
from radiome.model.performance.results import UndefinedStatisticError, attempt
from radiome.model.performance.thresholds import operating_point
from radiome.model.performance.time_dependent import time_dependent_auc
from radiome.model.performance.utility import decision_curve
from radiome.model.plan import Plan
from radiome.model.pooling import pooled_sites
from radiome.model.reclassification_figures import reclassification_figures
from radiome.model.sample_need import sample_need
from radiome.model.selection_record import selection_of
from radiome.model.survival_figures import survival_figures

Floats = NDArray[np.float64]

#: Risks at which the decision curve is read.
DECISION_THRESHOLDS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5)


def figures_of(found: Evaluation, plan: Plan) -> dict[str, Any]:
    """Everything that the results say in numbers about one outcome.

    Returns
    -------
    dict
        ``concordance`` and ``gain`` of every step of the ladder, ``corrected`` (the
        interval after Nadeau and Bengio), ``performance`` by kind of outcome, ``selection``,
        ``configurations`` tried, ``networks`` on the images, and what the plan's section
        ``report`` asks for. A figure that is not defined is ``{"reason": ...}``.
    """
    features = found.ladder.steps["features"]
    return {
        "concordance": {n: e.as_dict() for n, e in found.ladder.concordances().items()},
        "gain": {n: e.as_dict() for n, e in found.ladder.gains().items()},
        "corrected": corrected_interval(features, plan.validation.folds),
        "left_out_sites": _left_out(found, plan),
        "performance": performance_of(features, seed=plan.seed),
        "selection": selection_of(features, found.table.names, bool(found.recipe.selectors)),
        "sample_size": sample_need(features.outcome, len(found.table.names)),
        "configurations": found.recipe.configurations,
        "chosen": _chosen(features),
        "not_converged": sum(not record.converged for record in features.records),
        "networks": dict(found.networks),
        **_report(found, plan),
    }


def _report(found: Evaluation, plan: Plan) -> dict[str, Any]:
    """What the section ``report`` asks for, without what is told patient by patient."""
    told = dict(found.report)
    if "figures" in told.get("conformal", {}):
        told["conformal"] = told["conformal"]["figures"]
    if plan.report.reclassification:
        moved = reclassification_figures(found.ladder.steps, plan.report.reclassification)
        told["reclassification"] = plain(moved)
    return told


def _left_out(found: Evaluation, plan: Plan) -> dict[str, Any] | None:
    if found.left_out is None:
        return None
    weights = bootstrap_weights(len(found.left_out.patients), plan.validation.bootstrap, plan.seed)
    together = estimate(found.left_out.judged(), weights).as_dict()
    if found.table.sites is None:
        return together
    return {
        **together,
        **pooled_sites(found.left_out, found.table.sites[found.left_out.first_rows]),
    }


def corrected_interval(found: OutOfFold, folds: int) -> dict[str, Any]:
    """Mean concordance of the folds with its t interval after Nadeau and Bengio (2003).

    The variance of the mean of J folds is (1/J + n_test/n_train) s²: folds share training
    patients, and s²/J would be too small.
    """
    shares = []
    for score, fold in zip(found.scores, found.folds, strict=True):
        for member in np.unique(fold):
            rows = np.flatnonzero(fold == member)
            part = attempt(
                _concordance, found.outcome.taken(rows), score[None, rows], fold[None, rows]
            )
            if isinstance(part, float):
                shares.append(part)
    if len(shares) < 2:
        return {"reason": "fewer than two folds have patients that can be compared"}
    mean, spread = float(np.mean(shares)), float(np.var(shares, ddof=1))
    error = np.sqrt((1 / len(shares) + 1 / (folds - 1)) * spread)
    half = float(student.ppf(0.975, len(shares) - 1) * error)
    return {"value": mean, "lower": mean - half, "upper": mean + half, "folds": len(shares)}


def _concordance(outcome: Any, scores: Floats, folds: NDArray[np.int64]) -> float:
    try:
        return judge(outcome, scores, folds).concordance()
    except UserError as error:
        raise UndefinedStatisticError(error.what) from None


def _chosen(found: OutOfFold) -> list[dict[str, Any]]:
    """How often each combination of options was chosen by tuning, most often first."""
    counts = Counter(repr(record.options) for record in found.records)
    by_text = {repr(record.options): record.options for record in found.records}
    return [{"options": by_text[text], "folds": n} for text, n in counts.most_common()]


def performance_of(found: OutOfFold, *, seed: int) -> dict[str, Any]:
    """Figures by kind of outcome, on the predictions averaged over the repeats."""
    scores = found.mean_scores()
    table = _BY_KIND[found.outcome.kind](found, scores, seed)
    return {name: plain(attempt(make)) for name, make in table.items()}


Figures = Mapping[str, Callable[[], Any]]


def _binary(found: OutOfFold, score: Floats, seed: int) -> Figures:
    y = found.outcome.values
    inside = np.clip(score, 1e-6, 1 - 1e-6)
    figures: dict[str, Callable[[], Any]] = {
        "average_precision": lambda: average_precision_bootstrap(y, score, seed=seed).estimate,
        "prevalence": lambda: float(np.mean(y)),
        "brier": partial(brier_interval, y, score),
        "scaled_brier": partial(scaled_brier, y, score),
        "calibration": partial(recalibration, y, inside),
        "calibration_errors": partial(calibration_errors, y, score),
        "decision_curve": partial(decision_curve, y, score, DECISION_THRESHOLDS, seed=seed),
    }
    if found.decisions is not None:
        votes = found.decisions.mean(axis=0)
        figures["training_threshold"] = partial(operating_point, y, votes, 0.5)
    return figures


def _multiclass(found: OutOfFold, scores: Floats, seed: int) -> Figures:
    y, called = found.outcome.values, scores.argmax(axis=1)
    return {
        "class_concordances": partial(class_concordances, found, seed=seed),
        "classes": partial(class_report, y, called),
        "kappa": partial(kappa, y, called),
    }


def _ordinal(found: OutOfFold, scores: Floats, _: int) -> Figures:
    y = found.outcome.values
    expected = scores @ np.arange(scores.shape[1]) if scores.ndim == 2 else scores
    figures: dict[str, Callable[[], Any]] = {"somers_d": partial(somers_d, y, expected)}
    if scores.ndim == 2:
        called = scores.argmax(axis=1)
        figures["weighted_kappa"] = partial(kappa, y, called, weights="quadratic")
    return figures


def _numeric(found: OutOfFold, score: Floats, seed: int) -> Figures:
    y = found.outcome.values.astype(np.float64)
    return {
        "errors": partial(regression_errors, y, score, seed=seed),
        "spearman": partial(spearman, y, score),
    }


def _survival(found: OutOfFold, risk: Floats, seed: int) -> Figures:
    time, event = found.outcome.values["time"], found.outcome.values["event"]
    horizon = largest_horizon(time, event)
    median = float(np.median(time[event]))
    return {
        "harrell": partial(harrell_interval, time, event, risk),
        "uno": partial(uno_interval, time, event, risk, tau=horizon),
        "time_dependent_auc": lambda: (
            bootstrap(
                partial(_auc_at, median), time, event, risk, seed=seed, resamples=500
            ).estimate
        ),
        "time_dependent_auc_horizon": lambda: median,
        **survival_figures(found, seed),
    }


def _auc_at(horizon: float, time: Floats, event: Any, risk: Floats) -> float:
    return time_dependent_auc(time, event, risk, horizon=horizon)


_BY_KIND: Mapping[str, Callable[[OutOfFold, Floats, int], Figures]] = {
    "binary": _binary,
    "multiclass": _multiclass,
    "ordinal": _ordinal,
    "continuous": _numeric,
    "count": _numeric,
    "survival": _survival,
}


def plain(value: Any) -> Any:
    """Results as values that JSON knows; a figure without a value is its reason."""
    if isinstance(value, NotApplicable):
        return {"reason": value.reason}
    if is_dataclass(value) and not isinstance(value, type):
        return {name: plain(part) for name, part in _fields(value).items()}
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return {str(name): plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return value


def _fields(value: Any) -> dict[str, Any]:
    names = asdict(value).keys()
    return {name: getattr(value, name) for name in names}
