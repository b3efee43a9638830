"""Losses against their definitions."""

import numpy as np
import pytest
from sklearn.metrics import log_loss

from naive.cox import log_partial_likelihood
from radiome.model.deep.losses import cox_loss, cross_entropy, risk_weights, squared_error

RNG = np.random.default_rng(0)


def survival(event, time):
    outcome = np.empty(len(time), [("event", bool), ("time", float)])
    outcome["event"], outcome["time"] = event, time
    return outcome


@pytest.mark.parametrize("ties", [1, 4, 40])
def test_cox_loss_is_the_partial_likelihood_of_the_papers(ties):
    """Times in steps: the fewer, the more ties, for which Efron's form is asked."""
    event, time = RNG.random(30) < 0.6, np.ceil(RNG.random(30) * ties)
    log_risk = RNG.normal(size=30)
    expected = log_partial_likelihood(log_risk[:, None], event, time, np.ones(1), ties="efron")
    found = cox_loss(log_risk[:, None], survival(event, time))
    assert found == pytest.approx(-expected / event.sum(), rel=1e-12)


def test_cox_loss_does_not_know_the_zero_of_the_risks():
    outcome = survival(RNG.random(20) < 0.5, RNG.random(20))
    log_risk = RNG.normal(size=(20, 1))
    shifted = cox_loss(log_risk + 700, outcome)
    assert shifted == pytest.approx(cox_loss(log_risk, outcome), rel=1e-10)


def test_cox_loss_of_a_batch_without_events_is_zero():
    assert cox_loss(RNG.normal(size=(5, 1)), survival(np.zeros(5, bool), np.ones(5))) == 0


def test_of_two_tied_events_the_second_sees_half_of_their_risk_gone():
    weights, events = risk_weights(survival([True, False, True, True], [2.0, 3.0, 2.0, 1.0]))
    assert events.tolist() == [0, 2, 3]
    np.testing.assert_array_equal(weights, [[1, 1, 1, 0], [0.5, 1, 0.5, 0], [1, 1, 1, 1]])


def test_cross_entropy_is_the_mean_log_loss():
    outputs, codes = RNG.normal(size=(20, 3)), RNG.integers(0, 3, 20)
    chances = np.exp(outputs) / np.exp(outputs).sum(axis=1, keepdims=True)
    expected = log_loss(codes, chances, labels=[0, 1, 2])
    assert cross_entropy(outputs, codes) == pytest.approx(expected)
    assert cross_entropy(outputs + 900, codes) == pytest.approx(expected)


def test_squared_error_is_half_the_mean_square():
    assert squared_error(np.array([[1.0], [3.0]]), np.array([0.0, 0.0])) == 2.5
