"""Precision against recall, with the prevalence that chance would reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from radiome.model.performance.discrimination import average_precision, roc_curve
from radiome.model.plots.axes_marks import named, share_axis
from radiome.model.plots.classes import each_class
from radiome.model.plots.material import Material
from radiome.model.plots.panels import draw_panels, panels_height
from radiome.model.plots.plot import Plot, Table, rows_as_cells
from radiome.model.plots.sheet import ACCENT, RULE, Sheet
from radiome.model.plots.words import counted, number, spoken

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NAMES = ("part", "class", "recall", "precision")


def precision_recall(material: Material) -> Plot | None:
    """Precision and recall of a binary outcome, or of each class against the rest."""
    rows: list[tuple[Any, ...]] = []
    found: list[tuple[float, float]] = []
    for name, positive, scores in each_class(material.found):
        score = np.nanmean(scores, axis=0)
        if positive.all() or not positive.any() or np.ptp(score) == 0:
            continue
        rows += [("curve", name, *corner) for corner in _corners(positive, score)]
        prevalence = float(positive.mean())
        found.append((average_precision(positive, score), prevalence))
        rows.append(("prevalence", name, None, prevalence))
        rows.append(("average precision", name, None, found[-1][0]))
    if not rows:
        return None
    title = f"Average precision {number(found[0][0])} at a prevalence of {number(found[0][1])}"
    patients = counted(len(material.found.patients), "patient")
    told = material.interval("average_precision")
    subtitle = f"Average precision {spoken(told)}, {patients}" if told else patients
    if len(found) > 1:
        better = sum(precision > prevalence for precision, prevalence in found)
        title = f"Precision is above the prevalence for {better} of {len(found)} classes"
        subtitle = f"Average precision of each class against the rest, {patients}"
    note = (
        "Predictions out of fold, averaged over the repeats. "
        "Dashed: prevalence, the precision of chance."
    )
    return Plot(
        title, subtitle, note, rows_as_cells(_NAMES, rows), panels_height(len(found)), _draw
    )


def _corners(positive: NDArray[np.bool_], score: NDArray[np.float64]) -> list[tuple[float, float]]:
    """Recall and precision at every distinct score, from the highest."""
    curve = roc_curve(positive, score)
    true = curve.sensitivity[1:] * positive.sum()
    false = (1 - curve.specificity[1:]) * (~positive).sum()
    precision = true / (true + false)
    return list(zip(curve.sensitivity[1:].tolist(), precision.tolist(), strict=True))


def _draw(sheet: Sheet, table: Table) -> None:
    names = table.distinct("class")

    def panel(axes: Axes, name: str) -> None:
        curve = table.where(part="curve", **{"class": name})
        prevalence = table.where(part="prevalence", **{"class": name}).numbers("precision")[0]
        average = table.where(part="average precision", **{"class": name})
        axes.axhline(prevalence, color=RULE, linewidth=0.8, dashes=(3, 2), zorder=1)
        recall, precision = curve.numbers("recall"), curve.numbers("precision")
        # Average precision is the area under these steps.
        axes.plot(
            np.append(0, recall), np.append(precision[0], precision),
            color=ACCENT, drawstyle="steps-pre",
        )  # fmt: skip
        if len(names) > 1:
            told = f"AP {number(average.numbers('precision')[0])}"
            # Above the panel, where no curve can cross it.
            named(axes, 1.0, 1.045, told, ha="right", va="bottom", color=ACCENT)
        share_axis(axes, few=len(names) > 1)
        axes.set_aspect("equal")

    draw_panels(sheet, names, "Recall (sensitivity)", "Precision", panel)
