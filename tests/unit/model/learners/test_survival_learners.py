"""What every learner of time to event does, and what two of them do in particular."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from radiome.base.errors import UserError
from radiome.model.learners.catalogue import LEARNERS, make
from radiome.model.learners.survival_boosting import SurvivalBoosting
from radiome.model.learners.survival_forest import SurvivalForest
from radiome.model.outcomes import SURVIVAL

NAMES = [name for name, entry in LEARNERS.items() if "survival" in entry.estimators]
QUICK = {"survival_forest": {"trees": 100, "min_leaf": 10}, "cox": {"strength": 0.01}}


def learner(name, seed=3):
    return make(name, "survival", QUICK.get(name, {}), seed)


def made(n, signal, seed, p=5):
    """Times with hazard exp(signal · first column), about a third censored."""
    rng = np.random.default_rng(seed)
    # Multiples of 1/64: a shift by a whole number is exact, in single precision too.
    columns = np.round(rng.normal(size=(n, p)) * 64) / 64
    time = rng.exponential(np.exp(-signal * columns[:, 0]))
    censoring = rng.exponential(2.0, size=n)
    outcome = np.empty(n, SURVIVAL)
    outcome["event"], outcome["time"] = time <= censoring, np.minimum(time, censoring)
    return columns, outcome


def concordance(y, risk):
    first = y["event"][:, None] & (y["time"][:, None] < y["time"])
    gap = risk[:, None] - risk
    return np.mean(((gap > 0) + 0.5 * (gap == 0))[first])


@pytest.mark.parametrize("name", NAMES)
class TestEachSurvivalLearner:
    def test_a_planted_signal_is_found_with_its_sign(self, name):
        model = learner(name).fit(*made(200, 1.0, 0))
        columns, y = made(400, 1.0, 1)
        # The true risk reaches about 0.76 here.
        assert concordance(y, model.predict(columns)) > 0.68

    def test_noise_is_not_predicted(self, name):
        found = []
        for seed in range(6):
            columns, y = made(240, 0.0, seed)
            model = learner(name).fit(columns[:120], y[:120])
            found.append(concordance(y[120:], model.predict(columns[120:])))
        # One such C has a standard error near 0.04.
        assert abs(np.mean(found) - 0.5) < 0.05

    def test_two_fits_and_a_clone_agree_to_the_bit(self, name):
        columns, y = made(80, 1.0, 0)
        first, second = learner(name).fit(columns, y), learner(name).fit(columns, y)
        third = clone(first).fit(columns, y)
        assert np.array_equal(first.predict(columns), second.predict(columns))
        assert np.array_equal(first.predict(columns), third.predict(columns))

    def test_rows_are_predicted_each_for_itself(self, name):
        columns, y = made(80, 1.0, 0)
        model = learner(name).fit(columns, y)
        order = np.random.default_rng(0).permutation(80)
        whole = model.predict(columns)
        assert_allclose(model.predict(columns[order]), whole[order], rtol=1e-12, atol=1e-12)
        assert_allclose(model.predict(columns[:1]), whole[:1], rtol=1e-12, atol=1e-12)

    def test_a_shift_of_features_changes_nothing(self, name):
        columns, y = made(80, 1.0, 0)
        shifted = columns + np.array([4.0, -2.0, 0.0, 8.0, 1.0])
        first, second = learner(name).fit(columns, y), learner(name).fit(shifted, y)
        assert_allclose(second.predict(shifted), first.predict(columns), atol=1e-8)

    def test_another_unit_of_time_changes_no_risk(self, name):
        columns, y = made(80, 1.0, 0)
        later = y.copy()
        later["time"] *= 4.0
        first, second = learner(name).fit(columns, y), learner(name).fit(columns, later)
        assert_allclose(second.predict(columns), first.predict(columns), atol=1e-8)

    def test_survival_starts_at_one_and_falls_the_faster_the_higher_the_risk(self, name):
        columns, y = made(120, 1.0, 0)
        model = learner(name).fit(columns, y)
        times = np.linspace(0, y["time"].max(), 20)
        curves = model.predict_survival(columns, times)
        assert curves.shape == (120, 20)
        assert np.all(curves[:, 0] == 1)
        assert np.all(np.diff(curves, axis=1) <= 0)
        assert np.all((curves >= 0) & (curves <= 1))
        order = np.argsort(model.predict(columns))
        assert np.all(np.diff(curves[order], axis=0) <= 1e-12)

    def test_constant_columns_and_more_columns_than_rows_work(self, name):
        columns, y = made(50, 1.0, 0, p=80)
        columns[:, 7] = 1.0
        model = learner(name).fit(columns, y)
        assert np.isfinite(model.predict(columns)).all()

    def test_rows_without_an_event_are_refused(self, name):
        columns, y = made(30, 0.0, 0)
        y["event"] = False
        with pytest.raises(UserError, match="no event"):
            learner(name).fit(columns, y)

    def test_a_time_of_zero_is_refused(self, name):
        columns, y = made(30, 0.0, 0)
        y["time"][3] = 0.0
        with pytest.raises(UserError, match="not positive"):
            learner(name).fit(columns, y)

    def test_an_outcome_without_fields_is_refused(self, name):
        columns, y = made(30, 0.0, 0)
        with pytest.raises(UserError, match="no survival outcome"):
            learner(name).fit(columns, y["time"])

    def test_nothing_is_predicted_before_the_fit(self, name):
        with pytest.raises(NotFittedError):
            learner(name).predict(np.zeros((2, 2)))


def test_cox_does_not_depend_on_the_order_of_rows():
    columns, y = made(80, 1.0, 0)
    order = np.random.default_rng(0).permutation(80)
    first, second = learner("cox").fit(columns, y), learner("cox").fit(columns[order], y[order])
    assert_allclose(second.coef_, first.coef_, atol=1e-10)


def test_a_leaf_of_the_forest_is_events_over_summed_hazard():
    columns, y = made(60, 1.0, 0, p=3)
    model = SurvivalForest(trees=1, min_leaf=8, columns="all", random_state=5).fit(columns, y)
    drawn = np.bincount(np.random.default_rng(5).integers(60, size=60), minlength=60)
    exposure = drawn * model.baseline_.at(y["time"])
    risk = np.exp(model.predict(columns))
    assert len(np.unique(risk)) > 2
    for leaf in np.unique(risk):
        inside = (risk == leaf) & (exposure > 0)
        events = drawn[inside] @ y["event"][inside]
        assert_allclose(leaf, events / exposure[inside].sum(), rtol=1e-10)


def test_boosting_lowers_the_training_loss_with_every_tree():
    from naive.cox import log_partial_likelihood

    columns, y = made(80, 1.0, 0)
    likelihoods = []
    for trees in (0, 5, 20, 60):
        model = SurvivalBoosting(trees=trees).fit(columns, y)
        risk = model.predict(columns)[:, None]
        one = np.ones(1)
        likelihoods.append(log_partial_likelihood(risk, y["event"], y["time"], one, ties="efron"))
    assert np.all(np.diff(likelihoods) > 0)
