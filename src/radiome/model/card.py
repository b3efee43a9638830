"""The verdict card of one outcome: what was computed, put to the gates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from radiome.harmonise.confounding import check_confounding
from radiome.model import gates
from radiome.model.concordance import Bounded
from radiome.model.evaluation import Evaluation
from radiome.model.gates import Gate, Status, gate, shown
from radiome.model.ladder import in_words
from radiome.model.plan import Plan
from radiome.model.verdict import Verdict, decide
from radiome.robustness.repeatability import Repeatability


def card_of(
    found: Evaluation,
    plan: Plan,
    figures: Mapping[str, Any],
    *,
    p: float,
    repeatability: Mapping[str, Repeatability] | None = None,
) -> Verdict:
    """Put the figures of an outcome to the gates, and weigh them.

    Parameters
    ----------
    found : Evaluation
        What was computed.
    plan : Plan
        How.
    figures : mapping
        Those of `figures_of`.
    p : float
        Of the permutation test, adjusted for the number of outcomes.
    repeatability : mapping of str to Repeatability, optional
        Of each feature.
    """
    concordances, gains = found.ladder.concordances(), found.ladder.gains()
    selection = figures["selection"]
    n_fits = sum(len(fits) for fits in found.fits().values())
    controls = {name: gain for name, gain in gains.items() if _within_the_lesion(name)}
    left_out = figures["left_out_sites"]
    card = (
        gates.ledger_gate(n_fits, len(found.table.merged)),
        gate(2, Status.UNKNOWN, "no check of the acquisition was given"),
        gates.acquisition_gate(
            concordances, gains, found.table.block_names, found.within_acquisition, plan.null.level
        ),
        gates.null_gate(p, plan.null.level, found.null.done, found.null.observed),
        gates.baseline_gate(gains),
        gates.shuffled_gate(controls),
        gates.robustness_gate(selection["frequency"], repeatability or {}),
        gates.stability_gate(_bounded(selection.get("stability")), selection["distinct"]),
        _sample_gate(found, figures),
        _calibration_gate(found, figures),
        gates.site_gate(_bounded(left_out), harmonised=found.recipe.harmonise is not None),
        _harmonisation_gate(found),
    )
    return decide(
        card,
        concordances["features"],
        outcome=found.outcome.options.name,
        alternatives=alternatives(concordances, gains, found.networks),
    )


def alternatives(
    concordances: Mapping[str, Bounded],
    gains: Mapping[str, Bounded],
    networks: Mapping[str, Any] | None = None,
) -> list[str]:
    """Other explanations that were looked at, the strongest first, in plain words."""
    others = [name for name in gains if name in concordances]
    others.sort(key=lambda name: -concordances[name].value)
    return [
        _rival(name, concordances[name], gains[name], networks[name])
        if networks and name in networks
        else f"{in_words(name)}: concordance {shown(concordances[name])}, "
        f"gain over it {shown(gains[name])}"
        for name in others
    ]


def _rival(name: str, reached: Bounded, gain: Bounded, told: Mapping[str, Any]) -> str:
    """What a network on the images reaches: a rival of the features, and no baseline of a gate."""
    winner = "no difference is shown"
    if gain.lower > 0:
        winner = "the features are better"
    elif gain.upper < 0:
        winner = "the network is better"
    seeds, random = told["seeds"], told["random_labels"]
    text = (
        f"{in_words(name)} reaches {shown(reached)}, on the same folds as the features "
        f"{reached.value + gain.value:.2f}, difference of the features to it {shown(gain)}: "
        f"{winner}; {told['weights']} weights for {told['patients']} patients, "
        f"{len(seeds['concordance'])} seeds from {seeds['lowest']:.2f} to {seeds['highest']:.2f}, "
        f"permuted labels {random['mean']:.2f}"
    )
    if random["learned"]:
        text += " (above chance: something gives the labels away)"
    return text


def _within_the_lesion(name: str) -> bool:
    """Whether a step is a control without the texture of the lesion.

    Where only the surroundings are destroyed, features of the lesion stay as they are, and
    nothing has to be gained.
    """
    return name.startswith("control ") and "non_roi" not in name


def _bounded(values: Mapping[str, Any] | None) -> Bounded | None:
    if not values or "reason" in values:
        return None
    return Bounded(values["value"], values["lower"], values["upper"])


def _sample_gate(found: Evaluation, figures: Mapping[str, Any]) -> Gate:
    size = figures.get("sample_size")
    if not size or "reason" in size:
        reason = size["reason"] if size else "no criterion for this kind of outcome"
        return gate(9, Status.NOT_APPLICABLE, reason)
    enough = size["patients"] >= size["needed"]
    evidence = (
        f"{size['patients']} patients and {size['candidates']} candidate features; "
        f"{size['needed']} patients would be needed for so many (Riley 2019)"
    )
    return gate(9, Status.PASS if enough else Status.FAIL, evidence, **size)


def _calibration_gate(found: Evaluation, figures: Mapping[str, Any]) -> Gate:
    if found.outcome.kind != "binary":
        return gate(10, Status.NOT_APPLICABLE, "asked of risks of a binary outcome")
    told = figures["performance"]["calibration"]
    slope = told.get("slope") or {}
    if "reason" in told or slope.get("lower") is None:
        reason = told.get("reason") or slope.get("reason") or "the slope has no interval"
        return gate(10, Status.UNKNOWN, str(reason))
    interval = Bounded(slope["value"], slope["lower"], slope["upper"])
    evidence, figures = f"slope {shown(interval)}", interval.as_dict()
    if not interval.lower <= 1 <= interval.upper:
        return gate(10, Status.FAIL, f"{evidence}, 1 lies outside it", slope=figures)
    # Half and twice the spread of the risks would both go unnoticed within a wider one.
    if interval.lower < 0.5 or interval.upper > 2:
        return gate(10, Status.UNKNOWN, f"{evidence}, too wide to tell", slope=figures)
    return gate(10, Status.PASS, f"{evidence}, 1 lies within it", slope=figures)


def _harmonisation_gate(found: Evaluation) -> Gate:
    if found.recipe.harmonise is None or found.table.batch is None:
        return gate(12, Status.NOT_APPLICABLE, "nothing is harmonised")
    told = found.outcome.values["event"] if found.outcome.kind == "survival" else None
    classes = found.outcome.strata() if told is None else told
    report = check_confounding(found.table.batch.tolist(), classes.tolist())
    failed = [check.evidence for check in report.checks if check.verdict == "FAIL"]
    bad = report.verdict == "CONFOUNDED" or report.status == "ERROR"
    evidence = f"batch and outcome: {report.verdict}" + "".join(f"; {text}" for text in failed[:3])
    return gate(12, Status.FAIL if bad else Status.PASS, evidence)
