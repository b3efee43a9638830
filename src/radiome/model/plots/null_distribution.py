"""Concordances of permuted outcomes, with the one that was seen."""

from __future__ import annotations

from typing import Any

import numpy as np

from radiome.model.plots.axes_marks import named
from radiome.model.plots.material import Material
from radiome.model.plots.plot import Plot, Table, rows_as_cells
from radiome.model.plots.sheet import ACCENT, QUIET, RULE, WIDTH, Sheet
from radiome.model.plots.words import counted, number, p_value

_NAMES = ("part", "from", "to", "permutations")


def null_distribution(material: Material) -> Plot | None:
    """Histogram of the permutation null with the observed concordance."""
    null = material.null
    if not null.done:
        return None
    values = null.null_values
    low, high = min(values.min(), null.observed), max(values.max(), null.observed)
    # Bars of one hundredth or its multiples, so that their edges are round numbers.
    wide = 0.01 * max(1, int(np.ceil((high - low) / 0.4)))
    first = int(np.floor(low / wide))
    edges = np.arange(first, int(np.floor(high / wide)) + 2) * wide
    counts, edges = np.histogram(values, np.round(edges, 10))
    rows: list[tuple[Any, ...]] = [
        ("null", *bar) for bar in zip(edges[:-1], edges[1:], counts, strict=True)
    ]
    rows.append(("observed", null.observed, null.observed, None))
    rows.append(("median", float(np.median(values)), float(np.median(values)), None))
    title = f"No permutation of {null.done} does as well as the data"
    if null.exceedances:
        do = "does" if null.exceedances == 1 else "do"
        title = (
            f"{null.exceedances} of {counted(null.done, 'permutation')} {do} as well as the data"
        )
    confidence = f"{100 * null.confidence:g} %"
    limits = f"{number(null.interval[0], 3)} to {number(null.interval[1], 3)}"
    subtitle = f"{p_value(null.p)}, Monte Carlo interval ({confidence}) {limits}"
    note = (
        "The whole pipeline, folds, tuning and selection included, repeated with outcomes "
        f"permuted over patients; median of {counted(null.done, 'permutation')} "
        f"{number(float(np.median(values)))}."
    )
    if null.stopped_early:
        note += " Stopped early, as planned."
    return Plot(title, subtitle, note, rows_as_cells(_NAMES, rows), 1.75, _draw)


def _draw(sheet: Sheet, table: Table) -> None:
    axes = sheet.axes(0.46, 0.38, WIDTH - 0.56, 1.2)
    bars = table.where(part="null")
    start, stop, count = bars.numbers("from"), bars.numbers("to"), bars.numbers("permutations")
    observed = float(table.where(part="observed").numbers("from")[0])
    gap = 0.08 * (stop[0] - start[0])
    axes.bar(start + gap / 2, count, width=stop - start - gap, align="edge", color=RULE)
    left, right = float(min(start[0], 0.5)), float(stop[-1])
    margin = 0.06 * (right - left)
    axes.set_xlim(left - margin, right + margin)
    top = float(count.max())
    axes.set_ylim(0, 1.02 * top)
    axes.plot([observed, observed], [0, top], color=ACCENT, linewidth=1.6)
    side = "right" if observed > (left + right) / 2 else "left"
    named(axes, observed, 1.06 * top, f"observed {number(observed)}", ha=side, color=ACCENT)
    tall = int(count.argmax())
    middle = float((start[tall] + stop[tall]) / 2)
    if abs(middle - observed) > 0.45 * (right - left):
        named(axes, middle, 1.06 * top, "permuted outcomes", ha="center", color=QUIET)
    axes.locator_params(axis="x", nbins=6)
    axes.locator_params(axis="y", nbins=4, integer=True)
    axes.set_xlabel("Concordance")
    axes.set_ylabel("Permutations")
