"""Features that do not come out alike are left out only where the plan asks for it."""

from __future__ import annotations

import numpy as np
import pytest

from radiome.base.errors import UserError
from radiome.model.analysis_table import AnalysisTable
from radiome.model.repeatable import leave_out_unrepeatable
from radiome.robustness.repeatability import Repeatability

NAMES = ("a", "b", "c", "d")
KNOWN = {
    "a": Repeatability("a", 9, 2, 0.95, 0.90, 0.99),
    "b": Repeatability("b", 9, 2, 0.95, 0.74, 0.99),
    "c": Repeatability("c", 9, 2, reason="missing in 1 of 9 lesions"),
}


def table() -> AnalysisTable:
    cases = np.array(["p1", "p2", "p3"])
    return AnalysisTable(cases, cases, np.arange(12.0).reshape(3, 4), NAMES, {}, notes=("before",))


def test_without_a_limit_every_feature_stays() -> None:
    given = table()
    assert leave_out_unrepeatable(given, None, KNOWN) is given


def test_the_lower_limit_decides_and_what_is_not_known_goes_too() -> None:
    kept = leave_out_unrepeatable(table(), 0.75, KNOWN)
    assert kept.names == ("a",)
    assert kept.features[:, 0].tolist() == [0, 4, 8]
    assert kept.notes == (
        "before",
        "3 of 4 features were not learned from: the lower limit of their repeatability is below "
        "0.75, or not known",
    )
    assert leave_out_unrepeatable(table(), 0.74, KNOWN).names == ("a", "b")


def test_a_limit_without_repeats_or_that_nothing_reaches_is_refused() -> None:
    with pytest.raises(UserError, match="none is known"):
        leave_out_unrepeatable(table(), 0.75, None)
    with pytest.raises(UserError, match="no feature is repeatable enough") as caught:
        leave_out_unrepeatable(table(), 0.95, KNOWN)
    assert caught.value.got == "at most 0.90"
