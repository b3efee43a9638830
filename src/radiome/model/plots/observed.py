"""Predicted against observed values, with the line of agreement."""

from __future__ import annotations

import numpy as np

from radiome.model.plots.axes_marks import reference_line
from radiome.model.plots.material import Material
from radiome.model.plots.plot import Plot, Table
from radiome.model.plots.sheet import ACCENT, Sheet, drawable
from radiome.model.plots.words import counted, number, percent, shortened

_SIDE = 2.5


def observed(material: Material) -> Plot | None:
    """Predicted against observed values of a continuous outcome or a count."""
    values = material.outcome.values.astype(np.float64)
    predicted = material.found.mean_scores()
    if np.ptp(values) == 0:
        return None
    cells = {
        "patient": material.found.patients.tolist(),
        "observed": values.tolist(),
        "predicted": predicted.tolist(),
    }
    name = shortened(material.outcome.options.name, 30)
    title, subtitle = _words(material)
    note = "Predictions out of fold, averaged over the repeats. Grey line: perfect agreement."

    def draw(sheet: Sheet, table: Table) -> None:
        _draw(sheet, table, name)

    return Plot(title, subtitle, note, cells, _SIDE + 0.42, draw)


def _words(material: Material) -> tuple[str, str]:
    explained = material.interval("errors", "r_squared")
    error = material.interval("errors", "mae")
    rho = material.interval("spearman")
    title = "Predicted against observed values"
    if explained is not None:
        title = f"Predictions explain {percent(explained.value)} of the variance"
        if explained.value <= 0:
            title = "Predictions are no closer than the mean of all patients"
    parts = []
    if explained is not None:
        parts.append(
            f"R² {number(explained.value)} ({number(explained.lower)} to {number(explained.upper)})"
        )
    if rho is not None:
        parts.append(f"ρ {number(rho.value)}")
    if error is not None:
        parts.append(f"mean error {error.value:.3g}")
    parts.append(counted(len(material.found.patients), "patient"))
    return title, ", ".join(parts)


def _draw(sheet: Sheet, table: Table, name: str) -> None:
    axes = sheet.axes(0.55, 0.4, _SIDE, _SIDE)
    x, y = table.numbers("predicted"), table.numbers("observed")
    both = np.concatenate([x, y])
    margin = 0.04 * float(np.ptp(both))
    low, high = float(both.min()) - margin, float(both.max()) + margin
    reference_line(axes, [low, high], [low, high])
    opacity = float(np.clip(60 / len(x), 0.15, 0.7))
    axes.plot(
        x,
        y,
        linestyle="none",
        marker="o",
        markersize=3,
        color=ACCENT,
        alpha=opacity,
        markeredgewidth=0,
    )
    axes.set_xlim(low, high)
    axes.set_ylim(low, high)
    axes.locator_params(nbins=5)
    axes.set_xlabel(f"Predicted {drawable(name)}")
    axes.set_ylabel(f"Observed {drawable(name)}")
