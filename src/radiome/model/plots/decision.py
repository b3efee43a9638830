"""Net benefit of treating by the model, beside treating everybody and nobody."""

from __future__ import annotations

from typing import Any

import numpy as np

from radiome.base.values import NotApplicable
from radiome.model.performance.results import Estimate
from radiome.model.performance.utility import decision_curve
from radiome.model.plots.axes_marks import band, named
from radiome.model.plots.material import Material
from radiome.model.plots.plot import Plot, Table, rows_as_cells
from radiome.model.plots.sheet import ACCENT, INK, QUIET, WIDTH, Sheet
from radiome.model.plots.words import counted, percent

_NAMES = ("threshold", "model", "lower", "upper", "treat_all", "treat_none")
_SAMPLES = 300


def decision(material: Material) -> Plot | None:
    """Decision curve of a binary outcome; nothing if all risks are equal."""
    positive, risk = material.outcome.values == 1, material.found.mean_scores()
    if positive.all() or not positive.any() or np.ptp(risk) == 0:
        return None
    # Beyond twice the prevalence, and beyond the highest risk, there is little to decide.
    end = float(np.clip(max(2 * positive.mean(), np.quantile(risk, 0.95)), 0.1, 0.99))
    thresholds = np.round(np.arange(0.01, end + 0.005, 0.01), 2)
    points = decision_curve(positive, risk, thresholds, seed=material.seed, resamples=_SAMPLES)
    rows: list[tuple[Any, ...]] = []
    for point in points:
        if isinstance(point.model, Estimate) and isinstance(point.treat_all, Estimate):
            model = point.model
            treat_all = point.treat_all.value
            rows.append((point.threshold, model.value, model.lower, model.upper, treat_all, 0.0))
        elif isinstance(point.model, NotApplicable):  # pragma: no cover - both classes are there
            continue
    cells = rows_as_cells(_NAMES, rows)
    note = (
        "Net benefit: share treated with the event, less the share treated without it weighted "
        f"by the odds of the threshold. Band: 95 %, {_SAMPLES} bootstrap samples of patients."
    )
    patients = counted(len(risk), "patient")
    subtitle = (
        f"{patients}, {percent(float(positive.mean()))} with the event, predicted out of fold"
    )
    return Plot(_title(Table(cells)), subtitle, note, cells, 2.5, _draw)


def _title(table: Table) -> str:
    """Where the model is worth more than both simple rules, and whether its band says so too."""
    model, best = table.numbers("model"), np.maximum(table.numbers("treat_all"), 0)
    chosen = model > best + 1e-12
    better = table.numbers("threshold")[chosen]
    shown = bool((table.numbers("lower")[chosen] > best[chosen]).any())
    doubt = "" if shown else ", but not beyond its band"
    if not better.size:
        return "Treating by the model is no better than treating all or none"
    # Gaps between the thresholds of the grid would make "from to" untrue.
    whole = round(float(np.ptp(better)) * 100) + 1 == better.size
    span = f"{percent(better[0])} and {percent(better[-1])}"
    if whole:
        return f"Treating by the model is worth most at thresholds between {span}{doubt}"
    share = percent(better.size / len(table))
    return f"Treating by the model is worth most at {share} of the thresholds{doubt}"


def _draw(sheet: Sheet, table: Table) -> None:
    axes = sheet.axes(0.55, 0.38, WIDTH - 0.55 - 0.62, 2.08)
    threshold, model = table.numbers("threshold"), table.numbers("model")
    treat_all = table.numbers("treat_all")
    top = max(float(np.nanmax(table.numbers("upper"))), float(treat_all.max()))
    low = -0.25 * top
    axes.axhline(0, color=INK, linewidth=0.9)
    axes.plot(threshold, treat_all, color=QUIET, linewidth=1, dashes=(4, 2))
    band(axes, threshold, table.numbers("lower"), table.numbers("upper"))
    axes.plot(threshold, model, color=ACCENT)
    axes.set_xlim(0, threshold[-1])
    axes.set_ylim(low, 1.05 * top)
    end = threshold[-1]
    shown = max(float(model[-1]), low)
    apart = 0.09 * top
    heights = [shown, 0.0]
    if abs(heights[0]) < apart:
        heights = [apart / 2, -apart / 2] if shown >= 0 else [-apart / 2, apart / 2]
    named(axes, end * 1.02, heights[0], "model", va="center", color=ACCENT)
    named(axes, end * 1.02, heights[1], "treat none", va="center", color=INK)
    inside = np.flatnonzero(treat_all >= low)
    place = int(inside[-1])
    if place == len(treat_all) - 1:
        y = float(treat_all[-1])
        taken = min((abs(y - other) for other in heights), default=1.0) < apart
        named(axes, end * 1.02, y - apart * 1.6 * taken, "treat all", va="center")
    else:
        # Right of where the falling line leaves the plot, so that it does not cross the word.
        leaves = float(np.interp(-low, -treat_all[place:], threshold[place:]))
        named(axes, leaves + 0.015 * end, low * 0.98, "treat all", va="bottom")
    axes.set_xlabel("Risk from which a patient is treated")
    axes.set_ylabel("Net benefit")
