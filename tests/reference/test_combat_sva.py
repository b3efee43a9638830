"""ComBat against whole matrices of the R package sva 3.46.0 (R 4.2.2).

`../shared/data/rigor/R_combat_*.csv` holds five modes on 90 cases and 40 features.
`combat_sva_3_46.json` holds fourteen more on 30 cases and 6 features, printed to 15 digits:
categorical covariates, kernel priors, missing values, a single-case batch, constant features.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from radiome.harmonise import ComBat

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "rigor"
MODES = json.loads((Path(__file__).parent / "combat_sva_3_46.json").read_text())

WITH_COVARIATES: dict[str, Any] = {"covariates": ("y", "age")}
SHARED_MODES = {
    "plain": {},
    "cov": WITH_COVARIATES,
    "cov_meanonly": {"mean_only": True, **WITH_COVARIATES},
    "cov_refA": {"reference": "A", **WITH_COVARIATES},
    "plain_np": {"parametric": False},
}


@pytest.fixture(scope="module")
def shared_table():
    if not DATA.is_dir():
        pytest.skip("the ComBat reference matrices are not beside the repository")
    features, meta = pd.read_csv(DATA / "combat_X.csv"), pd.read_csv(DATA / "combat_meta.csv")
    return pd.concat([features, meta], axis=1)


@pytest.mark.parametrize("mode", SHARED_MODES)
def test_the_whole_matrix_of_the_shared_data_matches_sva(shared_table, mode):
    options = SHARED_MODES[mode]
    unused = [name for name in ("y", "age") if name not in options.get("covariates", ())]
    combat = ComBat(batch="batch", **options)
    harmonised = combat.fit_transform(shared_table.drop(columns=unused))
    expected = pd.read_csv(DATA / f"R_combat_{mode}.csv").to_numpy()
    assert harmonised.shape == (90, 40)
    assert np.abs(harmonised - expected).max() < 1e-10


def test_an_array_with_column_positions_gives_the_same_as_a_named_table(shared_table):
    named = ComBat(batch="batch", covariates=("y", "age")).fit_transform(shared_table)
    codes = shared_table.assign(batch=shared_table["batch"].map({"A": 0, "B": 1, "C": 2}))
    array = codes.to_numpy(dtype=float)
    by_place = ComBat(batch=40, covariates=(41, 42)).fit_transform(array)
    assert np.array_equal(named, by_place)


STAGE_AND_AGE: dict[str, Any] = {"covariates": ("stage", "age")}
KERNEL: dict[str, Any] = {"parametric": False}
#: Mode in the file: options, and what was done to the values or batches before.
FILED_MODES = {
    "categorical_covariate": (STAGE_AND_AGE, None),
    "kernel_covariates": (KERNEL | STAGE_AND_AGE, None),
    "kernel_reference": (KERNEL | STAGE_AND_AGE | {"reference": "b"}, None),
    "kernel_mean_only": (KERNEL | {"mean_only": True}, None),
    "reference_mean_only": (STAGE_AND_AGE | {"mean_only": True, "reference": "c"}, None),
    "missing": ({}, "missing"),
    "missing_covariates": (STAGE_AND_AGE, "missing"),
    "missing_reference": (STAGE_AND_AGE | {"reference": "a"}, "missing"),
    "missing_mean_only": (STAGE_AND_AGE | {"mean_only": True}, "missing"),
    "missing_kernel": (KERNEL, "missing"),
    "single_case_batch": ({}, "single"),
    "single_case_batch_covariates": (STAGE_AND_AGE, "single"),
    "constant_features": ({}, "constant"),
    "constant_features_kernel": (KERNEL | STAGE_AND_AGE, "constant"),
}


def filed_table(change: str | None, covariates: tuple[str, ...]) -> pd.DataFrame:
    values = np.array(MODES["values"], dtype=float)
    batch = list(MODES["batch"])
    if change == "missing":
        values[[2, 13], 0] = values[[2, 28], 3] = values[21, 4] = np.nan
    elif change == "constant":
        values[:9, 1], values[:, 5] = 7.0, 3.0
    elif change == "single":
        batch[-1] = "d"
    table = pd.DataFrame(values, columns=[f"f{place}" for place in range(6)]).assign(batch=batch)
    return table.assign(**{name: MODES[name] for name in covariates})


def test_every_filed_mode_is_compared():
    assert set(FILED_MODES) == set(MODES["modes"])


@pytest.mark.parametrize("mode", FILED_MODES)
def test_the_filed_modes_match_sva(mode):
    options, change = FILED_MODES[mode]
    table = filed_table(change, options.get("covariates", ()))
    harmonised = ComBat(batch="batch", **options).fit_transform(table)
    expected = np.array(MODES["modes"][mode], dtype=float)
    assert np.array_equal(np.isnan(harmonised), np.isnan(expected))
    # Values reach 330; sva's were printed to 15 digits.
    assert np.nanmax(np.abs(harmonised - expected)) < 1e-11


def test_constant_features_are_named_and_unchanged():
    combat = ComBat(batch="batch")
    table = filed_table("constant", ())
    harmonised = combat.fit_transform(table)
    assert combat.unadjusted_ == dict.fromkeys(("f1", "f5"), "constant within batch 'a'")
    assert np.array_equal(harmonised[:, [1, 5]], table[["f1", "f5"]].to_numpy())
