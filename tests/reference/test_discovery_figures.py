"""Cut-points against R's maxstat 0.7, sample sizes against pmsampsize and pmvalsampsize.

Published formulas: Miller and Siegmund (1982), Altman et al. (1994), Riley et al. (2019 to
2021). The lung data are those of R's survival package without missing values.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from radiome.model.discovery.audit import chance_of_any
from radiome.model.discovery.cutpoint_corrections import (
    altman,
    even_fractions,
    miller_siegmund,
    required_p,
    scan_p,
)
from radiome.model.discovery.cutpoints import best_cutpoint, scan_inflation
from radiome.model.discovery.explained_variation import r2_of_auc
from radiome.model.discovery.sample_size import (
    binary_sample_size,
    continuous_sample_size,
    survival_sample_size,
)
from radiome.model.discovery.validation_size import validation_sample_size

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "rigor"

#: p_min, then formula and shortcut for 10 %, formula and shortcut for 5 % left out.
TABLE = [
    (0.05, 0.49162, 0.49226, 0.61825, 0.61707),
    (0.01, 0.16146, 0.16010, 0.20873, 0.20653),
    (0.005, 0.09464, 0.09333, 0.12307, 0.12117),
    (0.001, 0.02549, 0.02483, 0.03342, 0.03255),
]


@pytest.mark.parametrize(("p", "formula10", "shortcut10", "formula05", "shortcut05"), TABLE)
def test_corrected_p_values_are_those_of_the_table(p, formula10, shortcut10, formula05, shortcut05):
    # The table is printed with five decimals.
    assert round(miller_siegmund(p, trim=0.10), 5) == formula10
    assert round(altman(p, trim=0.10), 5) == shortcut10
    assert round(miller_siegmund(p, trim=0.05), 5) == formula05
    assert round(altman(p, trim=0.05), 5) == shortcut05


def test_the_p_that_a_search_must_reach():
    assert required_p(0.05, trim=0.10) == pytest.approx(0.002256849184908267, abs=1e-9)
    assert required_p(0.05, trim=0.05) == pytest.approx(0.0016264517869667091, abs=1e-9)


@pytest.fixture(scope="module")
def lung_cutpoint():
    path = DATA / "lung.csv"
    if not path.is_file():
        pytest.skip("lung.csv of the reference data is not beside the repository")
    lung = pd.read_csv(path)
    return best_cutpoint(lung["age"], (lung["time"], lung["status"] == 2), permutations=19_999)


def test_the_cutpoint_of_age_in_the_lung_data_is_that_of_maxstat(lung_cutpoint):
    assert lung_cutpoint.cutpoint == 70
    assert lung_cutpoint.statistic == pytest.approx(2.0480257, abs=1e-6)
    assert lung_cutpoint.p_miller_siegmund == pytest.approx(0.4314701, abs=1e-6)
    assert lung_cutpoint.p_improved_bonferroni == pytest.approx(0.3971239, abs=1e-6)


def test_the_permutation_p_of_the_lung_data_is_that_of_maxstat(lung_cutpoint):
    # maxstat's 99,999 permutations gave 0.2721927; both errors together are 0.0034.
    assert lung_cutpoint.p_permutation == pytest.approx(0.2721927, abs=3 * 0.0034)


@pytest.mark.parametrize(
    ("patients", "trim", "published"),
    [
        (50, 0.10, 0.40325),
        (100, 0.10, 0.43525),
        (200, 0.10, 0.44775),
        (1000, 0.10, 0.47325),
        (50, 0.05, 0.4765),
        (100, 0.05, 0.47375),
        (200, 0.05, 0.5125),
        (1000, 0.05, 0.56025),
    ],
)
def test_scanning_inflates_the_error_as_simulated(patients, trim, published):
    assert scan_inflation(patients, trim=trim, repeats=8000) == pytest.approx(published, abs=0.03)


def test_the_integral_over_cutpoints_is_the_limit_of_the_simulation():
    # With 1000 patients 801 cut-points are tried; 8000 repeats have an error of 0.006.
    found = scan_p(0.05, even_fractions(801))
    assert scan_inflation(1000, repeats=8000) == pytest.approx(found, abs=3 * 0.006)
    assert found < miller_siegmund(0.05)


def test_chances_of_a_false_positive():
    counts = (1, 2, 5, 10, 15, 20, 50, 100)
    found = [round(chance_of_any(count, 0.05), 3) for count in counts]
    assert found == [0.05, 0.098, 0.226, 0.401, 0.537, 0.642, 0.923, 0.994]
    searched = [round(chance_of_any(count, miller_siegmund(0.05)), 3) for count in counts[:4]]
    assert searched == [0.492, 0.742, 0.966, 0.999]


def sizes(result):
    return [item.patients for item in result.criteria]


def test_binary_outcomes_need_662_patients():
    found = binary_sample_size(24, prevalence=0.174, r2=0.288)
    assert sizes(found) == [623, 662, 221]
    assert (found.patients, found.events) == (662, 116)
    assert round(found.events_per_parameter, 1) == 4.8
    assert round(found.r2_greatest, 3) == 0.603


def test_an_auc_of_089_needs_660_patients():
    r2 = r2_of_auc(0.89, 0.174)
    # The published value 0.2908 comes from a simulation.
    assert r2 == pytest.approx(0.2908, abs=0.0005)
    found = binary_sample_size(24, prevalence=0.174, r2=r2)
    assert sizes(found) == [615, 660, 221]
    assert found.events == 115


def test_survival_needs_5143_patients():
    found = survival_sample_size(30, rate=0.065, horizon=2, mean_follow_up=2.07, r2=0.051)
    assert sizes(found)[:2] == [5143, 1039]
    assert (found.patients, found.events) == (5143, 692)
    assert round(found.events_per_parameter, 2) == 23.07
    assert round(found.r2_greatest, 3) == 0.555


def test_continuous_outcomes_need_918_patients():
    found = continuous_sample_size(25, r2=0.2, intercept=1.9, deviation=0.6)
    assert sizes(found)[:3] == [918, 401, 259]
    assert found.patients == 918


def test_external_validation_needs_what_pmvalsampsize_says():
    # pmvalsampsize 0.2.1: 1826, 2271 and 300; it rounds standard errors to 0.001 (0.4 %
    # of n here) and simulates the slope.
    found = validation_sample_size(prevalence=0.174, auc=0.89, predictor=(-2.6, 2.1))
    ratio, slope, area, _ = sizes(found)
    assert np.allclose([ratio, slope], [1826, 2271], rtol=0.004)
    assert area == 300
