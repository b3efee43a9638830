"""Each gate of the card, and what the word of the verdict makes of them."""

from __future__ import annotations

import numpy as np
import pytest

from radiome.model import gates
from radiome.model.card import _within_the_lesion
from radiome.model.concordance import Bounded
from radiome.model.gates import Gate, Status, gate
from radiome.model.null.permutation import PermutationResult
from radiome.model.verdict import decide
from radiome.robustness.repeatability import Repeatability

HIGH, CHANCE = Bounded(0.8, 0.7, 0.9), Bounded(0.5, 0.4, 0.6)
GAIN, NO_GAIN = Bounded(0.2, 0.1, 0.3), Bounded(0.0, -0.1, 0.1)


def dealt_again(p: float) -> PermutationResult:
    return PermutationResult(0.8, np.full(19, 0.5), p, (0.0, 0.1), 0.95, 0, False, "greater", 1)


def test_an_acquisition_that_predicts_must_be_beaten_and_is_named():
    columns = {"acquisition": ("Kernel=A", "Kernel=B", "KVP")}
    found = gates.acquisition_gate({"acquisition": HIGH}, {"acquisition": NO_GAIN}, columns)
    assert found.status is Status.FAIL
    assert "CONFOUNDED: acquisition (Kernel, KVP) alone 0.80" in found.evidence
    given = ({"acquisition": HIGH}, {"acquisition": GAIN}, columns)
    beaten = gates.acquisition_gate(*given, dealt_again(0.05))
    assert beaten.status is Status.PASS
    assert beaten.evidence.endswith(
        "among patients scanned alike p = 0.05 from 19 permutations of the outcome"
    )
    assert gates.acquisition_gate(*given, dealt_again(0.051)).status is Status.FAIL
    assert gates.acquisition_gate(*given, dealt_again(0.02), 0.01).status is Status.FAIL
    alone = gates.acquisition_gate(*given)
    assert alone.status is Status.FAIL
    assert "no two patients were scanned alike" in alone.evidence
    both = {"acquisition": HIGH, "site": HIGH}
    half = {"acquisition": GAIN, "site": NO_GAIN}
    assert gates.acquisition_gate(both, half, columns, dealt_again(0.01)).status is Status.FAIL
    harmless = gates.acquisition_gate({"site": CHANCE}, {"site": NO_GAIN}, {"site": ("site=1",)})
    assert (harmless.status, harmless.evidence) == (
        Status.PASS,
        "site alone 0.50 (0.40 to 0.60)",
    )
    assert gates.acquisition_gate({}, {}).status is Status.UNKNOWN


def measured(lower: float | None) -> Repeatability:
    reason = "" if lower is not None else "all measurements are equal"
    return Repeatability("f", 20, 2, None if lower is None else 0.95, lower, 0.99, reason=reason)


AGAIN = {"a": measured(0.9), "b": measured(0.3), "c": measured(None)}


def test_the_evidence_on_repeatability_counts_and_names_the_least():
    found = gates.robustness_gate({"a": 1.0, "b": 0.6, "c": 0.5, "d": 0.1}, AGAIN)
    assert found.evidence == (
        "1 of 3 features that half of the fits used have an intraclass correlation of at least "
        "0.75 at its lower limit; the least is 0.30 (b); 20 lesions measured 2 times; "
        "of 1 it is not known"
    )
    assert found.figures["poor"] == ["b"]
    rare = gates.robustness_gate({"a": 0.2, "b": 0.1}, AGAIN)
    assert rare.evidence.startswith("1 of 1 features that 20 % of the fits, the most, used have")


@pytest.mark.parametrize(
    ("found", "status"),
    [
        (gates.null_gate(0.05, 0.05, 999, 0.7), Status.PASS),
        (gates.null_gate(0.051, 0.05, 999, 0.7), Status.FAIL),
        (gates.baseline_gate({"volume": GAIN, "clinical": GAIN}), Status.PASS),
        (gates.baseline_gate({"volume": GAIN, "clinical": NO_GAIN}), Status.FAIL),
        (gates.baseline_gate({"site": GAIN}), Status.UNKNOWN),
        (gates.shuffled_gate({"control shuffled_roi": NO_GAIN}), Status.FAIL),
        (gates.shuffled_gate({}), Status.UNKNOWN),
        (gates.stability_gate(Bounded(0.6, 0.41, 0.7), 9), Status.PASS),
        (gates.stability_gate(Bounded(0.6, 0.39, 0.7), 9), Status.FAIL),
        (gates.stability_gate(None, 0), Status.NOT_APPLICABLE),
        (gates.robustness_gate({"a": 1.0}, {"a": measured(0.75)}), Status.PASS),
        (gates.robustness_gate({"a": 1.0}, {"a": measured(0.74)}), Status.FAIL),
        (gates.robustness_gate({"a": 1.0, "b": 0.4}, AGAIN), Status.PASS),
        (gates.robustness_gate({"a": 1.0, "b": 0.5}, AGAIN), Status.FAIL),
        (gates.robustness_gate({"a": 0.4, "b": 0.2}, AGAIN), Status.PASS),
        (gates.robustness_gate({"a": 1.0, "c": 0.9}, AGAIN), Status.UNKNOWN),
        (gates.robustness_gate({"b": 1.0, "c": 0.9}, AGAIN), Status.FAIL),
        (gates.robustness_gate({"c": 1.0}, AGAIN), Status.UNKNOWN),
        (gates.robustness_gate({"d": 1.0}, AGAIN), Status.UNKNOWN),
        (gates.robustness_gate({"a": 1.0}, {}), Status.UNKNOWN),
        (gates.robustness_gate({}, AGAIN), Status.NOT_APPLICABLE),
        (gates.site_gate(HIGH), Status.PASS),
        (gates.site_gate(CHANCE), Status.FAIL),
        (gates.site_gate(None), Status.UNKNOWN),
    ],
)
def test_a_gate_passes_by_the_near_end_of_the_interval(found: Gate, status: Status):
    assert found.status is status


def test_only_controls_that_lack_the_texture_of_the_lesion_must_be_beaten():
    assert _within_the_lesion("control shuffled_roi")
    assert _within_the_lesion("control randomised_full_2")
    assert not _within_the_lesion("control shuffled_non_roi")
    assert not _within_the_lesion("volume")


def card(**changes: Status) -> list[Gate]:
    statuses = dict.fromkeys(gates.NAMES, Status.PASS)
    statuses |= {int(name.removeprefix("gate_")): status for name, status in changes.items()}
    return [gate(number, status, f"evidence {number}") for number, status in statuses.items()]


def word(concordance: Bounded = HIGH, **changes: Status) -> str:
    return decide(card(**changes), concordance, outcome="y").word


def test_the_word_follows_the_gates():
    assert word() == "evidence"
    for decisive in (1, 3, 4, 5):
        assert word(**{f"gate_{decisive}": Status.FAIL}) == "none"
    for limiting in (6, 7, 11, 12):
        assert word(**{f"gate_{limiting}": Status.FAIL}) == "weak"
    for told in (8, 9, 10):
        assert word(**{f"gate_{told}": Status.FAIL}) == "evidence"
    assert word(gate_4=Status.UNKNOWN) == "none"
    assert word(Bounded(0.7, 0.5, 0.8)) == "weak"


def test_what_is_not_known_is_named_and_does_not_stop_a_claim():
    found = decide(card(gate_2=Status.UNKNOWN, gate_11=Status.UNKNOWN), HIGH, outcome="y")
    assert found.word == "evidence"
    assert "Not known, for lack of data: whether the acquisition is checked" in found.sentence
    assert found.sentence.startswith("Internally validated")
    assert decide(card(), HIGH, outcome="y").sentence.startswith("Externally validated")
