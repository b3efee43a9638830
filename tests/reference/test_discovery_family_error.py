"""Max-T and Bonferroni on correlated noise: 200 features of correlation 0.9, 60 patients.

The published simulation (150 sets) found a family-wise error of 0.04 with max-T and 0.00
with Bonferroni.
"""

import numpy as np
import pytest
from scipy import stats

from radiome.model.null.max_t import max_t

SETS, FEATURES, PATIENTS = 300, 200, 60


@pytest.fixture(scope="module")
def smallest_p():
    outcome = np.repeat([0, 1], PATIENTS // 2)
    found = []
    for seed in range(SETS):
        rng = np.random.default_rng(seed)
        shared = rng.normal(size=(PATIENTS, 1))
        own = rng.normal(size=(PATIENTS, FEATURES))
        table = np.sqrt(0.9) * shared + np.sqrt(0.1) * own
        result = max_t(table, outcome, "binary", permutations=199, seed=seed)
        plain = stats.ttest_ind(table[outcome == 1], table[outcome == 0]).pvalue
        found.append((result.p_single_step.min(), result.p_step_down.min(), plain.min()))
    return np.array(found)


def test_max_t_uses_the_whole_level(smallest_p):
    single, down, _ = (smallest_p <= 0.05).mean(axis=0)
    # The smallest p is the same in one step or several.
    assert single == down
    # The standard error of 300 sets at 0.05 is 0.0126; the published 0.04 has 0.016.
    assert single == pytest.approx(0.05, abs=2 * 0.0126)
    assert single == pytest.approx(0.04, abs=2 * 0.0204)


def test_bonferroni_wastes_it(smallest_p):
    assert (smallest_p[:, 2] * FEATURES <= 0.05).mean() <= 0.01
