"""Every IBSI 1 reference value, by the comparison rule of the standard's tables."""

from pathlib import Path

import pytest

from radiome.verify.ibsi1 import Comparison, run

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "ibsi1"


def misses(comparisons: list[Comparison]) -> list[str]:
    return [
        f"{item.data_set} {item.tag}: {item.computed} against {item.reference} ± {item.tolerance}"
        for item in comparisons
        if item.standardised and not item.matched
    ]


def test_digital_phantom_matches_all_482_standardised_values():
    comparisons = run()
    assert misses(comparisons) == []
    assert sum(item.matched for item in comparisons) == 482


def test_ct_phantom_matches_all_standardised_features_and_diagnostics():
    if not DATA.is_dir():
        pytest.skip("the IBSI 1 CT phantom is not beside the repository")
    comparisons = [item for item in run(DATA) if item.data_set != "dig_phantom"]
    assert misses(comparisons) == []
    features = [item for item in comparisons if item.consensus != "diagnostic"]
    assert sum(item.matched for item in features) == 1322
    assert sum(item.matched for item in comparisons) == 1622


def test_the_rule_rounds_to_three_digits_and_keeps_the_tolerance():
    def compare(computed, reference, tolerance):
        return Comparison("x", "t", "f", "strong", reference, tolerance, 3, computed).matched

    assert compare(2.1494, 2.15, 0.0)
    assert not compare(2.144, 2.15, 0.0)
    assert compare(560.4, 556.0, 4.0)
    assert not compare(560.6, 556.0, 4.0)
    assert not compare(None, 556.0, 4.0)
