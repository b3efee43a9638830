import numpy as np
import pytest
from scipy import stats

from radiome.base.errors import SettingsError, UserError
from radiome.model.discovery.cutpoint_corrections import (
    altman,
    even_fractions,
    improved_bonferroni,
    maximum_p,
    miller_siegmund,
    required_p,
    scan_p,
)


def test_required_p_is_the_inverse_of_the_correction():
    for alpha in (0.2, 0.05, 0.001):
        assert miller_siegmund(required_p(alpha)) == pytest.approx(alpha, rel=1e-9)


def test_a_p_that_is_no_evidence_stays_none():
    assert miller_siegmund(1.0) == 1.0
    assert maximum_p(0.0) == 1.0
    assert maximum_p(-3.0) == maximum_p(3.0)


def test_the_correction_never_makes_p_smaller():
    for p in np.geomspace(1e-12, 1, 60):
        for trim in (0.01, 0.1, 0.3, 0.49):
            assert p <= miller_siegmund(p, trim=trim) <= 1


def test_altmans_shortcut_is_near_the_formula():
    for p in (0.05, 0.01, 0.001):
        assert altman(p) == pytest.approx(miller_siegmund(p), rel=0.03)


@pytest.mark.parametrize("cutpoints", [2, 5, 10])
def test_a_scan_of_two_to_ten_cutpoints_agrees_with_the_multivariate_normal(cutpoints):
    shares = even_fractions(cutpoints)
    lower = np.minimum.outer(shares, shares)
    upper = np.maximum.outer(shares, shares)
    correlation = np.sqrt(lower * (1 - upper) / (upper * (1 - lower)))
    limit = np.full(cutpoints, stats.norm.isf(0.01))
    box = stats.multivariate_normal(cov=correlation, maxpts=200_000, seed=1, abseps=1e-6)
    inside = box.cdf(limit, lower_limit=-limit)
    assert scan_p(0.02, shares) == pytest.approx(1 - inside, abs=2e-5)


def test_a_scan_grows_with_the_cutpoints_and_stays_below_bonferroni():
    found = [scan_p(0.01, even_fractions(number)) for number in (1, 2, 5, 20, 100, 1000)]
    assert found == sorted(found)
    assert found[0] == pytest.approx(0.01, rel=1e-9)
    assert found[1] < 0.02
    # Miller and Siegmund's approximation is for every cut-point.
    assert found[-1] < miller_siegmund(0.01)


def test_even_fractions_leave_out_the_ends():
    assert even_fractions(1).tolist() == [0.5]
    np.testing.assert_allclose(even_fractions(3, trim=0.2), [0.2, 0.5, 0.8])


def test_one_cutpoint_needs_no_bonferroni():
    assert improved_bonferroni(2.0, 100, [50]) == pytest.approx(2 * stats.norm.sf(2))


@pytest.mark.parametrize(
    "call",
    [
        lambda: miller_siegmund(0.0),
        lambda: miller_siegmund(1.5),
        lambda: miller_siegmund(float("nan")),
        lambda: altman(0.2),
        lambda: altman(1e-5),
        lambda: scan_p(0.05, [0.5, 0.4]),
        lambda: scan_p(0.05, []),
        lambda: scan_p(0.05, [0.0, 0.5]),
        lambda: even_fractions(0),
    ],
)
def test_numbers_out_of_range_are_refused(call):
    with pytest.raises(UserError):
        call()


@pytest.mark.parametrize(
    "call", [lambda: miller_siegmund(0.05, trim=0.5), lambda: altman(0.05, trim=0.2)]
)
def test_a_share_that_makes_no_sense_is_refused(call):
    with pytest.raises(SettingsError):
        call()
