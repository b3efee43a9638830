"""Which of the frequent features each fold selects."""

from __future__ import annotations

from typing import Any

import numpy as np

from radiome.model.plots.axes_marks import row_labels
from radiome.model.plots.material import Material, bounded
from radiome.model.plots.plot import Plot, Table, rows_as_cells
from radiome.model.plots.selection import selected_features
from radiome.model.plots.sheet import ACCENT, FAINT, WIDTH, Sheet, widest
from radiome.model.plots.words import counted, spoken, told_apart

_NAMES = ("feature", "column", "place", "share")
_LINE = 0.135
_LETTERS = 30
#: Folds that have a column each; with more, the folds of a repeat share one.
_COLUMNS = 60
#: Bands of the index (Nogueira 2018, after Fleiss).
_POOR, _EXCELLENT = 0.40, 0.75


def stability(material: Material) -> Plot | None:
    """Matrix of features and folds with the stability of the selection."""
    shown = list(selected_features(material))
    records = material.found.records
    if not shown or len(records) < 2:
        return None
    groups = [[record] for record in records]
    repeats = len(material.found.scores)
    each = "fold"
    if len(records) > _COLUMNS and repeats > 1:
        size = len(records) // repeats
        groups = [list(records[k * size : (k + 1) * size]) for k in range(repeats)]
        each = "repeat"
    rows: list[tuple[Any, ...]] = []
    for name in shown:
        for place, group in enumerate(groups, start=1):
            share = float(np.mean([name in record.selected for record in group]))
            rows.append(
                (name, group[0].purpose if each == "fold" else f"repeat {place}", place, share)
            )
    title, subtitle = _words(material)
    subtitle = f"{subtitle}; {counted(len(records), 'fold')}"
    what = (
        "dark where the fold selects the feature"
        if each == "fold"
        else "the darker, the more of its folds select the feature"
    )
    note = f"Columns: {each}s, {what}. Stability: 1 is full agreement, 0 is chance (Nogueira 2018)."
    cells = rows_as_cells(_NAMES, rows)

    def draw(sheet: Sheet, table: Table) -> None:
        _draw(sheet, table, len(groups), each)

    return Plot(title, subtitle, note, cells, _LINE * len(shown) + 0.3, draw)


def _words(material: Material) -> tuple[str, str]:
    told = material.figures["selection"]["stability"]
    index = bounded(told)
    if index is None:
        return "Features that the folds select", f"No stability: {told['reason']}"
    band = "partly agree"
    if index.value < _POOR:
        band = "agree little"
    elif index.value > _EXCELLENT:
        band = "agree well"
    return f"Folds {band} on the features they select", f"Stability {spoken(index)}"


def _draw(sheet: Sheet, table: Table, columns: int, each: str) -> None:
    names = table.distinct("feature")
    labels = told_apart(names, _LETTERS)
    left = 0.08 + widest(labels) + 0.1
    room = WIDTH - left - 0.1
    axes = sheet.axes(left, 0.28, min(room, 0.2 * columns), _LINE * len(names))
    share = table.numbers("share").reshape(len(names), columns)
    for row in range(len(names)):
        for column in range(columns):
            part = float(share[row, column])
            axes.add_patch(_cell(row, column, part))
    axes.set_xlim(-0.5, columns - 0.5)
    axes.set_ylim(len(names) - 0.5, -0.5)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_xticks([0, columns - 1], ["1", str(columns)])
    axes.tick_params(axis="x", length=0, pad=2)
    axes.set_xlabel(each.capitalize(), labelpad=-6)
    row_labels(axes, labels)


def _cell(row: int, column: int, share: float) -> Any:
    from matplotlib.patches import Rectangle

    colour = ACCENT if share else FAINT
    opacity = 0.2 + 0.8 * share if share else 0.6
    box = (column - 0.44, row - 0.42)
    return Rectangle(box, 0.88, 0.84, facecolor=colour, alpha=opacity, linewidth=0)
