"""Concordance of the features beside that of every baseline and control."""

from __future__ import annotations

from typing import Any

from radiome.model.ladder import control_label
from radiome.model.plots.axes_marks import interval_rows, right_column, row_labels
from radiome.model.plots.material import Material, bounded
from radiome.model.plots.plot import Plot, Table, rows_as_cells
from radiome.model.plots.sheet import RULE, WIDTH, Sheet, widest
from radiome.model.plots.words import counted, number, shortened, spoken

_NAMES = ("step", "label", "concordance", "lower", "upper")
_LINE = 0.2

#: Of a label: a longer one leaves no room for the intervals.
_LETTERS = 30
_LABELS = {
    "features": "Features",
    "left_out_sites": "Features, site left out",
    "clinical_and_features": "Clinical and features",
    "clinical": "Clinical",
    "volume": "Volume",
    "acquisition": "Scanner and protocol",
    "site": "Site",
    "random_features": "Random features",
    "deep cnn": "Convolutional network",
    "deep gru": "Recurrent network",
}


def step_label(step: str) -> str:
    """What a step of the ladder is called in plots."""
    if step in _LABELS:
        return _LABELS[step]
    told = control_label(step)
    if told == step:
        told = step.replace("control ", "control: ", 1).replace("_", " ")
    return shortened(told[0].upper() + told[1:], _LETTERS)


def ladder(material: Material) -> Plot | None:
    """Concordances of all steps with their intervals."""
    told = {**material.figures["concordance"], "left_out_sites": material.figures["left_out_sites"]}
    order = [*(name for name in _LABELS if name in told), *(n for n in told if n not in _LABELS)]
    found = {name: bounded(told[name]) for name in order}
    rows: list[tuple[Any, ...]] = [
        (name, step_label(name), each.value, each.lower, each.upper)
        for name, each in found.items()
        if each is not None
    ]
    features = found.get("features")
    if features is None or len(rows) < 2:
        return None
    others = [
        row for row in rows if row[0] not in ("features", "left_out_sites", "clinical_and_features")
    ]
    title = f"The features reach a concordance of {number(features.value)}"
    if others:
        best = max(others, key=lambda row: row[2])
        title += f", {best[1][0].lower()}{best[1][1:]} {number(best[2])}"
    patients = counted(len(material.found.patients), "patient")
    subtitle = f"Features {spoken(features)}, {patients}, same folds for all"
    samples = counted(len(material.weights), "bootstrap sample")
    note = f"Concordance within folds; 0.5 is chance. Lines: 95 %, {samples} of patients."
    return Plot(title, subtitle, note, rows_as_cells(_NAMES, rows), _LINE * len(rows) + 0.42, _draw)


def _draw(sheet: Sheet, table: Table) -> None:
    value, lower, upper = (table.numbers(name) for name in ("concordance", "lower", "upper"))
    labels = table.texts("label")
    figures = [
        f"{number(v)} ({number(low)} to {number(high)})"
        for v, low, high in zip(value, lower, upper, strict=True)
    ]
    strong = [step == "features" for step in table.texts("step")]
    left = 0.08 + widest(labels) + 0.1
    width = WIDTH - left - widest(figures) - 0.2
    axes = sheet.axes(left, 0.4, width, _LINE * len(labels))
    axes.axvline(0.5, color=RULE, linewidth=0.8, dashes=(3, 2), zorder=1)
    interval_rows(axes, value, lower, upper, strong)
    low, high = min(0.5, float(lower.min())), max(0.5, float(upper.max()))
    margin = 0.05 * max(high - low, 0.05)
    axes.set_xlim(low - margin, min(high + margin, 1.01))
    axes.locator_params(axis="x", nbins=4)
    axes.set_xlabel("Concordance")
    row_labels(axes, labels, accented=strong)
    right_column(axes, figures)
