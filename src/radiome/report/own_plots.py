"""Plots of the report that no other part draws, on the sheet that all plots share."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.model.plots.plot import Plot, Table, rows_as_cells
from radiome.model.plots.sheet import ACCENT, FAINT, QUIET, RULE, WIDTH, Sheet, widest
from radiome.model.plots.words import counted
from radiome.report.trust_rows import TrustRow

#: Correlation with volume from which a feature stands in for it.
PROXY = 0.8
_ROW = 0.2
#: Names of classes that say nothing by themselves.
_BARE = frozenset({"0", "1", "0.0", "1.0", "no", "yes", "false", "true"})


def volume_plot(rows: Sequence[TrustRow]) -> Plot | None:
    """Correlation of every feature with volume, by family; nothing if it is not known."""
    known = [row for row in rows if row.volume_rho is not None]
    if not known:
        return None
    cells = [
        (row.family_words, row.tag, row.volume_rho, row.selected) for row in in_catalogue(known)
    ]
    proxies = sum(row.proxy for row in known)
    title = f"{proxies} of {counted(len(known), 'feature')} stand in for the volume"
    if not proxies:
        title = "No feature stands in for the volume"
    chosen = [row for row in known if row.selected]
    subtitle = f"|ρ| of {PROXY:g} or more with the volume of the region"
    if chosen:
        among = sum(row.proxy for row in chosen)
        subtitle += f"; {among} of the {len(chosen)} that a model selected"
    note = "Spearman correlation over cases. Blue: selected by a model in at least one fold."
    height = _ROW * len({row.family for row in known}) + 0.4
    names = ("family", "feature", "volume_rho", "selected")
    return Plot(title, subtitle, note, rows_as_cells(names, cells), height, _draw_volume)


def in_catalogue(rows: Sequence[TrustRow]) -> list[TrustRow]:
    """Rows with the families in the order of the standard."""
    from radiome.features.catalogue import FAMILIES

    order = {family: place for place, family in enumerate(FAMILIES)}
    return sorted(rows, key=lambda row: order.get(row.family, len(order)))


def _draw_volume(sheet: Sheet, table: Table) -> None:
    families = table.distinct("family")
    left = widest(families) + 0.18
    axes = sheet.axes(left, 0.38, WIDTH - left - 0.12, _ROW * len(families))
    for place in (-PROXY, PROXY):
        axes.axvline(place, color=RULE, linewidth=0.8, dashes=(3, 2), zorder=1)
    axes.axvline(0, color=FAINT, linewidth=0.8, zorder=1)
    rho = table.numbers("volume_rho")
    rows = np.array([families.index(name) for name in table.texts("family")], dtype=np.float64)
    chosen = np.nan_to_num(table.numbers("selected")) > 0
    for mask, colour, size in ((~chosen, QUIET, 2.4), (chosen, ACCENT, 3.8)):
        axes.plot(
            rho[mask], rows[mask], linestyle="none", marker="o", markersize=size, color=colour,
            alpha=0.9 if colour == ACCENT else 0.45, markeredgewidth=0,
        )  # fmt: skip
    axes.set_xlim(-1.04, 1.04)
    axes.set_ylim(len(families) - 0.4, -0.6)
    axes.set_xticks([-1, -0.5, 0, 0.5, 1], ["−1", "−0.5", "0", "0.5", "1"])
    axes.set_yticks(range(len(families)), families)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("Correlation with volume, ρ")


def class_words(classes: Sequence[str]) -> list[str]:
    """The two classes of a binary outcome as a plot calls them.

    Examples
    --------
    >>> class_words(["0", "1"]), class_words(["not M1", "M1"])
    (['without the outcome', 'with the outcome'], ['not M1', 'M1'])
    """
    if all(name.lower().removeprefix("not ") in _BARE for name in classes):
        return ["without the outcome", "with the outcome"]
    return list(classes)


def risk_plot(rows: Sequence[dict[str, Any]], classes: Sequence[str]) -> Plot | None:
    """Predicted scores of every patient, by what they turned out to be."""
    known = [row for row in rows if row["observed"] in classes and row["score"] is not None]
    if len({row["observed"] for row in known}) < 2:
        return None
    known.sort(key=lambda row: classes.index(row["observed"]))
    words = dict(zip(classes, class_words(classes), strict=True))
    cells = [
        (row["code"], row["observed"], words[row["observed"]], row["score"], row["low"],
         row["high"])
        for row in known
    ]  # fmt: skip
    means = [
        f"{words[name]} {fmean(row['score'] for row in known if row['observed'] == name):.2f}"
        for name in reversed(classes)
    ]
    names = ("patient", "observed", "class", "score", "lowest", "highest")
    return Plot(
        "Predictions of every patient",
        f"Mean predicted risk: {', '.join(means)}",
        "Out of fold, averaged over the repeats; the vertical place within a class has no meaning.",
        rows_as_cells(names, cells),
        0.42 * len(classes) + 0.42,
        _draw_risk,
    )


def _draw_risk(sheet: Sheet, table: Table) -> None:
    classes = table.distinct("class")
    left = min(widest(classes) + 0.18, 1.5)
    axes = sheet.axes(left, 0.38, WIDTH - left - 0.12, 0.42 * len(classes))
    for place, name in enumerate(classes):
        part = table.where(**{"class": name})
        score = part.numbers("score")
        axes.plot(
            score, place + spread(len(score)), linestyle="none", marker="o", markersize=3.2,
            color=ACCENT if place else QUIET, alpha=0.75, markeredgewidth=0,
        )  # fmt: skip
    axes.set_ylim(len(classes) - 0.45, -0.55)
    axes.set_xlim(-0.01, 1.01)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "0.25", "0.5", "0.75", "1"])
    axes.set_yticks(range(len(classes)), classes)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("Predicted risk")


def spread(count: int) -> NDArray[np.float64]:
    """Places within a row, -0.3 to 0.3, that keep neighbours apart; the same every time."""
    golden = (5**0.5 - 1) / 2
    return np.array([(place * golden % 1 - 0.5) * 0.6 for place in range(count)], np.float64)
