"""How often the folds select each feature."""

from __future__ import annotations

from typing import Any

from radiome.model.plots.axes_marks import right_column, row_labels
from radiome.model.plots.material import Material
from radiome.model.plots.plot import Plot, Table
from radiome.model.plots.sheet import ACCENT, RULE, WIDTH, Sheet, widest
from radiome.model.plots.words import counted, percent, told_apart

#: Features that are shown.
MOST = 25
_LINE = 0.135
_LETTERS = 36


def selected_features(material: Material) -> dict[str, float]:
    """The features that are shown with their frequencies; none if nothing is selected from."""
    told = material.figures["selection"]
    frequency: dict[str, float] = told["frequency"]
    if told["stability"] is None or all(share == 1 for share in frequency.values()):
        return {}
    return dict(list(frequency.items())[:MOST])


def selection(material: Material) -> Plot | None:
    """Selection frequency of the features that are selected most often."""
    shown = selected_features(material)
    if not shown:
        return None
    folds = len(material.found.records)
    distinct = material.figures["selection"]["distinct"]
    always = sum(share == 1 for share in material.figures["selection"]["frequency"].values())
    first = next(iter(shown.values()))
    title = f"No feature is selected in more than {percent(first)} of the folds"
    if always:
        title = f"{counted(always, 'feature is', 'features are')} selected in every fold"
    subtitle = f"{counted(distinct, 'feature')} selected at least once in {folds} folds"
    if distinct > len(shown):
        subtitle += f"; the {len(shown)} most frequent"
    cells: dict[str, list[Any]] = {"feature": list(shown), "frequency": list(shown.values())}
    note = "Share of the outer folds, over all repeats, whose model uses the feature."
    return Plot(title, subtitle, note, cells, _LINE * len(shown) + 0.42, _draw)


def _draw(sheet: Sheet, table: Table) -> None:
    share = table.numbers("frequency")
    labels = told_apart(table.texts("feature"), _LETTERS)
    left = 0.08 + widest(labels) + 0.1
    axes = sheet.axes(left, 0.4, WIDTH - left - 0.42, _LINE * len(labels))
    rows = range(len(labels))
    axes.hlines(rows, 0, share, color=RULE, linewidth=0.9)
    axes.plot(
        share, rows, linestyle="none", marker="o", markersize=3.2, color=ACCENT, markeredgewidth=0
    )
    axes.set_xlim(0, 1.02)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("Share of folds")
    row_labels(axes, labels)
    right_column(axes, [percent(value) for value in share])
