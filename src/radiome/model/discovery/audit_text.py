"""An audit in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from radiome.base.counting import counted

if TYPE_CHECKING:
    from radiome.model.discovery.audit import Audit

_VERDICTS = {
    "expected by chance": "the best of that many useless features does as well",
    "not significant": "better than the typical best of useless features, but not significant",
    "significant": "significant after correction; it still needs other patients to confirm it",
}


def sentence(audit: Audit) -> str:
    """Return what was tried, what chance alone gives, and what the best p is worth."""
    parts = [
        f"{_tried(audit)}: if nothing is associated, about "
        f"{_count(audit.expected_false_positives)} of {audit.trials.hypotheses} hypotheses "
        f"pass p < {audit.alpha:g}, and the chance of one or more is "
        f"{percentage(_any(audit))}."
    ]
    if audit.p_best is not None and audit.p_sidak is not None:
        parts.append(
            f"The best p of {audit.p_best:g} becomes {probability(audit.p_sidak)}: "
            f"{_VERDICTS[audit.verdict]}."
        )
    return " ".join(parts)


def percentage(value: float) -> str:
    """Return a chance in per cent, never rounded to 0 or 100 unless it is."""
    if 0 < value < 0.001:
        return "below 0.1 %"
    if 0.999 < value <= 1:
        return "above 99.9 %"
    return f"{100 * value:.1f} %"


def probability(value: float) -> str:
    """Return a p-value with three digits, never as 0."""
    if value > 0.9995:
        return "1.00"
    return f"{value:.3g}"


def _any(audit: Audit) -> float:
    effective = audit.chance_of_any_effective
    return audit.chance_of_any if effective is None else effective


def _count(expected: float) -> str:
    return f"{expected:.0f}" if expected >= 10 else f"{expected:.2g}"


def _tried(audit: Audit) -> str:
    trials = audit.trials
    cuts = "every cut-point"
    if trials.cutpoints != "all":
        cuts = counted(trials.cutpoints, "cut-point")
    cuts = cuts if trials.cutpoints == 1 else f"{cuts} each"
    return (
        f"With {counted(trials.features, 'feature')}, {cuts}, "
        f"{counted(trials.outcomes, 'outcome')} and {counted(trials.subgroups, 'subgroup')}"
    )


def rows(audit: Audit) -> list[tuple[str, str]]:
    """Return the audit as labels and texts, leaving out what is not known."""
    trials = audit.trials
    tests = "every cut-point" if audit.tests is None else str(audit.tests)
    lines: list[tuple[str, str | None]] = [
        ("hypotheses", str(trials.hypotheses)),
        ("tests", tests),
        ("alpha of one hypothesis", probability(audit.alpha_per_hypothesis)),
        ("expected false positives", _count(audit.expected_false_positives)),
        ("chance of one or more", percentage(audit.chance_of_any)),
        ("  with effective number", _if_known(audit.chance_of_any_effective, percentage)),
        ("best p", _if_known(audit.p_best, probability)),
        ("  its cut-points counted", _if_known(audit.p_cutpoints, probability)),
        ("  Miller-Siegmund", _if_known(audit.p_miller_siegmund, probability)),
        ("  Bonferroni", _if_known(audit.p_bonferroni, probability)),
        ("  Sidak", _if_known(audit.p_sidak, probability)),
        ("candidates per event", _if_known(audit.candidates_per_event, lambda x: f"{x:.1f}")),
        ("AUC found with 80 % power", _if_known(audit.detectable_auc, lambda x: f"{x:.3f}")),
    ]
    return [(label, text) for label, text in lines if text is not None]


def _if_known(value: float | None, show: Callable[[float], str]) -> str | None:
    return None if value is None else show(value)
