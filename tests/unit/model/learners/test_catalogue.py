"""Learners by name: every row of the catalogue, on every kind of outcome that it serves."""

import json
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from radiome.base.errors import SettingsError, UserError
from radiome.model.learners.catalogue import LEARNERS, grid, make, options_of, scores
from radiome.model.outcomes import KINDS, SURVIVAL
from radiome.model.plan import DEFAULT_LEARNERS

SERVED = [(name, kind) for name, entry in LEARNERS.items() for kind in entry.estimators]
CLASSES = [(n, k) for n, k in SERVED if k in ("binary", "multiclass", "ordinal")]
DOCUMENT = Path(__file__).resolve().parents[4] / "docs" / "learners.md"
#: Options that keep the tests short.
QUICK = {"trees": 60, "pre_training": 5}


def quick(name, kind):
    known = type(options_of(name, kind, {})).model_fields
    return {key: value for key, value in QUICK.items() if key in known}


def made(kind, n=150, p=6, seed=0):
    rng = np.random.default_rng(seed)
    columns = rng.normal(size=(n, p))
    latent = 1.5 * columns[:, 0] + 0.7 * rng.logistic(size=n)
    if kind == "survival":
        outcome = np.empty(n, SURVIVAL)
        outcome["event"], outcome["time"] = rng.random(n) < 0.7, np.exp(-latent)
        return columns, outcome
    if kind == "continuous":
        return columns, 100 + 20 * latent
    if kind == "count":
        return columns, rng.poisson(np.exp(columns[:, 0]))
    return columns, np.digitize(latent, [0.0] if kind == "binary" else [-1.0, 1.0])


def agreement(kind, y, found):
    if kind == "multiclass":
        return np.mean([agreement("binary", y == c, found[:, c]) for c in range(found.shape[1])])
    if kind == "ordinal":
        found = found @ np.arange(found.shape[1])
    truth = -y["time"] if kind == "survival" else y.astype(float)
    gap, wanted = found[:, None] - found, truth[:, None] > truth
    return np.mean(((gap > 0) + 0.5 * (gap == 0))[wanted])


@pytest.mark.parametrize(("name", "kind"), SERVED)
def test_a_planted_signal_is_found_in_scores_of_the_stated_shape(name, kind):
    columns, y = made(kind)
    model = make(name, kind, quick(name, kind), seed=1).fit(columns, y)
    others, truth = made(kind, seed=1)
    found = scores(model, others, kind)
    assert found.dtype == np.float64
    assert found.shape == ((150, 3) if kind in ("multiclass", "ordinal") else (150,))
    if kind in ("multiclass", "ordinal"):
        np.testing.assert_allclose(found.sum(axis=1), 1.0, rtol=1e-9)
    if kind == "binary":
        assert found.min() >= 0
        assert found.max() <= 1
    # The middle one of three classes is hard to tell from both others.
    assert agreement(kind, truth, found) > (0.62 if kind == "multiclass" else 0.7)
    assert isinstance(model.converged_, bool)


@pytest.mark.parametrize(("name", "kind"), SERVED)
def test_a_seed_decides_every_bit(name, kind):
    columns, y = made(kind, n=80)
    first, second = (make(name, kind, quick(name, kind), seed=4).fit(columns, y) for _ in "ab")
    assert np.array_equal(scores(first, columns, kind), scores(second, columns, kind))


@pytest.mark.parametrize(("name", "kind"), SERVED)
def test_constant_columns_and_more_columns_than_rows_work(name, kind):
    columns, y = made(kind, n=50, p=70)
    columns[:, 3] = 2.0
    model = make(name, kind, quick(name, kind), seed=1).fit(columns, y)
    assert np.isfinite(scores(model, columns, kind)).all()


@pytest.mark.parametrize(("name", "kind"), CLASSES)
def test_a_single_class_is_refused_in_words(name, kind):
    columns, y = made(kind, n=30)
    with pytest.raises(UserError, match="only one class"):
        make(name, kind, {}, seed=1).fit(columns, np.zeros_like(y))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_outcome_has_its_default_learner(kind):
    assert kind in LEARNERS[DEFAULT_LEARNERS[kind]].estimators
    assert make(DEFAULT_LEARNERS[kind], kind, {}, seed=1)


@pytest.mark.parametrize(("name", "kind"), SERVED)
def test_every_combination_of_the_default_can_be_made(name, kind):
    combinations = grid(name, kind, {})
    assert combinations == grid(name, kind, {})
    assert 1 <= len(combinations) <= 6
    # A grid goes into records of studies.
    assert json.loads(json.dumps(combinations)) == combinations
    for combination in combinations:
        parameters = make(name, kind, combination, seed=9).get_params()
        assert parameters.items() >= combination.items()
        assert parameters.get("random_state", 9) == 9


def test_modules_lie_in_the_package_and_options_are_parameters():
    for entry in LEARNERS.values():
        module = import_module(f"radiome.model.learners.{entry.module}")
        for target in (entry.options, *entry.estimators.values()):
            assert getattr(module, target).__module__ == module.__name__


def test_the_grid_begins_with_the_simplest_whatever_the_order_of_the_user():
    found = grid("cox", "survival", {"strength": [0.01, 1, 0.1, 1.0], "l1_ratio": [1, 0]})
    simple = [(each["strength"], each["l1_ratio"]) for each in found]
    assert simple == [(1.0, 0.0), (1.0, 1.0), (0.1, 0.0), (0.1, 1.0), (0.01, 0.0), (0.01, 1.0)]
    leaves = grid("random_forest", "binary", {"min_leaf": [1, 5, 20]})
    assert [each["min_leaf"] for each in leaves] == [20, 5, 1]


def test_several_values_are_for_the_grid_and_not_for_make():
    with pytest.raises(SettingsError, match="one value of 'cost'"):
        make("svm", "binary", {"cost": [1, 2]}, seed=1)
    assert make("svm", "binary", {"cost": [2]}, seed=1).cost == 2.0


@pytest.mark.parametrize(
    ("name", "kind", "options", "message"),
    [
        ("logistik", "binary", {}, "did you mean 'logistic'"),
        ("cox", "binary", {}, "does not serve outcomes of kind binary"),
        ("cox", "survival", {"strengh": 1}, "did you mean 'strength'"),
        ("cox", "survival", {"strength": -1}, "strength"),
        ("cox", "survival", {"strength": []}, "strength"),
        ("random_forest", "binary", {"trees": [10, 0]}, "trees"),
    ],
)
def test_what_cannot_be_made_is_refused_in_words(name, kind, options, message):
    with pytest.raises(SettingsError, match=message):
        grid(name, kind, options)


def test_a_class_without_training_rows_has_probability_zero():
    columns, y = made("multiclass")
    kept = y != 1
    model = make("logistic", "multiclass", {}, seed=1).fit(columns[kept], y[kept])
    found = scores(model, columns, "multiclass")
    assert found.shape == (150, 3)
    assert np.all(found[:, 1] == 0)
    kept = y != 2
    model = make("logistic", "multiclass", {}, seed=1).fit(columns[kept], y[kept])
    assert scores(model, columns, "multiclass").shape == (150, 2)
    assert scores(model, columns, "multiclass", n_classes=3).shape == (150, 3)


def test_a_class_with_one_row_is_refused_where_one_must_be_held_out():
    columns, y = made("binary", n=40)
    y[:] = 0
    y[0] = 1
    for name in ("svm", "perceptron"):
        with pytest.raises(UserError, match="too few training rows"):
            make(name, "binary", {}, seed=1).fit(columns, y)


def row(name):
    entry = LEARNERS[name]
    options = options_of(name, next(iter(entry.estimators)), {})
    texts = []
    for field, values in options.model_dump().items():
        texts.append(f"`{field}` {', '.join(str(value) for value in values)}")
    kinds = ", ".join(entry.estimators)
    return f"| `{name}` | {kinds} | {'; '.join(texts)} | {entry.summary} | {entry.source} |"


@pytest.mark.parametrize("name", LEARNERS)
def test_the_document_has_the_row_of_the_catalogue(name):
    assert row(name) in DOCUMENT.read_text(encoding="utf-8").splitlines()
