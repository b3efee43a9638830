"""The area under the curve and its standard error against R pROC 1.18 (aSAH data)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from radiome.harmonise.discrimination import area_under_curve

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "rigor" / "aSAH.csv"

# auc(roc), ci.auc(roc) with DeLong's method; digits as printed by R.
PROC = {
    "wfns": (0.8236788618, 0.7485349, 0.8988228),
    "s100b": (0.7313685637, 0.6301182, 0.8326189),
    "ndka": (0.6119579946, 0.501245, 0.722671),
}


@pytest.mark.parametrize("marker", PROC)
def test_one_fold_gives_the_interval_of_delong(marker):
    if not DATA.is_file():
        pytest.skip("the aSAH data are not beside the repository")
    table = pd.read_csv(DATA)
    codes = (table["outcome"] == "Poor").to_numpy().astype(int)
    score = table[marker].to_numpy(dtype=float)
    scores = np.stack([-score, score], axis=-1)[None]
    found = area_under_curve(codes, scores, np.zeros((1, len(codes)), dtype=int))
    area, lower, upper = PROC[marker]
    assert found.value == pytest.approx(area, abs=1e-10)
    assert (found.lower, found.upper) == pytest.approx((lower, upper), abs=5.1e-7)
    if marker == "s100b":
        assert found.standard_error**2 == pytest.approx(0.002668682458, abs=1e-12)
