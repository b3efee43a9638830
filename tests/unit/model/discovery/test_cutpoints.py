import numpy as np
import pytest
from scipy import stats

from radiome.base.errors import SettingsError, UserError
from radiome.model.discovery.cutpoints import best_cutpoint, scan_inflation


def test_binary_statistics_are_those_of_the_chi_squared_test():
    rng = np.random.default_rng(0)
    feature, outcome = np.round(rng.normal(size=40), 1), rng.integers(0, 2, 40)
    found = best_cutpoint(feature, outcome, permutations=9)
    for cut, statistic in zip(found.cutpoints, found.statistics, strict=True):
        table = [[(outcome[side] == label).sum() for label in (0, 1)]
                 for side in (feature <= cut, feature > cut)]  # fmt: skip
        chi = stats.chi2_contingency(table, correction=False).statistic
        assert statistic**2 == pytest.approx(chi * 39 / 40)
    best = np.abs(found.statistics).argmax()
    assert found.cutpoint == found.cutpoints[best]
    assert found.statistic == abs(found.statistics[best])


def test_groups_have_the_share_asked_for_and_all_such_cutpoints_are_tried():
    feature = np.arange(20.0)
    found = best_cutpoint(feature, np.arange(20) % 2, trim=0.1, permutations=9)
    assert found.cutpoints.tolist() == list(range(1, 18))


def test_a_planted_cutpoint_is_found_with_its_direction():
    feature = np.arange(100.0)
    outcome = (feature > 69).astype(int)
    outcome[5::10] = 1 - outcome[5::10]
    found = best_cutpoint(feature, outcome, permutations=999)
    assert found.cutpoint == 69
    assert found.statistics[np.abs(found.statistics).argmax()] > 0
    assert found.p_permutation == 1 / 1000
    assert found.p_interval[1] < 0.005


def test_permutation_p_keeps_the_level_where_the_uncorrected_does_not():
    corrected = uncorrected = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        time, event = rng.exponential(size=60), rng.random(60) < 0.7
        found = best_cutpoint(rng.normal(size=60), (time, event), permutations=99, seed=seed)
        corrected += found.p_permutation <= 0.05
        uncorrected += found.p_uncorrected <= 0.05
    # Binomial with 200 draws at 0.05: 10, standard deviation 3.1.
    assert corrected <= 10 + 3 * 3.1
    assert uncorrected >= 60


def test_the_result_can_be_exported():
    found = best_cutpoint(np.arange(20.0), np.arange(20) % 2, permutations=9).as_dict()
    assert found["cutpoints_tried"] == 17
    assert found["permutations"] == 9
    assert all(type(value) in (int, float, list) for value in found.values())


@pytest.mark.parametrize(
    ("feature", "outcome", "message"),
    [
        ([1.0, 1.0, 1.0, 1.0], [0, 1, 0, 1], "no cut-point"),
        ([1.0, 2.0, 3.0], [0, 1], "differ in length"),
        ([1.0, 2.0, np.nan], [0, 1, 0], "missing"),
        ([1.0, 2.0, 3.0], [0, 0, 0], "one class"),
    ],
)
def test_input_that_cannot_be_cut_is_refused(feature, outcome, message):
    with pytest.raises(UserError, match=message):
        best_cutpoint(feature, outcome)


def test_inflation_depends_on_nothing_but_the_seed_and_refuses_nonsense():
    assert scan_inflation(40, repeats=500, seed=3) == scan_inflation(40, repeats=500, seed=3)
    assert scan_inflation(40, repeats=500, seed=3) != scan_inflation(40, repeats=500, seed=4)
    with pytest.raises(SettingsError):
        scan_inflation(1)
    with pytest.raises(UserError):
        scan_inflation(50, prevalence=1.0)
    with pytest.raises(SettingsError):
        best_cutpoint([1.0, 2.0], [0, 1], permutations=0)
