import numpy as np
import pytest
from scipy import stats

from radiome.model.null.interval import exceedance_interval


@pytest.mark.parametrize(("hits", "done"), [(0, 99), (3, 99), (50, 99), (99, 99)])
def test_fixed_numbers_give_the_interval_of_clopper_and_pearson(hits, done):
    exact = stats.binomtest(hits, done).proportion_ci(method="exact")
    assert exceedance_interval(hits, done) == pytest.approx((exact.low, exact.high), abs=1e-12)


@pytest.mark.parametrize(("hits", "done"), [(1, 40), (10, 200), (10, 10)])
def test_limits_of_a_stopped_run_have_tails_of_one_fortieth(hits, done):
    low, high = exceedance_interval(hits, done, stopped=True)
    # Draws needed for `hits` exceedances are `hits` plus a negative binomial number of misses.
    assert stats.nbinom.cdf(done - hits, hits, low) == pytest.approx(0.025, abs=1e-9)
    if high < 1:
        assert stats.nbinom.sf(done - hits - 1, hits, high) == pytest.approx(0.025, abs=1e-9)
    else:
        assert done == hits


def test_the_interval_of_a_stopped_run_covers():
    rng = np.random.default_rng(1)
    true, hits, inside = 0.2, 5, 0
    for _ in range(1000):
        done = hits + rng.negative_binomial(hits, true)
        low, high = exceedance_interval(hits, int(done), stopped=True)
        inside += low <= true <= high
    assert inside >= 950 - 3 * 7
