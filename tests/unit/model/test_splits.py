"""Folds: patients whole, classes even, the same from the same seed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from made_study import QUICK, made_plan, made_tables
from radiome.base.errors import UserError
from radiome.model.run import run_plan
from radiome.model.splits import (
    leave_one_site_out,
    panel_folds,
    patient_index,
    repeated_folds,
    splits_of,
)
from radiome.model.table_building import build_table


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


def panel(seed, n=120, missing=0.2):
    """Labels of a panel: rare and frequent ones, two that go together, some not known."""
    generator = np.random.default_rng(seed)
    hidden = generator.normal(size=n)
    rates = np.array([-1.6, -0.8, 0.0, -1.2])
    noise = generator.normal(size=(n, 4))
    labels = (rates + np.outer(hidden, [1.0, -1.0, 0.5, 0.0]) + noise > 0).astype(np.int64)
    labels[generator.random((n, 4)) < missing] = -1
    return labels


def unevenness(labels, folds):
    """Largest distance of a label's prevalence in a fold from its prevalence, by label."""
    worst = []
    for label in labels.T:
        known = label >= 0
        whole = label[known].mean()
        shares = [label[known & (folds == fold)].mean() for fold in np.unique(folds)]
        worst.append(np.abs(np.array(shares) - whole).max())
    return np.array(worst)


def test_every_label_is_spread_more_evenly_than_by_chance_or_by_one_label_alone():
    shared, chance, alone = [], [], []
    for seed in range(15):
        labels = panel(seed)
        patients = np.arange(len(labels)).astype(str)
        shared.append(unevenness(labels, panel_folds(labels, patients, 5, 1, seed)[0]))
        none = np.zeros(len(labels), np.int64)
        chance.append(unevenness(labels, repeated_folds(none, patients, 5, 1, seed)[0]))
        alone.append(unevenness(labels, repeated_folds(labels[:, 0], patients, 5, 1, seed)[0]))
    shared, chance, alone = (np.array(values) for values in (shared, chance, alone))
    assert (shared.mean(axis=0) < 0.5 * chance.mean(axis=0)).all()
    assert (shared < chance).mean() > 0.9
    assert (shared.mean(axis=0)[1:] < 0.5 * alone.mean(axis=0)[1:]).all()


@pytest.mark.parametrize("seed", range(5))
def test_every_fold_has_patients_of_every_class_and_about_the_same_number(seed):
    labels = panel(seed)
    patients = np.arange(len(labels)).astype(str)
    folds = panel_folds(labels, patients, 5, 1, seed)[0]
    classes = [folds[label == code] for label in labels.T for code in (0, 1)]
    spread = [np.bincount(members, minlength=5) for members in classes]
    assert min(members.min() for members in spread) >= 1
    # The rarest is dealt first, and goes out evenly; sizes give way last.
    rarest = min(spread, key=lambda members: members.sum())
    assert rarest.max() - rarest.min() <= 1
    sizes = np.bincount(folds, minlength=5)
    assert sizes.max() - sizes.min() <= 6


def test_one_label_is_dealt_as_evenly_as_by_the_plain_way():
    label = (np.arange(47) < 13).astype(np.int64)
    folds = panel_folds(label[:, None], np.arange(47).astype(str), 5, 1, 0)[0]
    for members in (folds, folds[label == 1], folds[label == 0]):
        sizes = np.bincount(members, minlength=5)
        assert sizes.max() - sizes.min() <= 1


@given(
    st.lists(
        st.tuples(st.integers(0, 14), st.integers(-1, 2), st.integers(-1, 1)),
        min_size=30,
        max_size=80,
    ),
    st.integers(2, 5),
    st.integers(0, 1000),
)
def test_a_panel_leaves_patients_whole_and_leaves_nobody_out(rows, n_folds, seed):
    patients = np.array([f"p{patient}" for patient, _, _ in rows])
    labels = np.array([labels for _, *labels in rows])
    if len(set(patients.tolist())) < n_folds:
        return
    for folds in panel_folds(labels, patients, n_folds, 2, seed):
        assert set(folds.tolist()) == set(range(n_folds))
        for split in splits_of(folds):
            assert not set(patients[split.train]) & set(patients[split.test])


def test_the_first_known_row_counts_for_a_patient():
    # Were the last rows to count, all patients would be alike.
    patients = np.repeat(np.arange(40), 3).astype(str)
    label = np.tile([-1, 0, 0], 40)
    label[1 : 3 * 10 : 3] = 1
    folds = panel_folds(label[:, None], patients, 5, 1, 0)[0][::3]
    assert np.bincount(folds[:10], minlength=5).tolist() == [2] * 5
    assert np.bincount(folds[10:], minlength=5).tolist() == [6] * 5


def test_patients_without_any_label_are_dealt_evenly_too():
    labels = np.full((20, 3), -1)
    folds = panel_folds(labels, np.arange(20).astype(str), 4, 1, 0)[0]
    assert np.bincount(folds).tolist() == [5] * 4


def test_panels_too_keep_the_first_repeats_and_need_patients():
    labels, patients = panel(0), np.arange(120).astype(str)
    few, many = (panel_folds(labels, patients, 4, repeats, 3) for repeats in (2, 4))
    assert np.array_equal(many[:2], few)
    assert not np.array_equal(many[0], many[1])
    with pytest.raises(UserError, match="fewer patients than folds"):
        panel_folds(labels[:3], patients[:3], 4, 1, 0)


def panel_study(folder, **validation):
    """Two outcomes of one plan, the second unknown for every fourth patient."""
    frame, told = made_tables(n=80, signal=2.0)
    told["z"] = np.where(np.arange(80) % 3 == 0, "1", "0")
    told.loc[told.index % 4 == 0, "z"] = ""
    outcomes = [{"name": name, "kind": "binary"} for name in ("y", "z")]
    plan = made_plan(outcomes=outcomes, validation={**QUICK["validation"], **validation})
    found = run_plan(build_table(frame, None, told, plan), plan, folder).outcomes
    return [outcome.evaluation.ladder.steps for outcome in found]


def test_the_outcomes_of_a_plan_share_their_folds_if_asked(tmp_path):
    first, second = panel_study(tmp_path / "shared", stratify_panel=True)
    place = {name: row for row, name in enumerate(first["features"].patients.tolist())}
    rows = [place[name] for name in second["features"].patients.tolist()]
    assert len(rows) == 60
    assert np.array_equal(first["features"].folds[:, rows], second["features"].folds)
    assert np.array_equal(second["features"].folds, second["volume"].folds)
    first, second = panel_study(tmp_path / "own")
    assert not np.array_equal(first["features"].folds[:, rows], second["features"].folds)


def test_networks_do_not_go_with_shared_folds():
    with pytest.raises(UserError, match="stratify_panel"):
        made_plan(validation={"stratify_panel": True}, deep={"crops": "crops.npz"})
