"""Learners of classes and values keep scikit-learn's contract."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from radiome.model.learners.belief_net import BeliefNetClassifier, BeliefNetRegressor
from radiome.model.learners.gradient_boosting import BoostingClassifier, BoostingRegressor
from radiome.model.learners.linear import PenalisedLinear
from radiome.model.learners.logistic import PenalisedLogistic
from radiome.model.learners.neighbours import NeighboursClassifier, NeighboursRegressor
from radiome.model.learners.ordinal import ProportionalOdds
from radiome.model.learners.perceptron import PerceptronClassifier, PerceptronRegressor
from radiome.model.learners.poisson import RidgePoisson
from radiome.model.learners.random_forest import ForestClassifier, ForestRegressor
from radiome.model.learners.svm import PlattMachine, VectorRegressor

pytestmark = pytest.mark.filterwarnings(
    # The checks of scikit-learn hand over data on which warnings are right.
    "ignore::UserWarning"
)


def not_expected(estimator):
    if isinstance(estimator, ProportionalOdds):
        reason = "the classes of the check lie in no order along any direction"
        return {"check_classifiers_train": reason}
    return {}


@parametrize_with_checks(
    [
        PenalisedLogistic(),
        PenalisedLogistic(strength=0.01, l1_ratio=0.5),
        PenalisedLinear(),
        PenalisedLinear(strength=0.01, l1_ratio=0.5),
        ProportionalOdds(),
        RidgePoisson(),
        BeliefNetClassifier(units=4, pre_training=2),
        BeliefNetRegressor(units=4, pre_training=2),
        ForestClassifier(trees=5),
        ForestRegressor(trees=5),
        BoostingClassifier(trees=5),
        BoostingRegressor(trees=30),
        PlattMachine(),
        VectorRegressor(),
        NeighboursClassifier(),
        NeighboursRegressor(),
        PerceptronClassifier(max_iter=50),
        PerceptronRegressor(max_iter=50),
    ],
    expected_failed_checks=not_expected,
)
def test_learners_pass_the_checks_of_scikit_learn(estimator, check):
    check(estimator)
