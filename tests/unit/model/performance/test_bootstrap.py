from __future__ import annotations

import numpy as np
import pytest
import scipy.stats

from radiome.base.errors import UserError
from radiome.model.performance.bootstrap import bootstrap, paired_difference
from radiome.model.performance.discrimination import auc
from radiome.model.performance.resampling import resampling
from radiome.model.performance.results import UndefinedStatisticError

VALUES = np.random.default_rng(0).normal(10, 2, 50)


def test_a_resample_does_not_depend_on_how_many_there_are():
    short = bootstrap(np.mean, VALUES, seed=1, resamples=50).replicates
    long = bootstrap(np.mean, VALUES, seed=1, resamples=80).replicates
    np.testing.assert_array_equal(short, long[:50])


def test_a_seed_sequence_and_its_children_can_be_seeds():
    root = np.random.SeedSequence(1)
    child = root.spawn(1)[0]
    by_number = bootstrap(np.mean, VALUES, seed=1, resamples=20).replicates
    by_root = bootstrap(np.mean, VALUES, seed=root, resamples=20).replicates
    by_child = bootstrap(np.mean, VALUES, seed=child, resamples=20).replicates
    np.testing.assert_array_equal(by_number, by_root)
    assert not np.array_equal(by_number, by_child)


def test_patients_are_drawn_whole():
    groups = np.array(["c", "a", "b", "a", "c", "c", "d"])
    plan = resampling(7, seed=2, groups=groups)
    for number in range(30):
        rows = plan.draw(number)
        drawn, counts = np.unique(rows, return_counts=True)
        times = dict(zip(drawn.tolist(), counts.tolist(), strict=True))
        patients = 0
        for patient in "abcd":
            own = {times.get(row, 0) for row in np.flatnonzero(groups == patient).tolist()}
            assert len(own) == 1
            patients += own.pop()
        assert patients == 4


def test_strata_keep_their_size():
    outcome = np.array([1, 1, 0, 0, 0, 0, 0, 0])
    plan = resampling(8, seed=3, strata=outcome)
    assert all(outcome[plan.draw(number)].sum() == 2 for number in range(50))


def test_a_patient_with_both_outcomes_is_a_stratum_of_its_own():
    groups, outcome = [0, 0, 1, 1, 2, 3, 4], [0, 1, 1, 0, 1, 0, 0]
    plan = resampling(7, seed=4, groups=groups, strata=outcome)
    assert sorted(stratum.tolist() for stratum in plan.strata) == [[0, 1], [2], [3, 4]]


def test_every_patient_is_drawn_equally_often():
    plan = resampling(10, seed=5)
    counts = np.bincount(np.concatenate([plan.draw(number) for number in range(2000)]))
    # Binomial(20000, 0.1): five standard deviations are 212.
    assert np.all(np.abs(counts - 2000) < 212)


def test_percentile_limits_are_quantiles_of_the_replicates():
    result = bootstrap(np.mean, VALUES, seed=6, resamples=400, level=0.9)
    expected = np.quantile(result.replicates, [0.05, 0.95])
    assert [result.estimate.lower, result.estimate.upper] == pytest.approx(expected, rel=1e-12)
    assert result.estimate.standard_error == pytest.approx(np.std(VALUES) / np.sqrt(50), rel=0.15)


def test_bca_of_a_skewed_statistic_shifts_the_limits_to_the_tail():
    skewed = np.random.default_rng(1).lognormal(sigma=1.2, size=60)
    plain = bootstrap(np.mean, skewed, seed=7, resamples=2000).estimate
    corrected = bootstrap(np.mean, skewed, seed=7, resamples=2000, interval="bca").estimate
    assert corrected.lower > plain.lower
    assert corrected.upper > plain.upper


def test_bca_by_patient_leaves_out_patients():
    doubled, groups = np.repeat(VALUES, 2), np.repeat(np.arange(50), 2)
    single = bootstrap(np.mean, VALUES, seed=8, interval="bca", resamples=500).estimate
    paired = bootstrap(
        np.mean, doubled, seed=8, groups=groups, interval="bca", resamples=500
    ).estimate
    assert [paired.lower, paired.upper] == pytest.approx([single.lower, single.upper], rel=1e-12)


def test_undefined_resamples_are_counted():
    outcome, score = np.array([0, 0, 0, 1, 1, 1]), np.arange(6.0)
    result = bootstrap(auc, outcome, score, seed=9, resamples=300, most_undefined=0.2)
    assert 0 < result.undefined < 60
    assert result.replicates.size == 300 - result.undefined
    with pytest.raises(UndefinedStatisticError, match="too many resamples"):
        bootstrap(auc, outcome, score, seed=9, resamples=300, most_undefined=0.001)


def test_a_paired_difference_is_narrower_than_an_unpaired_one():
    generator = np.random.default_rng(2)
    outcome = np.repeat([0, 1], 60)
    first = generator.normal(outcome, 1)
    second = first + 0.1 * generator.normal(size=120)
    paired = paired_difference(auc, (outcome,), first, second, strata=outcome, seed=1)
    alone = bootstrap(auc, outcome, first, strata=outcome, seed=1).estimate
    assert paired.estimate.value == auc(outcome, first) - auc(outcome, second)
    assert paired.estimate.standard_error < 0.3 * alone.standard_error


def test_a_difference_of_a_score_with_itself_is_zero_in_every_resample():
    outcome, score = np.repeat([0, 1], 20), np.arange(40.0) % 7
    result = paired_difference(auc, (outcome,), score, score, strata=outcome, seed=1, resamples=50)
    assert np.all(result.replicates == 0)


def test_coverage_of_the_percentile_interval_is_near_its_level():
    generator = np.random.default_rng(3)
    hits = 0
    for number in range(300):
        sample = generator.normal(size=40)
        estimate = bootstrap(np.mean, sample, seed=number, resamples=200).estimate
        hits += estimate.lower <= 0 <= estimate.upper
    # A percentile interval of 40 values covers somewhat less than 95 %.
    assert 0.88 <= hits / 300 <= 0.98


def test_arrays_of_unequal_length_are_refused():
    with pytest.raises(UserError, match="differ in length"):
        bootstrap(auc, [0, 1, 1], [0.1, 0.2], seed=1)


@pytest.mark.parametrize("seed", range(3))
def test_bca_of_a_statistic_with_ties_is_that_of_scipy(seed):
    values = np.random.default_rng(seed).integers(0, 6, 21).astype(float)
    own = bootstrap(_upper_mean, values, seed=seed, interval="bca", resamples=500)

    class Known:
        bootstrap_distribution = own.replicates

    assert np.any(own.replicates == own.estimate.value)
    reference = scipy.stats.bootstrap(
        (values,),
        _upper_mean,
        n_resamples=0,
        bootstrap_result=Known,
        method="BCa",
        vectorized=False,
    ).confidence_interval
    found = [own.estimate.lower, own.estimate.upper]
    assert found == pytest.approx([reference.low, reference.high], rel=1e-12)


def _upper_mean(values: np.ndarray) -> float:
    return float(np.mean(values > 2))
