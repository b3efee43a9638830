"""Folds: patients whole, classes even, the same from the same seed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from radiome.base.errors import UserError
from radiome.model.splits import leave_one_site_out, patient_index, repeated_folds, splits_of


@given(
    st.lists(st.tuples(st.integers(0, 14), st.integers(0, 2)), min_size=30, max_size=80),
    st.integers(2, 5),
    st.integers(0, 1000),
)
def test_no_patient_is_on_both_sides(rows, n_folds, seed):
    patients = np.array([f"p{patient}" for patient, _ in rows])
    strata = np.array([stratum for _, stratum in rows])
    if len(set(patients.tolist())) < n_folds:
        return
    for folds in repeated_folds(strata, patients, n_folds, 2, seed):
        for split in splits_of(folds):
            assert not set(patients[split.train]) & set(patients[split.test])
            assert len(split.train) + len(split.test) == len(rows)


@given(st.integers(20, 60), st.integers(5, 20), st.integers(2, 5), st.integers(0, 1000))
def test_classes_are_spread_evenly(n, n_positive, n_folds, seed):
    strata = (np.arange(n) < n_positive).astype(np.int64)
    patients = np.arange(n).astype(str)
    folds = repeated_folds(strata, patients, n_folds, 1, seed)[0]
    for members in (folds, folds[strata == 1]):
        sizes = np.bincount(members, minlength=n_folds)
        assert sizes.max() - sizes.min() <= 1


def test_more_repeats_leave_the_first_as_they_were():
    strata, patients = np.zeros(20, np.int64), np.arange(20).astype(str)
    few = repeated_folds(strata, patients, 4, 2, seed=3)
    many = repeated_folds(strata, patients, 4, 5, seed=3)
    assert np.array_equal(many[:2], few)
    assert not np.array_equal(many[0], many[1])


def test_fewer_patients_than_folds_is_refused():
    with pytest.raises(UserError, match="fewer patients than folds"):
        repeated_folds(np.zeros(3, np.int64), np.array(["a", "b", "b"]), 3, 1, seed=0)


def test_patients_are_numbered_in_the_order_of_their_first_rows():
    first, number = patient_index(np.array(["z", "a", "z", "m"]))
    assert first.tolist() == [0, 1, 3]
    assert number.tolist() == [0, 1, 0, 2]


def test_each_site_is_left_out_once():
    splits = list(leave_one_site_out(np.array(["b", "a", "b"])))
    assert [split.name for split in splits] == ["site a", "site b"]
    assert splits[0].test.tolist() == [1]
