"""ROC curve, averaged over folds, with its band."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from radiome.model.concordance import Judged, estimate
from radiome.model.plots.axes_marks import band, named, reference_line, share_axis
from radiome.model.plots.classes import each_class
from radiome.model.plots.fold_average import GRID, averaged_roc
from radiome.model.plots.material import Material, bounded
from radiome.model.plots.panels import draw_panels, panels_height
from radiome.model.plots.plot import Plot, Table, rows_as_cells
from radiome.model.plots.sheet import ACCENT, INK, Sheet
from radiome.model.plots.words import counted, number, percent, spoken

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NAMES = ("part", "class", "false_positive_rate", "sensitivity", "lower", "upper")


def roc(material: Material) -> Plot | None:
    """ROC curve of a binary outcome, or one for each class against the rest."""
    several = material.outcome.kind == "multiclass"
    judged = [Judged((part,)) for part in material.found.judged().parts] if several else []
    rows: list[tuple[Any, ...]] = []
    samples = 0
    for place, (name, positive, scores) in enumerate(each_class(material.found)):
        curve = averaged_roc(material.found, positive, scores, material.weights)
        if curve is None:
            continue
        samples = curve.samples
        rows.append(("curve", name, 0.0, 0.0, 0.0, 0.0))
        steps = zip(GRID, curve.sensitivity, curve.lower, curve.upper, strict=True)
        rows += [("curve", name, *step) for step in steps]
        if judged:
            found = estimate(judged[place], material.weights)
            rows.append(("area", name, None, found.value, found.lower, found.upper))
    if not rows:
        return None
    rows += _point(material)
    cells = rows_as_cells(_NAMES, rows)
    count = len(Table(cells).distinct("class"))
    title, subtitle = _words(material, several=count > 1)
    note = (
        "Mean sensitivity of the folds at equal false-positive rate, folds weighted by their "
        f"pairs; band: pointwise 95 %, {counted(samples, 'bootstrap sample')} of patients."
    )
    if any(row[0] == "point" for row in rows):
        note += " Circle: thresholds chosen on the training patients."
    return Plot(title, subtitle, note, cells, panels_height(count), _draw)


def _point(material: Material) -> list[tuple[Any, ...]]:
    sensitivity = material.interval("training_threshold", "sensitivity")
    specificity = material.interval("training_threshold", "specificity")
    if material.outcome.kind != "binary" or sensitivity is None or specificity is None:
        return []
    name = material.outcome.classes[1]
    return [("point", name, 1 - specificity.value, sensitivity.value, None, None)]


def _words(material: Material, *, several: bool) -> tuple[str, str]:
    found = bounded(material.figures["concordance"]["features"])
    if found is None:
        return "Sensitivity against false-positive rate", ""
    pairs = f"Patients are ranked rightly in {percent(found.value)} of pairs"
    if found.lower <= 0.5:
        pairs = "Ranking is not shown to be better than chance"
    mean = "Mean AUC of the classes" if several else "AUC"
    patients = counted(len(material.found.patients), "patient")
    return pairs, f"{mean} {spoken(found)}, {patients}, predicted out of fold"


def _draw(sheet: Sheet, table: Table) -> None:
    names = table.distinct("class")

    def panel(axes: Axes, name: str) -> None:
        curve = table.where(part="curve", **{"class": name})
        rate = curve.numbers("false_positive_rate")
        reference_line(axes, [0, 1], [0, 1])
        band(axes, rate, curve.numbers("lower"), curve.numbers("upper"))
        axes.plot(rate, curve.numbers("sensitivity"), color=ACCENT, solid_joinstyle="miter")
        point = table.where(part="point", **{"class": name})
        axes.plot(
            point.numbers("false_positive_rate"),
            point.numbers("sensitivity"),
            linestyle="none", marker="o", markersize=4.5,
            markerfacecolor="white", markeredgecolor=INK, markeredgewidth=0.9, zorder=4,
        )  # fmt: skip
        area = table.where(part="area", **{"class": name})
        if len(area):
            told = f"AUC {number(area.numbers('sensitivity')[0])}"
            interval = f"{number(area.numbers('lower')[0])} to {number(area.numbers('upper')[0])}"
            named(axes, 0.98, 0.15, told, ha="right", color=ACCENT)
            named(axes, 0.98, 0.04, interval, ha="right")
        share_axis(axes, few=len(names) > 1)
        axes.set_aspect("equal")

    x_label = "False-positive rate" + (" (1 − specificity)" if len(names) == 1 else "")
    draw_panels(sheet, names, x_label, "Sensitivity", panel)
