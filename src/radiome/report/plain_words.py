"""What a concordance means, for a reader who has never met one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from radiome.report.words import percent, sensible

_PAIRS = {
    "binary": "Of a patient with the outcome and one without, the model gives the one with it "
    "the higher risk in {share} of pairs",
    "multiclass": "On the average of the classes, a patient of a class gets a higher probability "
    "of it than a patient of another class in {share} of pairs",
    "survival": "Of two patients, the one with the earlier event gets the higher risk in {share} "
    "of pairs",
}
_VALUES = (
    "Of two patients with different values, the one with the higher value gets the higher "
    "prediction in {share} of pairs"
)
_MEASURE = {
    "binary": "area under the ROC curve (AUC)",
    "multiclass": "mean area under the ROC curve (AUC)",
    "survival": "Harrell’s C",
}


def pairs_sentence(kind: str, concordance: float) -> str:
    """The concordance as a share of pairs of patients.

    Examples
    --------
    >>> pairs_sentence("binary", 0.957)[-58:]
    'the higher risk in 96 % of pairs; tossing a coin, in 50 %.'
    """
    text = _PAIRS.get(kind, _VALUES).format(share=percent(concordance))
    return f"{text}; tossing a coin, in 50 %."


def measure_words(kind: str) -> str:
    """What the concordance is called elsewhere."""
    return _MEASURE.get(kind, "share of pairs in the right order")


def makeup(told: Mapping[str, Any]) -> str:
    r"""Events, classes or mean of the patients of an outcome, from its summary in the results.

    Examples
    --------
    >>> makeup({"kind": "binary", "classes": {"0": 20, "1": 10}})
    '10 with the outcome, 20 without'
    >>> makeup({"kind": "ordinal", "classes": {"1": 20, "2": 10}})
    'class 1:\xa020, class 2:\xa010'
    """
    if "events" in told:
        events = f"{told['events']} with the event"
        competing = told.get("competing_events")
        return f"{events}, {competing} with a competing event" if competing else events
    if "mean" in told:
        return f"mean {sensible(told['mean'])}, standard deviation {sensible(told['sd'])}"
    classes = told.get("classes") or {}
    if told["kind"] == "binary" and len(classes) == 2:
        without, having = classes.values()
        return f"{having} with the outcome, {without} without"
    return ", ".join(
        f"{'class ' if str(name).isdecimal() else ''}{name}:\u00a0{count}"
        for name, count in classes.items()
    )
