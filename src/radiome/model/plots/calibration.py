"""Observed frequency against predicted risk, with the predictions below it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.base.values import NotApplicable
from radiome.model.performance.calibration_curve import grouped_curve, smooth_curve
from radiome.model.performance.results import attempt
from radiome.model.plots.axes_marks import reference_line
from radiome.model.plots.material import Material
from radiome.model.plots.plot import Plot, Table, rows_as_cells
from radiome.model.plots.sheet import ACCENT, INK, RULE, Sheet
from radiome.model.plots.words import counted, spoken

_NAMES = ("part", "predicted", "observed", "lower", "upper", "patients")
#: Patients of a group, at least; groups are ten at most.
_GROUP = 15
_BINS = 20
_SIDE = 2.45
#: Axes end at the first of these that nothing lies beyond.
_ENDS = (0.1, 0.2, 0.4, 0.6, 1.0)
#: Patients with and without the event, each, that a smooth curve needs.
_SMOOTHED = 20
#: Share of patients at either end that a smooth curve leaves out: there it follows single ones.
_SPARSE = 0.025


def calibration(material: Material) -> Plot | None:
    """Calibration curve of a binary outcome; nothing if all risks are equal."""
    positive, risk = material.outcome.values == 1, material.found.mean_scores()
    if positive.all() or not positive.any() or np.ptp(risk) == 0:
        return None
    rows = _smooth(positive, risk)
    smoothed = bool(rows)
    groups = grouped_curve(positive, risk, bins=int(np.clip(len(risk) // _GROUP, 2, 10)))
    for group in groups:
        seen = group.observed
        rows.append(("group", group.predicted, seen.value, seen.lower, seen.upper, seen.n))
    end = _end([row[1] for row in rows] + [row[4] for row in rows if row[4] is not None], risk)
    counts, edges = np.histogram(risk, np.linspace(0, end, _BINS + 1))
    centres = (edges[:-1] + edges[1:]) / 2
    rows += [("histogram", x, None, None, None, n) for x, n in zip(centres, counts, strict=True)]
    title, subtitle = _words(material)
    note = f"Points: {counted(len(groups), 'group')} of equal size with 95 % intervals (Wilson)"
    note += "; line: loess of the middle 95 % of risks. " if smoothed else ". "
    note += "Bars: patients by predicted risk. Predictions out of fold, averaged over the repeats."
    return Plot(title, subtitle, note, rows_as_cells(_NAMES, rows), _SIDE + 0.95, _draw)


def _smooth(positive: NDArray[np.bool_], risk: NDArray[np.float64]) -> list[tuple[Any, ...]]:
    """Rows of the smooth curve; none for too few patients."""
    if min(positive.sum(), (~positive).sum()) < _SMOOTHED:
        return []
    lowest, highest = np.quantile(risk, [_SPARSE, 1 - _SPARSE])
    at = np.linspace(float(lowest), float(highest), 101)
    smooth = attempt(smooth_curve, positive, risk, at)
    if isinstance(smooth, NotApplicable):
        return []
    # A local line may lead out of the range that a frequency has.
    within = np.clip(smooth, 0, 1)
    return [("smooth", x, y, None, None, None) for x, y in zip(at, within, strict=True)]


def _end(shown: Sequence[float], risk: NDArray[np.float64]) -> float:
    """Where the axes end: risks and intervals lie before it."""
    highest = max(float(risk.max()), *shown)
    return next((end for end in _ENDS if highest <= end), 1.0)


def _words(material: Material) -> tuple[str, str]:
    slope = material.interval("calibration", "slope")
    large = material.interval("calibration", "in_the_large")
    if slope is None:
        return "Observed frequency against predicted risk", "The slope is not defined"
    title = "No miscalibration of the predicted risks is shown"
    if slope.lower <= 0 <= slope.upper:
        title = "Predicted risks are not shown to follow the outcome"
    elif slope.upper < 1:
        title = "Predicted risks are too extreme"
    elif slope.lower > 1:
        title = "Predicted risks are too close to the mean"
    elif large is not None and not large.lower <= 0 <= large.upper:
        title = f"Predicted risks are too {'low' if large.value > 0 else 'high'}"
    subtitle = f"Slope {spoken(slope)}"
    if large is not None:
        subtitle += f", calibration in the large {spoken(large)}"
    return title, subtitle


def _draw(sheet: Sheet, table: Table) -> None:
    axes = sheet.axes(0.46, 0.9, _SIDE, _SIDE)
    bars = sheet.axes(0.46, 0.38, _SIDE, 0.4)
    smooth, groups = table.where(part="smooth"), table.where(part="group")
    x, y = groups.numbers("predicted"), groups.numbers("observed")
    histogram = table.where(part="histogram")
    centres = histogram.numbers("predicted")
    end = round(float(centres[0] + centres[-1]), 6)
    reference_line(axes, [0, end], [0, end])
    axes.plot(smooth.numbers("predicted"), smooth.numbers("observed"), color=ACCENT)
    axes.vlines(x, groups.numbers("lower"), groups.numbers("upper"), color=INK, linewidth=0.7)
    axes.plot(x, y, linestyle="none", marker="o", markersize=3.2, color=INK, markeredgewidth=0)
    counts = histogram.numbers("patients")
    bars.bar(centres, counts, width=0.9 * end / _BINS, color=RULE)
    ticks = np.linspace(0, end, 4 if end == 0.6 else 5)
    labels = [f"{tick:g}" for tick in np.round(ticks, 3)]
    for part in (axes, bars):
        part.set_xlim(-0.01 * end, 1.01 * end)
    axes.set_ylim(-0.01 * end, 1.01 * end)
    axes.set_xticks(ticks, [""] * len(ticks))
    axes.set_yticks(ticks, labels)
    bars.set_xticks(ticks, labels)
    bars.set_yticks([0, counts.max()], ["0", f"{counts.max():.0f}"])
    axes.set_ylabel("Observed frequency")
    bars.set_ylabel("Patients")
    bars.set_xlabel("Predicted risk")
    axes.yaxis.set_label_coords(-0.135, 0.5)
    bars.yaxis.set_label_coords(-0.135, 0.5)
