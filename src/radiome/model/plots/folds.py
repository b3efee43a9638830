"""Concordance of every fold, by repeat."""

from __future__ import annotations

from typing import Any

import numpy as np

from radiome.base.errors import UserError
from radiome.model.concordance import Bounded, judge
from radiome.model.plots.axes_marks import band, named
from radiome.model.plots.material import Material, bounded
from radiome.model.plots.plot import Plot, Table, rows_as_cells
from radiome.model.plots.sheet import ACCENT, RULE, WIDTH, Sheet
from radiome.model.plots.words import counted, number, spoken

_NAMES = ("part", "repeat", "fold", "concordance", "lower", "upper", "patients")


def folds(material: Material) -> Plot | None:
    """Concordances of the folds with their mean; nothing where fewer than two have one."""
    rows = _fold_rows(material)
    values = [row[3] for row in rows]
    if len(values) < 2:
        return None
    mean = bounded(material.figures["corrected"])
    below = sum(value < 0.5 for value in values)
    are = "is" if below == 1 else "are"
    title = f"{below} of {len(values)} folds {are} ranked worse than by chance"
    if not below:
        title = f"All {len(values)} folds are ranked at least as well as by chance"
    subtitle = f"Folds from {number(min(values))} to {number(max(values))}"
    note = "Concordance of the patients of each outer fold."
    if mean is not None:
        # The interval is that of a normal distribution, and knows no ends.
        mean = Bounded(mean.value, max(mean.lower, 0.0), min(mean.upper, 1.0))
        rows.append(("mean", None, None, mean.value, mean.lower, mean.upper, None))
        subtitle += f"; mean {spoken(mean)}"
        note += " Band: 95 % of the mean, corrected for shared training patients (Nadeau 2003)."
    lost = len(material.found.records) - len(values)
    if lost > 0:
        note += f" {counted(lost, 'fold has', 'folds have')} no patients that can be compared."
    return Plot(title, subtitle, note, rows_as_cells(_NAMES, rows), 1.85, _draw)


def _fold_rows(material: Material) -> list[tuple[Any, ...]]:
    found = material.found
    rows: list[tuple[Any, ...]] = []
    for repeat, (score, dealt) in enumerate(zip(found.scores, found.folds, strict=True), start=1):
        for fold in np.unique(dealt):
            members = np.flatnonzero(dealt == fold)
            outcome = found.outcome.taken(members)
            try:
                judged = judge(outcome, score[None, members], dealt[None, members])
            except UserError:  # a fold in which no two patients can be compared
                continue
            value = judged.concordance()
            rows.append(("fold", repeat, int(fold) + 1, value, None, None, len(members)))
    return rows


def _draw(sheet: Sheet, table: Table) -> None:
    axes = sheet.axes(0.46, 0.38, WIDTH - 0.46 - 0.48, 1.42)
    part, mean = table.where(part="fold"), table.where(part="mean")
    repeat, value = part.numbers("repeat"), part.numbers("concordance")
    count = int(repeat.max())
    edges = np.array([0.4, count + 0.6])
    axes.axhline(0.5, color=RULE, linewidth=0.8, dashes=(3, 2), zorder=1)
    low = float(value.min())
    if len(mean):
        middle = float(mean.numbers("concordance")[0])
        lower, upper = np.repeat(mean.numbers("lower"), 2), np.repeat(mean.numbers("upper"), 2)
        band(axes, edges, lower, upper)
        axes.plot(edges, [middle, middle], color=ACCENT, linewidth=1)
        height = middle if abs(middle - 0.5) > 0.06 else 0.5 + (0.06 if middle >= 0.5 else -0.06)
        named(axes, edges[1], height, " mean", va="center", color=ACCENT)
        low = min(low, float(lower[0]))
    named(axes, edges[1], 0.5, " chance", va="center")
    axes.plot(
        repeat, value, linestyle="none", marker="o", markersize=3.2, color="#444444", alpha=0.75,
        markeredgewidth=0,
    )  # fmt: skip
    axes.set_xlim(*edges)
    axes.set_ylim(max(min(low, 0.5) - 0.05, -0.02), 1.02)
    step = max(1, -(-count // 10))
    ticks = range(1, count + 1, step)
    axes.set_xticks(list(ticks), [str(tick) for tick in ticks])
    axes.locator_params(axis="y", nbins=5)
    axes.set_xlabel("Repeat")
    axes.set_ylabel("Concordance of a fold")
