"""The model of every analysis and outcome: how well, against what, how stable, for whom."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from radiome.model.ladder import control_words
from radiome.report.analysis_record import Analysis, OutcomeFound
from radiome.report.downloads import Download
from radiome.report.figures import Figure
from radiome.report.figures_of_merit import decimals_of, figure_rows
from radiome.report.importance import importance
from radiome.report.own_plots import class_words, risk_plot
from radiome.report.placing import placed, taken
from radiome.report.predictions import Prediction, by_patient, observed_decimals, predictions_of
from radiome.report.record import Record
from radiome.report.section import Output, Section
from radiome.report.words import bounded, number

#: A control in the title of a plot.
_CONTROL = re.compile(
    r"control: ((?:shuffled|sampled|randomised) (?:non roi|roi|full)(?: \d+(?= ))?)"
)
#: Plots in the order in which they argue, and what each group answers.
GROUPS = (
    ("Is it more than chance, and more than what is known without images?",
     ("null", "ladder", "gains")),
    ("How well does it predict?",
     ("roc", "precision_recall", "calibration", "decision", "survival_thirds", "confusion",
      "observed", "folds")),
    ("Which features does it rest on?", ("selection", "stability")),
)  # fmt: skip


def model(record: Record, output: Output) -> Section | None:
    """Figures, tables and predictions of all that was modelled; nothing if nothing was."""
    parts = [
        _part(record, analysis, outcome, output)
        for analysis in record.analyses
        for outcome in analysis.outcomes
        if outcome.modelled
    ]
    if not parts:
        return None
    data = {
        "risks": {part["key"]: part["points"] for part in parts if part["points"]},
        "nulls": {part["key"]: part["null"] for part in parts if part["null"]},
    }
    content = {"parts": parts, "many": len(record.analyses) > 1}
    return Section("model", "Model", content, data)


def _part(
    record: Record, analysis: Analysis, outcome: OutcomeFound, output: Output
) -> dict[str, Any]:
    key = f"{analysis.name}-{outcome.stem}"
    told = outcome.told["outcome"]
    found = predictions_of(record, analysis, outcome)
    risks, points = _risks(found, outcome, key, output)
    classes = list(told.get("classes") or {}) if any(row.of_class for row in found) else []
    return {
        "key": key,
        "analysis": analysis.name,
        "role": analysis.role,
        "outcome": outcome.name,
        "kind": told["kind"],
        "groups": _groups(outcome, key, output),
        "figures": figure_rows(outcome),
        "chosen": _chosen(outcome),
        "importance": importance(
            outcome, {row["feature"]: row.get("name", "") for row in analysis.trust}
        ),
        "predictions": found,
        "called": by_patient(found, classes) if classes else [],
        "class_names": classes,
        "spread": any(row.low != row.high for row in found),
        "observed": any(row.observed for row in found),
        "digits": _digits(told["kind"], found),
        "observed_digits": observed_decimals(found),
        "time": str(outcome.options.get("time") or ""),
        "file": _file(found, key, output) if found else None,
        "null": _null(outcome),
        "risks": risks,
        "points": points,
    }


def _digits(kind: str, found: list[Prediction]) -> int:
    """Decimals of predictions: two, or as many as numbers of that size need."""
    scores = [abs(row.score) for row in found if row.score is not None]
    return decimals_of(max(scores)) if kind in ("continuous", "count") and scores else 2


def _groups(outcome: OutcomeFound, key: str, output: Output) -> list[dict[str, Any]]:
    groups = []
    for question, names in GROUPS:
        drawn = [
            (name, *_worded(name, outcome, taken(outcome.plots[name], f"{key}-{name}", output)))
            for name in names
            if name in outcome.plots
        ]
        if drawn:
            groups.append({"question": question, "plots": drawn})
    return groups


def _worded(
    name: str, outcome: OutcomeFound, plot: tuple[Figure, Download | None]
) -> tuple[Figure, Download | None]:
    """A plot whose words name controls, and whose null says with which folds it was made."""
    figure, file = plot
    figure = replace(figure, title=_CONTROL.sub(_in_words, figure.title))
    if name == "null":
        figure = replace(figure, note=f"{figure.note} {_repeats_words(outcome)}".strip())
    return figure, file


def _in_words(found: re.Match[str]) -> str:
    return control_words(found[1].replace(" ", "_"))


def _repeats_words(outcome: OutcomeFound) -> str:
    """Why the observed value of the test is not the concordance; empty where it is."""
    observed = outcome.told["null"].get("observed")
    reached = bounded(outcome.figures["concordance"]["features"])
    if observed is None or reached is None or round(observed, 2) == round(reached.value, 2):
        return ""
    return (
        "The test was made on fewer repeats of the folds than the estimate: there the data "
        f"reach {number(observed)}, over all repeats {number(reached.value)}."
    )


def _null(outcome: OutcomeFound) -> list[Any] | None:
    """Observed concordance and those of permuted outcomes, for a live chart."""
    told = outcome.told.get("null") or {}
    if "null" not in outcome.plots or not told.get("null_values"):
        return None
    return [round(told["observed"], 4), [round(value, 4) for value in told["null_values"]]]


def _chosen(outcome: OutcomeFound) -> list[tuple[str, int]]:
    """Combinations of options that tuning chose, with the number of folds."""
    return [
        (options_words(each["options"]), each["folds"])
        for each in outcome.figures.get("chosen", [])
        if each["options"]
    ]


def options_words(options: dict[str, Any]) -> str:
    """Options in a row, after the step that they belong to.

    Examples
    --------
    >>> options_words({"1. univariate": {"top": 5}, "2. logistic": {"strength": 0.1}})
    'univariate: top 5; logistic: strength 0.1'
    """
    words = []
    for step, value in options.items():
        name = (step.partition(". ")[2] or step).replace("_", " ")
        told = value if isinstance(value, dict) else {"": value}
        chosen = ", ".join(f"{_option(name)} {_value(each)}".strip() for name, each in told.items())
        words.append(f"{name}: {chosen}")
    return "; ".join(words)


def _option(name: str) -> str:
    return name.replace("l1_", "L1 ").replace("l2_", "L2 ").replace("_", " ")


def _value(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _risks(
    found: list[Prediction], outcome: OutcomeFound, key: str, output: Output
) -> tuple[Any, list[Any] | None]:
    """Predicted risks by observed class, for a binary outcome."""
    if outcome.told["outcome"]["kind"] != "binary":
        return None, None
    classes = list(outcome.told["outcome"].get("classes", {}))
    rows = [row.as_plain() for row in found]
    plot = risk_plot(rows, classes)
    if plot is None:
        return None, None
    points = [
        [row["code"], classes.index(row["observed"]), row["score"]]
        for row in rows
        if row["observed"] in classes and row["score"] is not None
    ]
    return placed(plot, f"{key}-predictions", output), [class_words(classes), points]


def _file(found: list[Prediction], key: str, output: Output) -> Any:
    names = ("patient", "class", "observed", "score", "lowest", "highest", "folds")
    rows = [
        (row.code, row.of_class, row.observed, row.score, row.low, row.high, row.folds)
        for row in found
    ]
    return output.downloads.table(f"{key}-predicted-patients", names, rows)
