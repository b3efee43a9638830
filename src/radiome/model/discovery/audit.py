"""How many discoveries of a study are expected by chance, and what its best p is worth.

The question is that of Chalkidou, O'Doherty and Marsden (2015): how likely is one false
positive or more, given everything that was tried.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from radiome.base.errors import UserError
from radiome.model.discovery.cutpoint_corrections import check_probability, miller_siegmund
from radiome.model.discovery.detectable_auc import detectable_auc
from radiome.model.discovery.trials import Trials


@dataclass(frozen=True, slots=True)
class Audit:
    """Expected false positives of a study and its corrected p.

    Attributes
    ----------
    trials : Trials
        What was tried.
    patients, events : int
        Size of the study; events may be unknown (None).
    alpha : float
        Level that was used for each test.
    tests : int or None
        All tests; None if every possible cut-point was tried.
    alpha_per_hypothesis : float
        Chance that a useless feature passes `alpha` at one of its cut-points or more.
    expected_false_positives : float
        Useless hypotheses that pass, on average, if nothing is associated.
    chance_of_any : float
        Of one false positive or more, hypotheses being independent.
    chance_of_any_effective : float or None
        The same with the effective number of hypotheses.
    p_best : float or None
        Reported p; what follows is None without it.
    p_cutpoints, p_miller_siegmund : float or None
        `p_best` corrected for the cut-points tried, and for all possible cut-points.
    p_bonferroni : float or None
        Times all tests, or `p_miller_siegmund` times the hypotheses.
    p_sidak : float or None
        ``1 - (1 - p_cutpoints) ** M``, M being the (effective) number of hypotheses.
    candidates_per_event : float or None
        Candidate features for each event.
    detectable_auc : float or None
        Least AUC found with 80 % power at `alpha` over the number of hypotheses.
    verdict : {"no p given", "expected by chance", "not significant", "significant"}
        After Sidak's correction.
    """

    trials: Trials
    patients: int
    events: int | None
    alpha: float
    tests: int | None
    alpha_per_hypothesis: float
    expected_false_positives: float
    chance_of_any: float
    chance_of_any_effective: float | None
    p_best: float | None
    p_cutpoints: float | None
    p_miller_siegmund: float | None
    p_bonferroni: float | None
    p_sidak: float | None
    candidates_per_event: float | None
    detectable_auc: float | None
    verdict: str

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        values = asdict(self)
        return {**values, "hypotheses": self.trials.hypotheses, "sentence": self.sentence}

    @property
    def sentence(self) -> str:
        """The audit in plain words."""
        from radiome.model.discovery.audit_text import sentence

        return sentence(self)


def audit_study(
    trials: Trials,
    *,
    patients: int,
    events: int | None = None,
    alpha: float = 0.05,
    p_best: float | None = None,
) -> Audit:
    """Audit a study from what was tried and its best p.

    Parameters
    ----------
    trials : Trials
        Features, cut-points, outcomes and subgroups that were tried.
    patients, events : int
        Patients, and patients with the event.
    alpha : float
        Level of each test.
    p_best : float, optional
        Smallest p that was reported.

    Examples
    --------
    >>> from radiome.model.discovery.trials import Trials
    >>> trials = Trials(features=1200, cutpoints=10)
    >>> audit = audit_study(trials, patients=80, events=30, p_best=0.003)
    >>> round(audit.expected_false_positives), round(audit.p_cutpoints, 4), audit.p_bonferroni
    (309, 0.0213, 1.0)
    >>> audit.verdict
    'expected by chance'
    """
    _check_size(trials, patients, events)
    check_probability(alpha, "alpha")
    hypotheses = trials.hypotheses
    independent = hypotheses if trials.effective is None else trials.effective
    passing = trials.p_over_cutpoints(alpha)
    found = _corrected(trials, p_best, independent)
    return Audit(
        trials=trials,
        patients=patients,
        events=events,
        alpha=alpha,
        tests=trials.tests,
        alpha_per_hypothesis=passing,
        expected_false_positives=hypotheses * passing,
        chance_of_any=chance_of_any(hypotheses, passing),
        chance_of_any_effective=None
        if trials.effective is None
        else chance_of_any(trials.effective, passing),
        p_best=p_best,
        candidates_per_event=hypotheses / events if events else None,
        detectable_auc=detectable_auc(events, patients - events, alpha=alpha / hypotheses)
        if events and events < patients
        else None,
        verdict=_verdict(found["p_sidak"], alpha, found["p_cutpoints"], independent),
        **found,
    )


def chance_of_any(hypotheses: float, level: float) -> float:
    """Return ``1 - (1 - level) ** hypotheses``: one false positive or more (Sidak 1967).

    Examples
    --------
    >>> [round(chance_of_any(m, 0.05), 3) for m in (1, 5, 20, 100)]
    [0.05, 0.226, 0.642, 0.994]
    """
    if level >= 1:
        return 1.0
    return -math.expm1(hypotheses * math.log1p(-level))


def _corrected(trials: Trials, p_best: float | None, independent: float) -> dict[str, float | None]:
    if p_best is None:
        names = ("p_cutpoints", "p_miller_siegmund", "p_bonferroni", "p_sidak")
        return dict.fromkeys(names)
    p = check_probability(p_best, "p")
    searched = trials.p_over_cutpoints(p)
    optimum = miller_siegmund(p, trim=trials.trim) if trials.cutpoints != 1 else None
    family = trials.tests * p if trials.tests is not None else trials.hypotheses * searched
    return {
        "p_cutpoints": searched,
        "p_miller_siegmund": optimum,
        "p_bonferroni": min(1.0, family),
        "p_sidak": chance_of_any(independent, searched),
    }


def _verdict(
    corrected: float | None, alpha: float, searched: float | None, independent: float
) -> str:
    if corrected is None or searched is None:
        return "no p given"
    if corrected <= alpha:
        return "significant"
    # The best of M useless hypotheses has a p of about 1 / (M + 1).
    return "expected by chance" if searched >= 1 / (independent + 1) else "not significant"


def _check_size(trials: Trials, patients: int, events: int | None) -> None:
    if patients < 2:
        raise UserError("too few patients", expected="2 or more", got=str(patients))
    if events is not None and not 0 < events <= patients:
        raise UserError(
            "the number of events does not fit the number of patients",
            expected=f"1 to {patients}",
            got=str(events),
        )
    if trials.cutpoints != "all" and trials.cutpoints >= patients:
        raise UserError(
            "more cut-points than patients can be divided by",
            expected=f"at most {patients - 1} for {patients} patients",
            got=str(trials.cutpoints),
            do="give 'all' if every possible cut-point was tried",
        )
