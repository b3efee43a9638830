"""What the features add to every baseline."""

from __future__ import annotations

from typing import Any

from radiome.model.plots.axes_marks import interval_rows, right_column, row_labels
from radiome.model.plots.ladder import step_label
from radiome.model.plots.material import Material, bounded
from radiome.model.plots.plot import Plot, Table, rows_as_cells
from radiome.model.plots.sheet import RULE, WIDTH, Sheet, widest
from radiome.model.plots.words import counted, signed

_NAMES = ("step", "label", "gain", "lower", "upper")
_LINE = 0.2


def gains(material: Material) -> Plot | None:
    """Differences of concordance, features less each other step, the smallest first."""
    found = {name: bounded(told) for name, told in material.figures["gain"].items()}
    rows: list[tuple[Any, ...]] = [
        (name, _label(name), each.value, each.lower, each.upper)
        for name, each in found.items()
        if each is not None
    ]
    if not rows:
        return None
    rows.sort(key=lambda row: row[2])
    shown = [row for row in rows if row[3] > 0]
    title = f"The gain is above 0 over {len(shown)} of {counted(len(rows), 'comparison')}"
    if len(shown) == len(rows):
        title = "The features add to everything they are compared with"
    elif not shown:
        title = "No gain of the features is shown"
    subtitle = "Concordance of the features less that of the other model, same patients and folds"
    samples = counted(len(material.weights), "bootstrap sample")
    note = f"0 is no gain. Lines: 95 %, paired, {samples} of patients."
    if "clinical" in found:
        note += " Over clinical: clinical and features together, less clinical alone."
    return Plot(title, subtitle, note, rows_as_cells(_NAMES, rows), _LINE * len(rows) + 0.42, _draw)


def _label(step: str) -> str:
    label = step_label(step)
    return f"over {label[0].lower()}{label[1:]}"


def _draw(sheet: Sheet, table: Table) -> None:
    value, lower, upper = (table.numbers(name) for name in ("gain", "lower", "upper"))
    labels = table.texts("label")
    figures = [
        f"{signed(v)} ({signed(low)} to {signed(high)})"
        for v, low, high in zip(value, lower, upper, strict=True)
    ]
    left = 0.08 + widest(labels) + 0.1
    axes = sheet.axes(left, 0.4, WIDTH - left - widest(figures) - 0.2, _LINE * len(labels))
    axes.axvline(0, color=RULE, linewidth=0.8, dashes=(3, 2), zorder=1)
    interval_rows(axes, value, lower, upper, [bool(low > 0) for low in lower])
    low, high = min(0.0, float(lower.min())), max(0.0, float(upper.max()))
    margin = 0.05 * max(high - low, 0.02)
    axes.set_xlim(low - margin, high + margin)
    axes.locator_params(axis="x", nbins=4)
    axes.set_xlabel("Gain in concordance")
    row_labels(axes, labels)
    right_column(axes, figures)
