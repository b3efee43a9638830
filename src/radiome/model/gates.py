"""The gates that a claim must pass, each with its evidence.

A gate is PASS, FAIL, UNKNOWN (what it needs was not given: never taken for a pass) or
NOT_APPLICABLE.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from radiome.base.counting import counted
from radiome.model.concordance import Bounded
from radiome.model.null.permutation import PermutationResult
from radiome.robustness.repeatability import Repeatability


class Status(StrEnum):
    """Four values of truth."""

    PASS = "PASS"
    FAIL = "FAIL"
    UNKNOWN = "UNKNOWN"
    NOT_APPLICABLE = "NOT_APPLICABLE"


@dataclass(frozen=True, slots=True)
class Gate:
    """One question that a claim must stand.

    Parameters
    ----------
    number : int
        Place on the card.
    name : str
        The question, as a statement that would be good.
    status : Status
        The answer.
    evidence : str
        What the answer rests on, in a sentence.
    figures : mapping
        Its numbers.
    """

    number: int
    name: str
    status: Status
    evidence: str
    figures: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "gate": self.number,
            "name": self.name,
            "status": str(self.status),
            "evidence": self.evidence,
            "figures": dict(self.figures),
        }


#: Statements of the card, by number.
NAMES = {
    1: "No model is judged by patients it was fitted on",
    2: "The acquisition is checked and complete",
    3: "Scanner, protocol and site do not predict the outcome",
    4: "The whole pipeline does better than with outcomes dealt at random",
    5: "It does better than volume and clinical facts alone",
    6: "It does better than with shuffled voxels",
    7: "The selected features are robust",
    8: "The same features are selected again and again",
    9: "There are enough patients for what was tried",
    10: "Predicted risks are calibrated",
    11: "It holds at sites that it has not seen",
    12: "Harmonisation is valid",
}


def gate(number: int, status: Status, evidence: str, **figures: Any) -> Gate:
    """Gate `number` of the card."""
    return Gate(number, NAMES[number], status, evidence, figures)


def shown(estimate: Bounded) -> str:
    """An estimate in words: ``0.71 (0.60 to 0.81)``."""
    # Rounded before it is written, and 0 added, so that no zero is negative.
    value, lower, upper = (
        round(x, 2) + 0.0 for x in (estimate.value, estimate.lower, estimate.upper)
    )
    return f"{value:.2f} ({lower:.2f} to {upper:.2f})"


def ledger_gate(n_fits: int, merged: int) -> Gate:
    """Gate 1; a violation would have ended the run."""
    evidence = f"{n_fits} fits recorded, none judged by a patient it had seen"
    if merged:
        pairs = counted(merged, "pair")
        evidence += f"; {pairs} of patients with nearly the same rows kept together"
    return gate(1, Status.PASS, evidence, fits=n_fits, merged=merged)


def acquisition_gate(
    controls: Mapping[str, Bounded],
    gains: Mapping[str, Bounded],
    columns: Mapping[str, Sequence[str]] | None = None,
    within: PermutationResult | None = None,
    level: float = 0.05,
) -> Gate:
    """Gate 3: acquisition and site alone must not predict, or the features must add to them.

    Where the acquisition predicts, the features must do better than it, and better than with
    outcomes dealt again among patients scanned alike: an interval that rests on the few
    patients whom the scanner misjudges is too narrow. Where the site predicts, gate 4 deals
    outcomes within sites.

    Parameters
    ----------
    controls : mapping of str to Bounded
        Concordance of ``acquisition`` and ``site`` alone, as far as given.
    gains : mapping of str to Bounded
        Concordance of the features less that of each.
    columns : mapping of str to sequence of str, optional
        What each was told by, for the evidence.
    within : PermutationResult, optional
        Of the whole pipeline, among patients scanned alike.
    level : float
        Of that test.
    """
    given = {name: controls[name] for name in ("acquisition", "site") if name in controls}
    if not given:
        return gate(3, Status.UNKNOWN, "no acquisition facts and no site were given: not excluded")
    figures: dict[str, Any] = {name: value.as_dict() for name, value in given.items()}
    predicting = [name for name, value in given.items() if value.lower > 0.5]
    named = {name: _with_columns(name, (columns or {}).get(name, ())) for name in given}
    told = ", ".join(f"{named[name]} alone {shown(value)}" for name, value in given.items())
    if not predicting:
        return gate(3, Status.PASS, told, **figures)
    gained = ", ".join(f"gain over {name} {shown(gains[name])}" for name in predicting)
    evidence = f"CONFOUNDED: {told}; {gained}"
    if any(gains[name].lower <= 0 for name in predicting):
        return gate(3, Status.FAIL, evidence, confounded=True, **figures)
    status = Status.PASS
    if "acquisition" in predicting:
        status = Status.PASS if within is not None and within.p <= level else Status.FAIL
        evidence += f"; {_among_alike(within)}"
        figures["within_acquisition"] = within and {"p": within.p, "permutations": within.done}
    return gate(3, status, evidence, confounded=True, **figures)


def _among_alike(within: PermutationResult | None) -> str:
    if within is None:
        return "no two patients were scanned alike, so that nothing tells them apart"
    return (
        f"among patients scanned alike p = {within.p:.3g} from {within.done} permutations "
        "of the outcome"
    )


def _with_columns(name: str, columns: Sequence[str], most: int = 6) -> str:
    """``acquisition (Manufacturer, KVP)``; the name alone where that is all.

    A text has a column for each of its values, ``Manufacturer=A``, and is named once.
    """
    told = list(dict.fromkeys(column.partition("=")[0] for column in columns))
    if told in ([], [name]):
        return name
    more = f" and {len(told) - most} more" if len(told) > most else ""
    return f"{name} ({', '.join(told[:most])}{more})"


def null_gate(p: float, level: float, permutations: int, observed: float) -> Gate:
    """Gate 4: the permutation test of the whole pipeline."""
    status = Status.PASS if p <= level else Status.FAIL
    evidence = f"p = {p:.3g} from {permutations} permutations of the outcome, level {level:g}"
    return gate(4, status, evidence, p=p, permutations=permutations, observed=observed)


def baseline_gate(gains: Mapping[str, Bounded]) -> Gate:
    """Gate 5: gains over volume alone, and of features with clinical facts over those alone."""
    given = {name: gains[name] for name in ("volume", "clinical") if name in gains}
    if not given:
        return gate(5, Status.UNKNOWN, "neither volume nor clinical facts were given")
    evidence = ", ".join(f"gain over {name} {shown(value)}" for name, value in given.items())
    status = Status.PASS if all(value.lower > 0 for value in given.values()) else Status.FAIL
    return gate(5, status, evidence, **{name: value.as_dict() for name, value in given.items()})


def shuffled_gate(gains: Mapping[str, Bounded]) -> Gate:
    """Gate 6: gains over the same pipeline on features of images with shuffled voxels."""
    if not gains:
        return gate(6, Status.UNKNOWN, "no features of images with shuffled voxels were given")
    evidence = ", ".join(f"gain over {name} {shown(value)}" for name, value in gains.items())
    status = Status.PASS if all(value.lower > 0 for value in gains.values()) else Status.FAIL
    return gate(6, status, evidence, **{name: value.as_dict() for name, value in gains.items()})


#: Lower limit of an intraclass correlation from which on it is good (Koo and Li 2016).
_GOOD_REPEATABILITY = 0.75


def robustness_gate(frequency: Mapping[str, float], known: Mapping[str, Repeatability]) -> Gate:
    """Gate 7: the features that the models rest on come out alike when measured again.

    Parameters
    ----------
    frequency : mapping of str to float
        Share of the fits that used each feature. Those that half of them used are judged, or
        where there is none those that the most used.
    known : mapping of str to Repeatability
        Of each feature.
    """
    if not known:
        return gate(7, Status.UNKNOWN, "no repeated or perturbed measurements were given")
    if not frequency:
        return gate(7, Status.NOT_APPLICABLE, "no feature was used")
    often = min(0.5, max(frequency.values()))
    limits = {
        name: known[name].lower if name in known else None
        for name, share in frequency.items()
        if share >= often
    }
    told = {name: lower for name, lower in limits.items() if lower is not None}
    poor = [name for name, lower in told.items() if lower < _GOOD_REPEATABILITY]
    figures = {"judged": len(limits), "known": len(told), "poor": poor, "good": _GOOD_REPEATABILITY}
    used = "half of the fits" if often == 0.5 else f"{100 * often:.0f} % of the fits, the most,"
    if not told:
        evidence = f"no repeatability is known of the {len(limits)} features that {used} used"
        return gate(7, Status.UNKNOWN, evidence, **figures)
    least = min(told, key=lambda name: told[name])
    often_measured = counted(known[least].repeats, "time")
    evidence = (
        f"{len(told) - len(poor)} of {len(limits)} features that {used} used have an intraclass "
        f"correlation of at least {_GOOD_REPEATABILITY:g} at its lower limit; "
        f"the least is {told[least]:.2f} ({least}); "
        f"{counted(known[least].subjects, 'lesion')} measured {often_measured}"
    )
    if len(told) < len(limits):
        evidence += f"; of {len(limits) - len(told)} it is not known"
    complete = Status.PASS if len(told) == len(limits) else Status.UNKNOWN
    return gate(7, Status.FAIL if poor else complete, evidence, **figures)


#: Stability below which the choice of features is close to a draw (Nogueira 2018, after Fleiss).
_POOR_STABILITY = 0.4


def stability_gate(stability: Bounded | None, distinct: int) -> Gate:
    """Gate 8: agreement of the features selected in the folds."""
    if stability is None:
        return gate(8, Status.NOT_APPLICABLE, "nothing is selected: all features are used")
    status = Status.PASS if stability.lower > _POOR_STABILITY else Status.FAIL
    evidence = f"stability {shown(stability)}; {distinct} different features in all folds together"
    return gate(8, status, evidence, stability=stability.as_dict(), distinct=distinct)


def site_gate(left_out: Bounded | None, *, harmonised: bool = False) -> Gate:
    """Gate 11: concordance when each site is predicted by models of the others.

    Where the training sites are harmonised the left-out one is not: it was not fitted.
    """
    if left_out is None:
        return gate(11, Status.UNKNOWN, "one site, or no site was named: not tried elsewhere")
    status = Status.PASS if left_out.lower > 0.5 else Status.FAIL
    evidence = f"concordance at left-out sites {shown(left_out)}"
    if harmonised:
        evidence += ", which were left unharmonised"
    return gate(11, status, evidence, concordance=left_out.as_dict())
