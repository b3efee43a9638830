"""All plots by name: one row each, with the kinds of outcome that have it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from radiome.model.outcomes import KINDS
from radiome.model.plots.calibration import calibration
from radiome.model.plots.confusion import confusion
from radiome.model.plots.decision import decision
from radiome.model.plots.folds import folds
from radiome.model.plots.gains import gains
from radiome.model.plots.ladder import ladder
from radiome.model.plots.material import Material
from radiome.model.plots.null_distribution import null_distribution
from radiome.model.plots.observed import observed
from radiome.model.plots.plot import Plot
from radiome.model.plots.precision_recall import precision_recall
from radiome.model.plots.roc import roc
from radiome.model.plots.selection import selection
from radiome.model.plots.stability import stability
from radiome.model.plots.survival_thirds import survival_thirds


class PlotEntry(NamedTuple):
    """A plot, and which outcomes have it.

    Parameters
    ----------
    kinds : tuple of str
        Kinds of outcome.
    make : callable
        ``make(material)`` gives the plot, or None where it would say nothing.
    summary : str
        What it shows, in a line.
    """

    kinds: tuple[str, ...]
    make: Callable[[Material], Plot | None]
    summary: str


PLOTS = {
    "ladder": PlotEntry(KINDS, ladder, "Concordance of features, baselines and controls."),
    "gains": PlotEntry(KINDS, gains, "What the features add to each of them."),
    "null": PlotEntry(KINDS, null_distribution, "Permutation null and the observed concordance."),
    "folds": PlotEntry(KINDS, folds, "Concordance of every fold."),
    "selection": PlotEntry(KINDS, selection, "How often the folds select each feature."),
    "stability": PlotEntry(KINDS, stability, "Which fold selects which feature."),
    "roc": PlotEntry(("binary", "multiclass"), roc, "ROC curve, averaged over folds."),
    "precision_recall": PlotEntry(
        ("binary", "multiclass"), precision_recall, "Precision against recall."
    ),
    "calibration": PlotEntry(("binary",), calibration, "Observed against predicted risk."),
    "decision": PlotEntry(("binary",), decision, "Net benefit against treating all and none."),
    "confusion": PlotEntry(("multiclass", "ordinal"), confusion, "Called against true classes."),
    "observed": PlotEntry(("continuous", "count"), observed, "Observed against predicted values."),
    "survival_thirds": PlotEntry(
        ("survival",), survival_thirds, "Kaplan-Meier curves of thirds of predicted risk."
    ),
}


def plots_of(material: Material) -> dict[str, Plot]:
    """The plots of an outcome that say something, by name."""
    made = {
        name: entry.make(material)
        for name, entry in PLOTS.items()
        if material.outcome.kind in entry.kinds
    }
    return {name: plot for name, plot in made.items() if plot is not None}
