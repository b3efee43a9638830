"""Marks that several plots share: lines with bands, rows of intervals, axes of shares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from radiome.model.plots.sheet import ACCENT, BAND_OPACITY, INK, QUIET, RULE, TEXT, drawable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]


def share_axis(axes: Axes, *, x: bool = True, y: bool = True, few: bool = False) -> None:
    """Axes from 0 to 1."""
    ticks = [0.0, 0.5, 1.0] if few else [0.0, 0.25, 0.5, 0.75, 1.0]
    labels = [f"{tick:g}" for tick in ticks]
    if x:
        axes.set_xlim(-0.01, 1.01)
        axes.set_xticks(ticks, labels)
    if y:
        axes.set_ylim(-0.01, 1.01)
        axes.set_yticks(ticks, labels)


def band(axes: Axes, x: Floats, lower: Floats, upper: Floats, *, step: bool = False) -> None:
    """An interval around the accent line."""
    axes.fill_between(
        x,
        lower,
        upper,
        color=ACCENT,
        alpha=BAND_OPACITY,
        linewidth=0,
        step="post" if step else None,
    )


def reference_line(axes: Axes, x: Sequence[float], y: Sequence[float]) -> None:
    """A dashed grey line that a result is compared with."""
    axes.plot(x, y, color=RULE, linewidth=0.8, dashes=(3, 2), zorder=1)


def named(axes: Axes, x: float, y: float, text: str, **place: str) -> None:
    """A word beside a mark, in place of a legend."""
    style = {"color": QUIET, "size": TEXT, **place}
    axes.text(x, y, drawable(text), **style)  # type: ignore[arg-type]


def interval_rows(
    axes: Axes, value: Floats, lower: Floats, upper: Floats, accented: Sequence[bool]
) -> None:
    """One horizontal interval with its estimate in each row, from the top."""
    for row, strong in enumerate(accented):
        colour = ACCENT if strong else QUIET
        axes.plot(
            [lower[row], upper[row]], [row, row], color=colour, linewidth=1.2, solid_capstyle="butt"
        )
        axes.plot([value[row]], [row], marker="o", markersize=4, color=colour, markeredgewidth=0)
    axes.set_ylim(len(value) - 0.4, -0.6)
    axes.spines["left"].set_visible(False)


def row_labels(axes: Axes, names: Sequence[str], *, accented: Sequence[bool] | None = None) -> None:
    """Names of the rows on the left, without ticks."""
    axes.set_yticks(range(len(names)), [drawable(name) for name in names])
    axes.tick_params(axis="y", length=0, pad=4)
    for label, strong in zip(axes.get_yticklabels(), accented or [], strict=False):
        label.set_color(ACCENT if strong else INK)


def right_column(axes: Axes, texts: Sequence[str]) -> None:
    """Figures in a column of their own, right of the rows."""
    across = axes.get_yaxis_transform()
    for row, text in enumerate(texts):
        axes.text(
            1.04, row, drawable(text), transform=across, va="center_baseline", size=TEXT, color=INK
        )
