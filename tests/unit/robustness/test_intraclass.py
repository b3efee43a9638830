"""Intraclass correlations against Shrout and Fleiss, and against what they must obey."""

from __future__ import annotations

import numpy as np
import pytest

from radiome.base.errors import UserError
from radiome.base.values import NotApplicable
from radiome.robustness.intraclass import intraclass

#: Six targets rated by four judges: Shrout and Fleiss 1979, table 2.
SHROUT_FLEISS = [
    [9, 2, 5, 8],
    [6, 1, 3, 2],
    [8, 4, 6, 8],
    [7, 1, 2, 6],
    [10, 5, 6, 9],
    [6, 2, 4, 7],
]

#: R, package psych, ICC() of those.
PSYCH = {
    "one_way": (0.1657417684, -0.1329323249, 0.7225600623),
    "agreement": (0.2897637795, 0.0187865134, 0.7610843696),
    "consistency": (0.7148407148, 0.3424647650, 0.9458582600),
}


@pytest.mark.parametrize("form", PSYCH)
def test_shrout_and_fleiss_as_psych_computes_them(form):
    found = getattr(intraclass(SHROUT_FLEISS), form)
    assert (found.value, found.lower, found.upper) == pytest.approx(PSYCH[form], abs=1e-8)


def test_forms_differ_by_what_they_forgive():
    generator = np.random.default_rng(1)
    subjects = generator.normal(size=(40, 1))
    noisy = subjects + 0.1 * generator.normal(size=(40, 3))
    shifted = noisy + np.array([0.0, 5.0, -5.0])
    plain, moved = intraclass(noisy), intraclass(shifted)
    assert moved.consistency.value == pytest.approx(plain.consistency.value, rel=1e-9)
    assert moved.one_way.value < 0 < moved.agreement.value < 0.2 < 0.9 < plain.one_way.value
    scaled = intraclass(1e6 + 7 * noisy)
    assert scaled.one_way.value == pytest.approx(plain.one_way.value, rel=1e-6)


def test_intervals_cover_the_truth_as_often_as_they_say():
    generator = np.random.default_rng(7)
    subjects = np.sqrt(0.9) * generator.normal(size=(1500, 31, 1))
    tables = subjects + np.sqrt(0.1) * generator.normal(size=(1500, 31, 2))
    found = [intraclass(table).one_way for table in tables]
    covered = np.mean([one.lower <= 0.9 <= one.upper for one in found])
    assert covered == pytest.approx(0.95, abs=3 * np.sqrt(0.95 * 0.05 / 1500))


def test_what_does_not_vary_has_no_correlation_and_exact_repeats_have_one():
    assert isinstance(intraclass(np.ones((5, 2))), NotApplicable)
    exact = intraclass(np.arange(5.0)[:, None].repeat(2, axis=1))
    for form in PSYCH:
        assert getattr(exact, form).value == 1.0


def test_equal_repeats_are_perfect_whatever_the_rounding_of_their_mean():
    values = np.random.default_rng(3).uniform(0, 3000, 40)
    for k in (2, 3, 7):
        exact = intraclass(np.repeat(values[:, None], k, axis=1))
        for form in PSYCH:
            found = getattr(exact, form)
            assert (found.value, found.lower, found.upper) == (1.0, 1.0, 1.0)


def test_repeats_that_differ_in_the_last_digits_have_an_interval():
    values = np.random.default_rng(3).uniform(0, 3000, 40)
    nearly = intraclass(np.stack([values, values * (1 + 1e-12), values], axis=1))
    for form in PSYCH:
        found = getattr(nearly, form)
        assert 1 - 1e-9 < found.lower <= found.value <= found.upper <= 1


def test_subjects_that_do_not_differ_have_no_correlation():
    found = intraclass([[1, 2], [1, 2], [1, 2]])
    assert isinstance(found, NotApplicable)
    assert "all subjects" in found.reason


@pytest.mark.parametrize("table", [[[1, 2]], [[1], [2]], [[1, np.nan], [2, 3]], [1, 2]])
def test_a_table_with_gaps_is_refused(table):
    with pytest.raises(UserError, match="whole table"):
        intraclass(table)
