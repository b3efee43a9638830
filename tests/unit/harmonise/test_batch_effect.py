"""What the features still say about the batch."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import false_discovery_control, kruskal

from radiome.base.errors import UserError
from radiome.harmonise import ComBat
from radiome.harmonise.batch_effect import (
    between_batch_share,
    differing_share,
    kruskal_wallis,
    measure_batch_effect,
)


def cohort(shift: float, spread: float = 1.0, seed: int = 0, features: int = 12) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    batch = np.repeat(["a", "b"], 60)
    values = rng.normal(size=(120, features))
    values[60:] = values[60:] * spread + shift * rng.choice([-1, 1], features)
    return pd.DataFrame(values).rename(columns=str).assign(batch=batch)


def test_a_shift_is_found_before_and_gone_after():
    report = measure_batch_effect(cohort(1.5), ComBat(batch="batch"))
    assert report.before.area.lower > 0.95
    assert report.before.share_of_features == 1.0
    assert report.before.component_share > 0.3
    assert report.after.area.lower <= 0.5 <= report.after.area.upper
    assert report.after.share_of_features == 0.0
    assert report.after.component_share < report.after.chance_share
    assert [check.verdict for check in report.checks] == ["PASS", "PASS"]


def test_no_batch_effect_is_found_where_there_is_none():
    before = measure_batch_effect(cohort(0.0), ComBat(batch="batch")).before
    assert before.area.lower <= 0.5
    assert before.area_with_squares.lower <= 0.5
    assert before.share_of_features == 0.0
    assert before.component_share == pytest.approx(before.chance_share, abs=0.02)


def test_spread_that_mean_only_leaves_is_found_by_the_squares():
    report = measure_batch_effect(cohort(0.0, spread=2.5), ComBat(batch="batch", mean_only=True))
    location, spread = report.checks
    assert location.verdict == "PASS"
    assert (spread.verdict, spread.blocking) == ("FAIL", False)
    assert report.after.area_with_squares.lower > 0.9


def test_a_batch_of_one_case_leaves_the_question_open():
    table = cohort(1.0)
    table.loc[0, "batch"] = "c"
    report = measure_batch_effect(table, ComBat(batch="batch"))
    assert report.before.area is None
    assert [check.verdict for check in report.checks] == ["UNKNOWN", "UNKNOWN"]
    with pytest.raises(UserError, match="single batch"):
        measure_batch_effect(table.assign(batch="a"), ComBat(batch="batch"))


def test_three_batches_and_missing_values_are_measured():
    table = cohort(1.5)
    table["batch"] = ["a", "b", "c"] * 40
    table.iloc[::7, 0] = np.nan
    report = measure_batch_effect(table, ComBat(batch="batch"))
    assert 0.3 < report.before.area.value < 0.6
    assert report.before.share_of_features == 0.0


def test_kruskal_wallis_equals_scipy_with_ties_and_missing_values():
    rng = np.random.default_rng(0)
    values, codes = rng.normal(size=(60, 30)).round(1), rng.integers(0, 4, 60)
    values[rng.random(values.shape) < 0.1] = np.nan
    expected = [
        kruskal(*[values[(codes == b) & ~np.isnan(values[:, j]), j] for b in range(4)]).pvalue
        for j in range(30)
    ]
    found = kruskal_wallis(values, codes)
    assert found == pytest.approx(expected, abs=1e-13)
    share = (false_discovery_control(found) <= 0.05).mean()
    assert differing_share(values, codes) == share


def test_features_that_cannot_be_tested_are_left_out():
    codes = np.repeat([0, 1], 5)
    values = np.column_stack([np.ones(10), np.r_[np.full(5, np.nan), np.arange(5.0)]])
    assert np.isnan(kruskal_wallis(values, codes)).all()
    assert differing_share(values, codes) is None
    assert between_batch_share(values, codes) is None


def test_the_component_share_is_that_of_all_variance_when_few_features():
    rng = np.random.default_rng(0)
    codes = np.repeat([0, 1], 20)
    values = rng.normal(size=(40, 4)) + codes[:, None]
    z = (values - values.mean(axis=0)) / values.std(axis=0)
    means = np.stack([z[codes == b].mean(axis=0) for b in (0, 1)])
    assert between_batch_share(values, codes) == pytest.approx((means**2).mean(), abs=1e-12)
