"""Redundancy, outcomes, selection, learning and validation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from radiome.base.counting import counted
from radiome.report.checklists.facts import OutcomeFacts, Record
from radiome.report.checklists.on_modelling import learner_of
from radiome.report.methods.paragraph import Paragraph, gap, joined, listed

_NO_PLAN = "plan of the analysis"

_SCALES = {
    "standard": "scaled to mean 0 and standard deviation 1",
    "robust": "centred on the median and scaled by the interquartile range",
    "power": "transformed after Yeo and Johnson and standardised",
    "none": "not scaled",
}
_STANDARDS = {
    "sequence": "sequencing",
    "expression": "gene expression",
    "clinical_follow_up": "clinical follow-up",
    "imaging_follow_up": "follow-up by imaging",
    "expert_reading": "expert reading",
    "mass_spectrometry": "mass spectrometry",
}


def redundancy(record: Record) -> Paragraph:
    """Clusters, dependence on volume, repeatability."""
    sentences = []
    if record.clusters is not None:
        limit = record.trust.get("cluster_threshold")
        rule = f" at a correlation of {limit:g}" if limit is not None else ""
        linkage = f" ({record.trust['linkage']} linkage)" if record.trust.get("linkage") else ""
        sentences.append(
            "Before outcomes were looked at, features were grouped by absolute Spearman "
            f"correlation{rule}{linkage} and compared with the volume of the region."
        )
    if record.repeatable:
        sentences.append(_repeated(record))
    elif record.repeatable == 0:
        sentences.append("Robustness of features was not assessed: nothing was repeated.")
    return Paragraph("Redundancy and robustness", joined(sentences))


def _repeated(record: Record) -> str:
    """What was done again, and which intraclass correlation tells how alike it came out."""
    repeated = str(record.trust.get("repeated") or "")
    again = {
        "scan": "of lesions that were scanned again",
        "reader": "of regions that were drawn by other readers",
        "perturbation": "of perturbed images",
    }.get(repeated, "of repeated measurements")
    form = "ICC(2,1)" if repeated == "reader" else "ICC(1,1)"
    told = (
        f"Repeatability was assessed by the intraclass correlation {form} {again}, with its 95 % "
        "confidence interval."
    )
    least = record.plan.get("columns", {}).get("least_repeatability")
    if least is not None:
        told += f" Features whose lower limit was below {least:g} were not learned from."
    return told if repeated else f"{told} {gap('what was repeated: scans, readers or images')}"


def outcomes(record: Record) -> Paragraph:
    """What was predicted, and what says which patients have it."""
    if not record.outcomes:
        return Paragraph("Outcomes", gap("outcomes and reference standards"))
    return Paragraph("Outcomes", joined(_outcome(each) for each in record.outcomes))


def _outcome(outcome: OutcomeFacts) -> str:
    kind = "a time to event" if outcome.kind == "survival" else outcome.kind
    told = f"'{outcome.name}' was {kind}" if kind else f"'{outcome.name}' was an outcome"
    if outcome.reference_standard in ("", "not_stated"):
        told += f"; {gap('its reference standard, how and when assessed, by whom, blinded or not')}"
    else:
        name = outcome.reference_standard
        told += f", with {_STANDARDS.get(name, name.replace('_', ' '))} as reference standard"
        told += f"; {gap('how and when assessed, by whom, blinded or not')}"
    if not outcome.modelled and outcome.reason:
        return f"{told}. It was not modelled: {outcome.reason}."
    return f"{told}."


def preparation(record: Record) -> Paragraph:
    """Gaps, harmonisation and scale, refitted in every fold."""
    if not record.plan:
        return Paragraph("Preparation of features", gap(_NO_PLAN))
    chosen = record.plan["preparation"]
    gaps = "Missing features were replaced by the median of the training patients."
    if chosen["missing"] == "refuse":
        gaps = "Cases with missing features were refused."
    sentences = [
        gaps,
        _harmonised(record.plan.get("harmonise")),
        f"Constant features were left out; the others were {_SCALES[chosen['scale']]}.",
        "All of this was fitted on the training patients of each fold alone.",
    ]
    return Paragraph("Preparation of features", joined(sentences))


def _harmonised(chosen: Mapping[str, Any] | None) -> str:
    if not chosen:
        return "Features were not harmonised between scanners or sites."
    parts = [f"Features were harmonised over '{chosen['batch']}' by ComBat"]
    if chosen["covariates"]:
        parts.append(f"keeping the effect of {listed(chosen['covariates'])}")
    parts.append(f"with {'parametric' if chosen['parametric'] else 'non-parametric'} priors")
    if chosen["mean_only"]:
        parts.append("on means alone")
    unseen = "refused" if chosen["unseen"] == "error" else "left as it was"
    return f"{', '.join(parts)}; a batch without training patients was {unseen}."


def modelling(record: Record) -> Paragraph:
    """Selection, learners and tuning."""
    if not record.plan:
        return Paragraph("Selection and learning", gap(_NO_PLAN))
    inner = record.plan["validation"]["inner_folds"]
    sentences = [
        _selection(record),
        *(_learner(record, outcome) for outcome in record.outcomes if outcome.kind),
        f"Options with alternatives were tuned in {inner} inner folds: of the combinations within "
        "one standard error of the best concordance the simplest was taken.",
    ]
    return Paragraph("Selection and learning", joined(sentences))


def _selection(record: Record) -> str:
    from radiome.select.catalogue import SELECTORS

    steps = record.plan["select"]
    if not steps:
        return "No features were selected: the learner saw all of them."
    told = [f"{_step(step)}{_summary(SELECTORS.get(step['name']))}" for step in steps]
    return f"Features were selected by {'; then by '.join(told)}."


def _summary(entry: Any) -> str:
    """What a step is, as its catalogue says it, and who described it."""
    if entry is None:
        return ""
    source = f"; {entry.source}" if hasattr(entry, "source") else ""
    return f" ({entry.summary[0].lower()}{entry.summary[1:].rstrip('.')}{source})"


def _step(step: Mapping[str, Any]) -> str:
    """Name and options of a step: ``'univariate' with top 5 or 10``."""
    told = [f"{key.replace('_', ' ')} {_choices(value)}" for key, value in step["options"].items()]
    name = f"'{str(step['name']).replace('_', ' ')}'"
    return f"{name} with {', '.join(told)}" if told else name


def _choices(value: Any) -> str:
    if isinstance(value, list | tuple):
        return " or ".join(map(str, value))
    return str(value)


def _learner(record: Record, outcome: OutcomeFacts) -> str:
    """What learned an outcome, and who described it."""
    from radiome.model.learners.catalogue import LEARNERS

    name = learner_of(record, outcome)
    step = record.plan.get("learner") or {"name": name, "options": {}}
    return f"'{outcome.name}' was learned by {_step(step)}{_summary(LEARNERS.get(name))}."


def validation(record: Record) -> Paragraph:
    """Splits, what they keep apart, and sites that were left out."""
    if not record.plan:
        return Paragraph("Validation", gap("how patients were split, and how models were tested"))
    chosen = record.plan["validation"]
    again = f", in {chosen['repeats']} repeats" if chosen["repeats"] > 1 else ""
    sentences = [
        f"Models were evaluated by nested cross-validation with {chosen['folds']} outer folds"
        f"{again}, stratified by outcome; all rows of a patient were in one fold, and every "
        "patient was predicted by models that had not seen the patient in any step.",
        _sites(record),
        _locked(record),
    ]
    return Paragraph("Validation", joined([*sentences, _external(record)]))


def _external(record: Record) -> str:
    if record.external_sites is None:
        return gap("external validation, or that there was none")
    if record.external_sites == 0:
        return "There was no external validation."
    told = counted(record.external_sites, "site")
    return f"A locked model was evaluated at {told} without part in the study."


def _sites(record: Record) -> str:
    if any(outcome.left_out_sites for outcome in record.modelled):
        return "In addition, each site was predicted by models of the other sites."
    return ""


def _locked(record: Record) -> str:
    if not record.locked:
        return "The plan was not locked beforehand."
    told = f"Plan, cohort and outcome file were locked by their hashes on {record.locked[:10]}"
    if record.deviations is None:
        return f"{told}. {gap('deviations from the lock')}"
    if not record.deviations:
        return f"{told}, and were not changed afterwards."
    changed = counted(record.deviations, "deviation is", "deviations are")
    return f"{told}; {changed} listed in the report."
