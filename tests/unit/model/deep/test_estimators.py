"""Networks learn what is planted in the images, and nothing of permuted labels."""

import builtins
import subprocess
import sys

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.metrics import roc_auc_score

from made_crops import made_crops
from radiome.base.errors import UserError
from radiome.model.deep.estimators import (
    CropClassifier,
    CropRegressor,
    CropSurvival,
    held_rows,
    read_crops,
)

QUICK = {"epochs": 30, "width": 6, "learning_rate": 0.005}


@pytest.fixture(scope="module")
def cores():
    """Crops of 8³ voxels, and whether the core is bright; the last 40 are not learned from."""
    images, bright = made_crops(120, 8, seed=3)
    return images, (bright > 0).astype(np.int64)


def reached(model, images, labels, learned=80):
    model.fit(images[:learned], labels[:learned])
    return roc_auc_score(labels[learned:], model.predict_proba(images[learned:])[:, 1])


@pytest.mark.parametrize("network", ["cnn", "gru"])
def test_a_bright_core_is_learned_and_permuted_labels_are_not(cores, network):
    images, labels = cores
    assert reached(CropClassifier(network, **QUICK), images, labels) > 0.95
    permuted = np.random.default_rng(5).permutation(labels)
    assert 0.25 < reached(CropClassifier(network, **QUICK), images, permuted) < 0.75


def test_the_mean_of_the_crop_does_not_tell_the_core(cores):
    """Else it would not be a structure that is learned."""
    images, labels = cores
    assert 0.3 < roc_auc_score(labels, images[:, 0].mean(axis=(1, 2, 3))) < 0.7


def test_several_classes_keep_their_names(cores):
    images, labels = cores
    names = np.array(["dark", "bright"])[labels]
    names[:20] = "faint"
    images = images.copy()
    images[:20, 0] = 0.0
    model = CropClassifier("cnn", **QUICK).fit(images[:100], names[:100])
    assert model.classes_.tolist() == ["bright", "dark", "faint"]
    chances = model.predict_proba(images)
    np.testing.assert_allclose(chances.sum(axis=1), 1)
    assert (model.predict(images[100:]) == names[100:]).mean() > 0.8


def test_values_come_back_in_their_unit(cores):
    images, labels = cores
    values = 1000.0 + 50 * labels
    model = CropRegressor("cnn", **QUICK).fit(images[:80], values[:80])
    found = model.predict(images[80:])
    assert np.corrcoef(found, values[80:])[0, 1] > 0.9
    assert abs(found - values[80:]).mean() < 15


def test_the_risk_of_an_event_is_learned(cores):
    images, labels = cores
    rng = np.random.default_rng(2)
    outcome = np.empty(len(labels), [("event", bool), ("time", float)])
    outcome["time"] = rng.exponential(np.where(labels, 1.0, 20.0))
    outcome["event"] = outcome["time"] < 15
    risk = CropSurvival("cnn", **QUICK).fit(images[:80], outcome[:80]).predict(images[80:])
    assert roc_auc_score(labels[80:], risk) > 0.95  # who is at high risk has high scores


def test_one_seed_decides_every_bit_and_another_another(cores):
    images, labels = cores
    model = CropClassifier("gru", epochs=3, width=4, random_state=1).fit(images[:40], labels[:40])
    same = clone(model).fit(images[:40], labels[:40])
    other = clone(model).set_params(random_state=2).fit(images[:40], labels[:40])
    np.testing.assert_array_equal(model.predict_proba(images), same.predict_proba(images))
    assert not np.array_equal(model.predict_proba(images), other.predict_proba(images))


def test_training_stops_when_held_out_rows_get_no_better(cores):
    images, labels = cores
    permuted = np.random.default_rng(5).permutation(labels)
    model = CropClassifier("cnn", epochs=200, patience=3, width=4).fit(images[:60], permuted[:60])
    assert model.stopped_early_
    assert model.n_epochs_ < 100
    assert model.n_held_ == 12


def test_held_rows_are_whole_patients_and_have_events():
    patients = np.repeat(np.arange(40), 2).astype(str)
    strata = np.zeros(80, np.int64)
    strata[[10, 11, 50, 51]] = 1  # two patients of 40 have the event
    for seed in range(10):
        held = held_rows(strata, patients, 0.2, seed)
        assert held.sum() == 16
        assert (held[::2] == held[1::2]).all()
        assert strata[held].any()
        assert strata[~held].any()


@pytest.mark.parametrize(
    ("images", "told"),
    [
        (np.zeros((4, 8, 8, 8)), "no crops"),
        (np.zeros((4, 1, 7, 8, 8)), "even sides"),
        (np.full((4, 1, 8, 8, 8), np.nan), "NaN"),
    ],
)
def test_arrays_that_are_no_crops_are_refused(images, told):
    with pytest.raises(UserError, match=told):
        read_crops(images)


def test_training_rows_without_anything_to_learn_are_refused(cores):
    images, _ = cores
    with pytest.raises(UserError, match="one class"):
        CropClassifier().fit(images[:10], np.ones(10))
    outcome = np.zeros(10, [("event", bool), ("time", float)])
    with pytest.raises(UserError, match="have the event"):
        CropSurvival().fit(images[:10], outcome)


def test_crops_of_another_size_are_refused(cores):
    images, labels = cores
    model = CropClassifier("cnn", epochs=1, width=2).fit(images[:20], labels[:20])
    with pytest.raises(UserError, match="unlike those"):
        model.predict(images[:, :1])


def test_without_the_package_the_extra_is_named(cores, monkeypatch):
    images, labels = cores
    for name in [name for name in sys.modules if name.split(".")[0] == "autograd"]:
        monkeypatch.delitem(sys.modules, name)
    real = builtins.__import__

    def refuse(name, *arguments, **options):
        if name.split(".")[0] == "autograd":
            raise ImportError(name)
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", refuse)
    monkeypatch.setitem(sys.modules, "autograd", None)
    with pytest.raises(UserError, match=r"radiome\[deep\]"):
        CropClassifier().fit(images[:10], labels[:10])


def test_studies_without_networks_do_not_load_the_package():
    code = (
        "import sys, radiome.model.run, radiome.model.deep.steps\n"
        "print([name for name in sys.modules if name.startswith('autograd')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
