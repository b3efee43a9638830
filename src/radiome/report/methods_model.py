"""Redundancy, models and their tests in sentences, past tense, from the plan as run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from radiome.model.ladder import LADDER
from radiome.model.plan import DEFAULT_LEARNERS
from radiome.report.analysis_record import Analysis, OutcomeFound
from radiome.report.words import counted, listed

_SCALES = {
    "standard": "scaled to mean 0 and standard deviation 1",
    "robust": "scaled by median and interquartile range",
    "power": "transformed after Yeo and Johnson",
    "none": "not scaled",
}


def model_paragraphs(analysis: Analysis) -> list[tuple[str, str]]:
    """Heading and text of each step from feature table to statement; empty without a plan."""
    plan = analysis.plan
    if not plan:
        return []
    return [
        ("Outcomes", " ".join(_outcome(each) for each in analysis.outcomes)),
        ("Model", _model(plan, analysis)),
        ("Validation", _validation(plan)),
        ("Comparison and test", _test(plan, analysis)),
    ]


def _outcome(outcome: OutcomeFound) -> str:
    if not outcome.modelled:
        return f"{outcome.name} was not modelled: {outcome.told.get('reason', '')}."
    told = outcome.told["outcome"]
    people = counted(told["patients"], "patient")
    standard = told.get("reference_standard", "not_stated").replace("_", " ")
    known = "" if standard == "not stated" else f", reference standard {standard}"
    if told["kind"] == "survival":
        return (
            f"{outcome.name} was a time to event in {people} with {counted(told['events'], 'event')}{known}."
        )
    classes = told.get("classes")
    makeup = f" ({listed([f'{n} {name}' for name, n in classes.items()])})" if classes else ""
    return f"{outcome.name} was a {told['kind']} outcome, known in {people}{makeup}{known}."


def _model(plan: Mapping[str, Any], analysis: Analysis) -> str:
    missing = "filled with the median" if plan["preparation"]["missing"] == "median" else "not accepted"
    sentences = [
        f"Missing values were {missing}; features were {_SCALES[plan['preparation']['scale']]}."
    ]
    if plan.get("harmonise"):
        sentences.append(f"Features were harmonised over {plan['harmonise']['batch']} by ComBat.")
    for step in plan.get("select") or []:
        sentences.append(f"Features were selected by {_step(step)}.")
    kinds = {outcome.told["outcome"]["kind"] for outcome in analysis.outcomes if outcome.modelled}
    learners = [plan["learner"]] if plan.get("learner") else [
        {"name": DEFAULT_LEARNERS[kind], "options": {}} for kind in sorted(kinds)]  # fmt: skip
    if learners:
        sentences.append(f"The learner was {listed([_step(each) for each in learners])}.")
    sentences.append(
        "All of these steps were fitted on the training patients of each fold alone."
    )
    return " ".join(sentences)


def _step(step: Mapping[str, Any]) -> str:
    options = ", ".join(f"{name} {_value(value)}" for name, value in step.get("options", {}).items())
    name = str(step["name"]).replace("_", " ")
    return f"{name} ({options})" if options else name


def _value(value: Any) -> str:
    if isinstance(value, list):
        return f"tuned over {listed([str(each) for each in value], 'or')}"
    return str(value)


def _validation(plan: Mapping[str, Any]) -> str:
    found = plan["validation"]
    site = plan["columns"].get("site")
    return (
        f"Performance was estimated by {found['folds']}-fold cross-validation over patients, repeated "
        f"{counted(found['repeats'], 'time')}, with {found['inner_folds']} inner folds for tuning; the "
        "simplest configuration within one standard error of the best was taken. Concordance compares "
        "patients of the same fold; 95 % intervals are from "
        f"{found['bootstrap']} bootstrap samples of patients."
        + (f" Each {site} was also predicted by models of the others." if site else "")
    )


def _test(plan: Mapping[str, Any], analysis: Analysis) -> str:
    steps: dict[str, None] = {}
    for outcome in analysis.outcomes:
        steps |= dict.fromkeys(outcome.figures.get("concordance", {}))
    rivals = [_rival(name) for name in steps if name not in ("features", "clinical_and_features")]
    null = plan["null"]
    sentences = [
        f"On the same folds the features were compared with {listed(rivals)}." if rivals else "",
        "The whole pipeline was repeated with outcomes permuted over patients, at most "
        f"{null['permutations']} times and until {null['stop_after']} permutations had done as well as "
        f"the data; the level of the test was {null['level']:g}.",
    ]
    if len(analysis.outcomes) > 1:
        sentences.append("P-values were adjusted over outcomes after Benjamini and Hochberg.")
    return " ".join(text for text in sentences if text)


def _rival(name: str) -> str:
    if name.startswith("control "):
        return f"features of {name.removeprefix('control ').replace('_', ' ')} images"
    return LADDER.get(name, name)
