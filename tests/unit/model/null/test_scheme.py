import itertools
from collections import Counter

import numpy as np
import pytest

from radiome.base.errors import UserError
from radiome.model.null.scheme import permutation_rng, permutation_scheme


def test_every_arrangement_is_equally_likely():
    scheme = permutation_scheme(4)
    rng = np.random.default_rng(3)
    seen = Counter(tuple(scheme.draw(rng)) for _ in range(24_000))
    assert set(seen) == set(itertools.permutations(range(4)))
    # Standard deviation of one count is 31.
    assert max(abs(count - 1000) for count in seen.values()) < 5 * 31


def test_outcomes_stay_in_their_stratum_and_all_arrangements_within_occur():
    strata = np.array(["a", "b", "a", "b", "a"])
    scheme = permutation_scheme(5, strata=strata)
    rng = np.random.default_rng(0)
    seen = {tuple(scheme.draw(rng)) for _ in range(500)}
    assert len(seen) == 6 * 2
    for order in seen:
        assert sorted(order) == list(range(5))
        assert (strata[list(order)] == strata).all()


def test_rows_of_a_patient_get_the_outcome_of_one_other_patient():
    groups = np.array(["p", "q", "p", "r", "r", "r"])
    outcome = np.array([0, 1, 0, 2, 2, 2])
    scheme = permutation_scheme(6, groups=groups)
    rng = np.random.default_rng(0)
    seen = {tuple(outcome[scheme.draw(rng)]) for _ in range(200)}
    expected = {tuple(np.array(arrangement)[[0, 1, 0, 2, 2, 2]])
                for arrangement in itertools.permutations(range(3))}  # fmt: skip
    assert seen == expected


def test_patients_stay_in_their_stratum():
    groups = np.repeat(np.arange(6), 2)
    strata = np.repeat([0, 0, 0, 1, 1, 1], 2)
    scheme = permutation_scheme(12, strata=strata, groups=groups)
    rng = np.random.default_rng(0)
    for _ in range(50):
        order = scheme.draw(rng)
        assert (strata[order] == strata).all()
        assert len(set(groups[order].reshape(6, 2)[:, 0])) == 6
        assert (groups[order].reshape(6, 2)[:, 0] == groups[order].reshape(6, 2)[:, 1]).all()


def test_the_generator_is_that_of_the_spawned_child():
    children = np.random.SeedSequence(7).spawn(5)
    for index, child in enumerate(children):
        assert permutation_rng(7, index).random() == np.random.default_rng(child).random()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"strata": [0, 1, 2]}, "nothing can be permuted"),
        ({"strata": [0, 1]}, "does not fit"),
        ({"strata": ["a", None, "a"]}, "missing labels"),
        ({"strata": [0.0, float("nan"), 1.0]}, "missing labels"),
        ({"strata": [0, 1, 0], "groups": [5, 5, 6]}, "more than one stratum"),
        ({"groups": [5, 5, 5]}, "nothing can be permuted"),
    ],
)
def test_labels_that_cannot_be_used_are_refused(arguments, message):
    with pytest.raises(UserError, match=message):
        permutation_scheme(3, **arguments)


def test_an_outcome_that_varies_within_a_patient_is_refused():
    scheme = permutation_scheme(4, groups=[0, 0, 1, 1])
    scheme.check_constant_within_units([1, 1, 0, 0])
    with pytest.raises(UserError, match="same patient differ"):
        scheme.check_constant_within_units([1, 1, 0, 1])


def test_the_fingerprint_tells_schemes_apart():
    plain = permutation_scheme(4)
    assert plain.fingerprint() == permutation_scheme(4).fingerprint()
    assert plain.fingerprint() != permutation_scheme(4, strata=[0, 0, 1, 1]).fingerprint()
    assert plain.fingerprint() != permutation_scheme(4, groups=[0, 0, 1, 1]).fingerprint()
