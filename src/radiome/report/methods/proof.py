"""Figures of performance, intervals, null, controls and availability."""

from __future__ import annotations

from radiome.base.counting import counted
from radiome.model.ladder import control_words
from radiome.report.checklists.facts import Record
from radiome.report.methods.paragraph import Paragraph, gap, joined, listed, open_items

_CONCORDANCE = {
    "binary": "the area under the ROC curve",
    "multiclass": "the mean area under the ROC curve of each class against the others",
    "ordinal": "Somers' D on the scale 0 to 1",
    "continuous": "Somers' D on the scale 0 to 1",
    "count": "Somers' D on the scale 0 to 1",
    "survival": "Harrell's C",
}
_FIGURES = {
    "average_precision": "average precision",
    "brier": "Brier score",
    "calibration": "calibration",
    "decision_curve": "decision curves",
    "harrell": "Harrell's C",
    "uno": "Uno's C",
    "time_dependent_auc": "time-dependent area under the ROC curve",
    "integrated_brier": "integrated Brier score",
    "d_calibration": "D-calibration",
    "training_threshold": "errors at the threshold of Youden's index on the training patients",
    "classes": "errors by class",
    "kappa": "kappa",
    "weighted_kappa": "weighted kappa",
    "errors": "errors of prediction",
    "spearman": "Spearman correlation",
}


def performance(record: Record) -> Paragraph:
    """Figures, intervals and comparison."""
    if not record.modelled or not record.plan:
        return Paragraph("Performance", gap("figures of performance and their uncertainty"))
    kinds = dict.fromkeys(outcome.kind for outcome in record.modelled)
    named = listed(dict.fromkeys(_CONCORDANCE[kind] for kind in kinds if kind))
    found = [name for name in _FIGURES if any(name in each.defined for each in record.modelled)]
    others = f"Also computed out of fold: {listed(_FIGURES[n] for n in found)}." if found else ""
    sentences = [
        f"Discrimination was measured by the concordance ({named}), compared within folds.",
        f"Intervals are of 95 %, from {record.plan['validation']['bootstrap']} bootstrap samples "
        "of patients; gains over baselines were taken on the same samples.",
        others,
        _sample_size(record),
    ]
    return Paragraph("Performance", joined(sentences))


def _sample_size(record: Record) -> str:
    told = [f"{o.needed} patients for '{o.name}'" for o in record.modelled if o.needed is not None]
    if not told:
        return gap("how the sample size came about")
    return (
        f"The criteria of Riley et al. asked for {listed(told)}, with all candidate features "
        f"counted. {gap('how the sample size came about')}"
    )


def controls(record: Record) -> Paragraph:
    """Permutation null, baselines and negative control images."""
    if not record.plan:
        return Paragraph("Null and controls", gap("test against chance, and negative controls"))
    sentences = [_null(record), _baselines(record), _images(record)]
    return Paragraph("Null and controls", joined(sentences))


def _null(record: Record) -> str:
    chosen = record.plan["null"]
    within = " within sites" if record.columns("site") else ""
    adjusted = ""
    if len(record.modelled) > 1:
        adjusted = " P-values were adjusted over the outcomes after Benjamini and Hochberg."
    return (
        f"The whole pipeline was repeated with outcomes permuted over patients{within}, at most "
        f"{chosen['permutations']} times, ending when {chosen['stop_after']} permutations had "
        f"done as well as the data; the level was {chosen['level']:g}.{adjusted}"
    )


def _baselines(record: Record) -> str:
    from radiome.model.ladder import LADDER

    steps = {name for outcome in record.modelled for name in outcome.compared}
    named = [told for name, told in LADDER.items() if name in steps and name != "features"]
    if not record.modelled:
        return ""
    told = f"On the same folds stood {listed(named)}." if named else ""
    if "clinical" not in steps:
        told += " Models were not compared with clinical facts."
    return told.strip()


def _images(record: Record) -> str:
    if not record.controls:
        return "" if record.controls is None else "No negative control images were measured."
    named = listed(control_words(name) for name in record.controls)
    return f"Negative control images were measured and modelled in the same way: {named}."


def availability(record: Record) -> Paragraph:
    """Where models, data and code are."""
    told = ""
    if record.models:
        told = f"{counted(record.models, 'locked model')} of the study can predict new patients."
    rest = [open_items(record, "Machine learning"), gap("registration; funding; code")]
    return Paragraph("Availability", joined([told, *rest]))
