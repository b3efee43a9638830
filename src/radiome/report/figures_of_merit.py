"""Figures of performance as rows of a table: name, estimate with interval, remark."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from radiome.model.concordance import Bounded
from radiome.report.analysis_record import OutcomeFound
from radiome.report.words import bounded, counted, number, sensible, spoken

#: Figures by their place in the results, with their names and what is to be known of them.
_NAMED = {
    ("corrected",): ("Concordance, mean of the folds", "corrected for shared training patients"),
    ("performance", "average_precision"): ("Average precision", "prevalence is chance"),
    ("performance", "prevalence"): ("Prevalence", ""),
    ("performance", "brier"): ("Brier score", "0 is best"),
    ("performance", "scaled_brier"): ("Scaled Brier score", "1 is best, 0 is the prevalence"),
    ("performance", "calibration", "slope"): ("Calibration slope", "1 is wanted"),
    ("performance", "calibration", "in_the_large"): ("Calibration in the large", "0 is wanted"),
    ("performance", "calibration_errors", "ici"): ("Integrated calibration index", "0 is best"),
    ("performance", "training_threshold", "sensitivity"): (
        "Sensitivity", "at thresholds chosen on training patients"),
    ("performance", "training_threshold", "specificity"): (
        "Specificity", "at thresholds chosen on training patients"),
    ("performance", "harrell"): ("Harrell's C", "over all patients"),
    ("performance", "uno"): ("Uno's C", "weighted for censoring"),
    ("performance", "time_dependent_auc"): ("AUC at the median time of events", ""),
    ("performance", "kappa"): ("Cohen's κ", ""),
    ("performance", "weighted_kappa"): ("Weighted κ", "quadratic weights"),
    ("performance", "somers_d"): ("Somers' D", "0 is chance"),
    ("performance", "spearman"): ("Spearman ρ", "0 is chance"),
    ("performance", "errors", "r_squared"): ("R²", "share of the variance that is explained"),
    ("performance", "errors", "mae"): ("Mean absolute error", ""),
    ("performance", "errors", "rmse"): ("Root mean square error", ""),
    ("performance", "integrated_brier", "scaled"): (
        "Scaled integrated Brier score", "1 is best, 0 is a model without features"),
    ("performance", "d_calibration", "p_value"): ("D-calibration, p", "small is miscalibrated"),
    ("bootstrap_632", "concordance", "b632_plus"): (
        "Concordance, .632+ bootstrap", "weighs fit and what was left out"),
    ("bootstrap_632", "optimism", "concordance", "corrected"): (
        "Concordance, corrected for optimism", "after Harrell"),
    ("bootstrap_632", "optimism", "calibration_slope", "corrected"): (
        "Calibration slope, corrected for optimism", "after Harrell; 1 is wanted"),
    ("conformal", "coverage"): ("Coverage of conformal ranges", ""),
    ("conformal", "abstention"): ("Share of patients with no single class", "conformal sets"),
    ("left_out_sites",): ("Concordance at left-out sites", ""),
    ("selection", "stability"): ("Stability of the selection", "1 is full agreement, 0 chance"),
}  # fmt: skip


#: Figures in the unit of the outcome: their digits depend on their size.
_IN_UNITS = (("performance", "errors", "mae"), ("performance", "errors", "rmse"))


def figure_rows(outcome: OutcomeFound) -> list[tuple[str, str, str]]:
    """Name, figure and remark; figures that are not defined or not there are left out."""
    return list(_rows(outcome))


def _rows(outcome: OutcomeFound) -> Iterator[tuple[str, str, str]]:
    for place, (name, remark) in _NAMED.items():
        text = _shown(_at(outcome.figures, place), place)
        if text:
            yield name, text, remark or _remark(outcome, place)
    size = outcome.figures.get("sample_size") or {}
    if "needed" in size:
        yield (
            "Patients needed",
            sensible(size["needed"], 6),
            (f"for {counted(size['candidates'], 'candidate feature')}, after Riley 2019"),
        )
    tried = outcome.figures.get("configurations")
    if tried:
        yield "Configurations tried", str(tried), "inside each training fold"
    failed = outcome.figures.get("not_converged")
    if failed:
        yield "Fits that did not converge", str(failed), ""


def _remark(outcome: OutcomeFound, place: tuple[str, ...]) -> str:
    """What is to be known of a figure and stands in the results."""
    figures = outcome.figures
    if place == ("conformal", "coverage"):
        return f"{figures['conformal']['level']:g} is wanted"
    if place == ("performance", "time_dependent_auc"):
        horizon = sensible(figures["performance"]["time_dependent_auc_horizon"])
        unit = outcome.options.get("time")
        return f"at {horizon}, in the unit of {unit}" if unit else f"at {horizon}"
    if place in _IN_UNITS:
        return f"in the unit of {outcome.name}, 0 is best"
    return ""


def _at(figures: Mapping[str, Any], place: tuple[str, ...]) -> Any:
    found: Any = figures
    for name in place:
        if not isinstance(found, Mapping):
            return None
        found = found.get(name)
    return found


def _shown(value: Any, place: tuple[str, ...]) -> str:
    estimate = bounded(value)
    if estimate is not None:
        if place == ("corrected",):
            # The corrected interval is symmetric and may leave the scale of a concordance.
            lower, upper = max(estimate.lower, 0.0), min(estimate.upper, 1.0)
            estimate = Bounded(estimate.value, lower, upper)
        return spoken(estimate, decimals_of(estimate.upper) if place in _IN_UNITS else 2)
    if isinstance(value, Mapping):
        value = value.get("value")
    if not isinstance(value, int | float) or not math.isfinite(value):
        return ""
    return number(value, decimals_of(value) if place in _IN_UNITS else 2)


def decimals_of(value: float) -> int:
    """Decimals that show three digits of a number whose unit nobody knows."""
    return max(2 - math.floor(math.log10(abs(value))), 0) if value else 2
