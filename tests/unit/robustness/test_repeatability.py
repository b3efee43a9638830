"""Repeats of lesions: all, some, none; numbers that are missing or there twice."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from radiome.base.errors import UserError
from radiome.robustness.intraclass import IntraclassCorrelations, intraclass
from radiome.robustness.repeatability import Repeatability, repeatability
from radiome.study.analysis import first_of_repeats
from radiome.tables.feature_table import FeatureTable


def measurements(lesions: int, repeats: int, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    true = rng.normal(size=lesions)
    rows = [
        {"case": f"{n}_{k}", "patient": f"p{n}", "scan": k, "f": true[n] + 0.1 * rng.normal()}
        for n in range(lesions)
        for k in range(1, repeats + 1)
    ]
    return pd.DataFrame(rows)


def judged(frame: pd.DataFrame) -> Repeatability:
    (found,) = repeatability(frame, ["f"], subject=["patient"], repeat="scan")
    return found


def test_the_coefficient_is_that_of_the_differences_of_two_measurements() -> None:
    frame = measurements(9, 2)
    found = judged(frame)
    pairs = frame["f"].to_numpy().reshape(9, 2)
    within = np.sqrt(np.mean((pairs[:, 0] - pairs[:, 1]) ** 2) / 2)
    assert (found.subjects, found.repeats) == (9, 2)
    assert found.within_sd == pytest.approx(within, rel=1e-12)
    assert found.coefficient == pytest.approx(2.77 * within, rel=1e-12)


def test_a_third_repeat_of_one_lesion_and_a_blank_number_spoil_nothing() -> None:
    frame = measurements(9, 2)
    third = {"case": "x", "patient": "p0", "scan": 3, "f": 9.0}
    blank = {"case": "y", "patient": "p99", "scan": None, "f": 7.0}
    more = pd.concat([frame.astype({"scan": "Int64"}), pd.DataFrame([third])], ignore_index=True)
    more = pd.concat([more, pd.DataFrame([blank]).astype({"scan": "Int64"})], ignore_index=True)
    assert judged(more) == judged(frame.astype({"scan": "Int64"}))


@pytest.mark.parametrize(("lesions", "repeats", "reason"), [
    (4, 2, "4 lesions have two or more repeats, and 5 are needed"),
    (9, 1, "no lesion was measured again"),
])  # fmt: skip
def test_too_few_repeats_are_the_reason_of_every_feature(
    lesions: int, repeats: int, reason: str
) -> None:
    found = judged(measurements(lesions, repeats))
    assert (found.reason, found.icc, found.coefficient) == (reason, None, None)


def test_two_measurements_of_one_number_are_refused() -> None:
    frame = measurements(6, 2)
    frame.loc[1, "scan"] = 1
    with pytest.raises(UserError, match="two measurements of one number") as caught:
        judged(frame)
    assert caught.value.got == "patient p0, scan 1"


def test_the_first_of_each_lesion_is_the_first_that_could_be_measured() -> None:
    frame = measurements(4, 2)
    frame = frame.drop(index=[0, 3]).reset_index(drop=True)  # p0 has the second alone, p1 the first
    frame = frame.astype({"scan": "Int64"})
    frame.loc[frame["patient"] == "p1", "scan"] = pd.NA
    kept = first_of_repeats(FeatureTable(frame, ("f",)), ["patient"], "scan").frame
    assert kept["case"].tolist() == ["0_2", "1_1", "2_1", "3_1"]


def test_lesions_of_a_patient_are_told_apart_by_their_column() -> None:
    frame = measurements(6, 2).assign(lesion=1)
    both = pd.concat([frame, frame.assign(lesion=2, case=frame["case"] + "b")], ignore_index=True)
    table = FeatureTable(both, ("f",))
    assert len(first_of_repeats(table, ["patient", "lesion"], "scan")) == 12
    with pytest.raises(UserError, match="name a column that tells lesions apart"):
        first_of_repeats(table, ["patient"], "scan")
    (found,) = repeatability(both, ["f"], subject=["patient", "lesion"], repeat="scan")
    assert found.subjects == 12


def test_readers_must_agree_in_value_and_scans_need_not_be_in_an_order() -> None:
    frame = measurements(9, 2)
    frame.loc[frame["scan"] == 2, "f"] += 3.0  # The second reader draws everything larger.
    (scans,) = repeatability(frame, ["f"], subject=["patient"], repeat="scan")
    (readers,) = repeatability(frame, ["f"], subject=["patient"], repeat="scan", kind="reader")
    whole = intraclass(frame["f"].to_numpy().reshape(9, 2))
    assert isinstance(whole, IntraclassCorrelations)
    assert (scans.icc, scans.lower) == (whole.one_way.value, whole.one_way.lower)
    assert (readers.icc, readers.lower) == (whole.agreement.value, whole.agreement.lower)
    assert readers.icc != pytest.approx(whole.consistency.value, abs=0.1)


def test_the_coefficient_of_variation_is_relative_and_only_of_one_sign() -> None:
    frame = measurements(9, 2).assign(f=lambda t: np.exp(t["f"]))
    pairs = frame["f"].to_numpy().reshape(9, 2)
    expected = np.sqrt(np.mean((pairs.std(axis=1, ddof=1) / pairs.mean(axis=1)) ** 2))
    assert judged(frame).within_cv == pytest.approx(expected, rel=1e-12)
    assert judged(frame.assign(f=-frame["f"])).within_cv == pytest.approx(expected, rel=1e-12)
    assert judged(frame.assign(f=1000 * frame["f"])).within_cv == pytest.approx(expected, rel=1e-12)
    mixed = judged(frame.assign(f=frame["f"] - frame["f"].iloc[0]))
    assert mixed.within_cv is None
    assert mixed.icc == pytest.approx(judged(frame).icc or 0, rel=1e-9)


@pytest.mark.parametrize(
    ("lower", "band"),
    [(0.9, "excellent"), (0.899, "good"), (0.75, "good"), (0.749, "moderate"), (0.5, "moderate"),
     (0.499, "poor"), (-0.2, "poor"), (None, "")],
)  # fmt: skip
def test_the_band_is_that_of_the_lower_limit(lower: float | None, band: str) -> None:
    assert Repeatability("f", 9, 2, 0.99, lower, 1.0).band == band
