"""Called against true classes."""

from __future__ import annotations

from typing import Any

import numpy as np

from radiome.base.counting import counted
from radiome.model.performance.multiclass import confusion_matrix
from radiome.model.plots.material import Material
from radiome.model.plots.plot import Plot, Table, rows_as_cells
from radiome.model.plots.sheet import ACCENT, INK, SMALL, TEXT, WIDTH, Sheet, drawable, widest
from radiome.model.plots.words import shortened, spoken

_NAMES = ("true_class", "called_class", "patients", "share_of_true")
_LETTERS = 16
_TALLEST = 2.3


def confusion(material: Material) -> Plot | None:
    """Counts of called against true classes; nothing where scores are no probabilities."""
    scores, classes = material.found.mean_scores(), material.outcome.classes
    if scores.ndim != 2:
        return None
    values, called = material.outcome.values, scores.argmax(axis=1)
    counts = confusion_matrix(values, called, classes=range(len(classes)))
    rows: list[tuple[Any, ...]] = []
    for row, true in enumerate(classes):
        total = counts[row].sum()
        for column, call in enumerate(classes):
            share = counts[row, column] / total if total else None
            rows.append((true, call, counts[row, column], share))
    right, most = int(np.trace(counts)), int(counts.sum(axis=1).max())
    patients = counted(len(values), "patient")
    title = f"{right} of {patients} {'is' if right == 1 else 'are'} called rightly"
    subtitle = f"Always calling the commonest class: {most}"
    for name, words in (("weighted_kappa", "quadratic kappa"), ("kappa", "kappa")):
        kappa = material.interval(name)
        if kappa is not None:
            subtitle += f"; {words} {spoken(kappa)}"
    note = (
        "Called: the class with the highest probability out of fold, averaged over the repeats. "
        "Shade: share of the true class."
    )
    height = min(_TALLEST, 0.55 * len(classes)) + 0.62
    return Plot(title, subtitle, note, rows_as_cells(_NAMES, rows), height, _draw)


def _draw(sheet: Sheet, table: Table) -> None:
    names = table.distinct("true_class")
    labels = [shortened(name, _LETTERS) for name in names]
    side = len(names)
    left = 0.08 + widest(labels) + 0.26
    height = sheet.height - 0.62
    axes = sheet.axes(left, 0.6, min(WIDTH - left - 0.1, 1.5 * height), height)
    share = table.numbers("share_of_true").reshape(side, side)
    counts = table.numbers("patients").reshape(side, side)
    size = TEXT if side <= 8 else SMALL * min(1.0, 12 / side)
    for row in range(side):
        for column in range(side):
            part = np.nan_to_num(share[row, column])
            axes.add_patch(_cell(row, column, part))
            text = f"{counts[row, column]:.0f}"
            axes.text(
                column, row, text, ha="center", va="center_baseline", size=size,
                color="white" if part > 0.55 else INK,
                weight="bold" if row == column else "normal",
            )  # fmt: skip
    axes.set_xlim(-0.5, side - 0.5)
    axes.set_ylim(side - 0.5, -0.5)
    across = axes.get_position().width * WIDTH / side
    turned = widest(labels) > 0.95 * across
    axes.set_xticks(range(side), [drawable(name) for name in labels])
    if turned:
        axes.tick_params(axis="x", labelrotation=90 if side > 8 else 30)
        for label in axes.get_xticklabels():
            label.set_horizontalalignment("center" if side > 8 else "right")
            label.set_rotation_mode("default" if side > 8 else "anchor")
    axes.set_yticks(range(side), [drawable(name) for name in labels])
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_ylabel("True class")
    axes.set_xlabel("Called class")


def _cell(row: int, column: int, share: float) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle(
        (column - 0.48, row - 0.48), 0.96, 0.96,
        facecolor=ACCENT, alpha=0.04 + 0.96 * share, linewidth=0,
    )  # fmt: skip
