import json

import numpy as np
import pytest

from radiome.base.errors import SettingsError, UserError
from radiome.model.discovery.audit import audit_study, chance_of_any
from radiome.model.discovery.audit_text import percentage, probability
from radiome.model.discovery.cutpoint_corrections import miller_siegmund
from radiome.model.discovery.trials import Trials


def test_counts_multiply():
    trials = Trials(100, cutpoints=7, outcomes=3, subgroups=2)
    assert trials.hypotheses == 600
    assert trials.tests == 4200
    assert Trials(100, cutpoints="all").tests is None


def test_without_cutpoints_the_audit_is_arithmetic():
    audit = audit_study(Trials(20, outcomes=5), patients=200, events=50, p_best=0.0004)
    assert audit.expected_false_positives == pytest.approx(5.0)
    assert audit.chance_of_any == pytest.approx(1 - 0.95**100)
    assert audit.p_bonferroni == pytest.approx(0.04)
    assert audit.p_sidak == pytest.approx(1 - (1 - 0.0004) ** 100)
    assert audit.p_miller_siegmund is None
    assert audit.candidates_per_event == 2.0
    assert audit.verdict == "significant"


def test_false_positives_of_a_simulated_study_are_those_expected():
    # 40 features of noise, 5 cut-points each, 400 patients: normal theory holds.
    rng = np.random.default_rng(4)
    positions = np.round(np.linspace(0.1, 0.9, 5) * 400).astype(int)
    outcomes = rng.normal(size=400)
    outcomes = (outcomes - outcomes.mean()) / outcomes.std(ddof=1)
    passed = []
    for _ in range(100):
        orders = rng.permuted(np.tile(outcomes, (40, 1)), axis=1)
        below = np.cumsum(orders, axis=1)[:, positions - 1]
        spread = np.sqrt(positions * (400 - positions) / 400)
        passed.append((np.abs(below / spread).max(axis=1) > 1.959964).sum())
    audit = audit_study(Trials(40, cutpoints=5), patients=400, events=200)
    # Standard deviation of the mean of 100 counts.
    error = np.std(passed, ddof=1) / 10
    assert np.mean(passed) == pytest.approx(audit.expected_false_positives, abs=3 * error)


def test_every_cutpoint_means_miller_and_siegmund():
    audit = audit_study(Trials(1, cutpoints="all"), patients=100, p_best=0.01)
    assert audit.p_cutpoints == miller_siegmund(0.01)
    assert audit.p_sidak == pytest.approx(miller_siegmund(0.01))
    assert audit.p_bonferroni == pytest.approx(miller_siegmund(0.01))
    assert audit.tests is None


def test_the_effective_number_replaces_the_number_in_sidak_only():
    audit = audit_study(Trials(100, effective=10.0), patients=80, p_best=0.004)
    assert audit.p_sidak == pytest.approx(1 - 0.996**10)
    assert audit.p_bonferroni == pytest.approx(0.4)
    assert audit.chance_of_any_effective == pytest.approx(1 - 0.95**10)
    assert audit.chance_of_any == pytest.approx(1 - 0.95**100)


@pytest.mark.parametrize(
    ("p", "verdict"),
    [
        (None, "no p given"),
        (0.02, "expected by chance"),
        (0.003, "not significant"),
        (0.0001, "significant"),
    ],
)
def test_verdicts(p, verdict):
    audit = audit_study(Trials(100), patients=80, p_best=p)
    assert audit.verdict == verdict
    if p is None:
        assert audit.p_sidak is audit.p_bonferroni is audit.p_cutpoints is None
        assert "best p" not in audit.sentence


def test_the_sentence_says_what_was_tried_and_what_it_is_worth():
    audit = audit_study(Trials(1200, cutpoints=10), patients=80, events=30, p_best=0.003)
    assert audit.sentence == (
        "With 1200 features, 10 cut-points each, 1 outcome and 1 subgroup: if nothing is "
        "associated, about 309 of 1200 hypotheses pass p < 0.05, and the chance of one or more "
        "is above 99.9 %. The best p of 0.003 becomes 1.00: the best of that many useless "
        "features does as well."
    )


def test_the_export_is_plain_json():
    audit = audit_study(Trials(50, cutpoints=3), patients=90, events=20, p_best=0.01)
    values = json.loads(json.dumps(audit.as_dict()))
    assert values["hypotheses"] == 50
    assert values["trials"]["cutpoints"] == 3
    assert values["p_sidak"] == audit.p_sidak
    assert values["sentence"] == audit.sentence


def test_chances_are_never_rounded_to_certainty():
    assert chance_of_any(1e6, 0.5) == 1.0
    assert chance_of_any(10, 1e-18) == pytest.approx(1e-17)
    assert percentage(0.9999999) == "above 99.9 %"
    assert percentage(1e-9) == "below 0.1 %"
    assert percentage(0.5) == "50.0 %"
    assert probability(1e-30) == "1e-30"


@pytest.mark.parametrize(
    "call",
    [
        lambda: Trials(0),
        lambda: Trials(10, cutpoints=0),
        lambda: Trials(10, outcomes=-1),
        lambda: Trials(10, effective=11.0),
        lambda: Trials(2.5),
        lambda: audit_study(Trials(10), patients=80, events=81),
        lambda: audit_study(Trials(10), patients=80, events=0),
        lambda: audit_study(Trials(10), patients=1),
        lambda: audit_study(Trials(10), patients=80, p_best=0.0),
        lambda: audit_study(Trials(10), patients=80, p_best=1.2),
        lambda: audit_study(Trials(10), patients=80, alpha=0.0),
        lambda: audit_study(Trials(10, cutpoints=80), patients=80),
    ],
)
def test_a_study_that_cannot_be_is_refused(call):
    with pytest.raises(UserError):
        call()


def test_a_trim_that_makes_no_sense_is_refused():
    with pytest.raises(SettingsError):
        Trials(10, trim=0.5)
