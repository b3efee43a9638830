"""The confounding demonstration against reference figures.

Two batches of 50, 50 features, five-fold logistic regression, 30 cohorts. The figures are those
of an independent simulation of the same design; each carries its own sampling error, so the
tolerance is ±0.03.
"""

from __future__ import annotations

import numpy as np
import pytest

from radiome.harmonise.confounding import check_confounding
from radiome.harmonise.demonstration import demonstrate, simulate_cohort

#: Signal and prevalence: raw, ComBat without covariate, outcome preserved on all data.
REFERENCE = {
    (0.0, (0.5, 0.5)): (0.492, 0.482, 0.496),
    (0.0, (0.85, 0.15)): (0.848, 0.278, 0.744),
    (1.0, (0.5, 0.5)): (0.869, 0.870, 0.880),
    (1.0, (0.85, 0.15)): (0.931, 0.436, 0.930),
}


@pytest.mark.parametrize("signal, prevalence", REFERENCE)
def test_each_row_of_the_table_is_met(signal, prevalence):
    found = demonstrate(signal, prevalence, repeats=30, seed=0)
    areas = (found.raw, found.without_covariate, found.preserving_outcome)
    assert areas == pytest.approx(REFERENCE[signal, prevalence], abs=0.03)


@pytest.mark.parametrize(
    "prevalence, verdict", [((0.5, 0.5), "NOT_CONFOUNDED"), ((0.85, 0.15), "CONFOUNDED")]
)
def test_the_report_tells_the_cohorts_of_the_table_apart(prevalence, verdict):
    _, outcome, batch = simulate_cohort(0.0, prevalence, np.random.default_rng(0))
    assert check_confounding(batch, outcome).verdict == verdict
