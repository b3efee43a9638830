import numpy as np
import pytest
from statsmodels.duration.hazard_regression import PHReg

from radiome.base.errors import UserError
from radiome.model.null.scores import binary_outcome, finite_vector, log_rank_scores


def survival(rng, size=40):
    return rng.integers(1, 15, size).astype(float), rng.integers(0, 2, size)


def test_scores_are_events_minus_expected_events_by_hand():
    scores = log_rank_scores([1.0, 2.0, 2.0, 3.0], [1, 1, 0, 1])
    expected = [1 - 1 / 4, 1 - 1 / 4 - 1 / 3, -1 / 4 - 1 / 3, 1 - 1 / 4 - 1 / 3 - 1]
    np.testing.assert_allclose(scores, expected, rtol=1e-14)


def test_the_sum_with_a_covariate_is_the_score_of_coxs_model():
    rng = np.random.default_rng(2)
    time, event = survival(rng)
    covariate = rng.normal(size=40)
    model = PHReg(time, covariate[:, None], status=event, ties="breslow")
    found = covariate @ log_rank_scores(time, event)
    assert found == pytest.approx(model.score(np.zeros(1))[0], rel=1e-10)


@pytest.mark.parametrize("ties", ["nelson-aalen", "last"])
def test_ties_follow_their_definition(ties):
    rng = np.random.default_rng(3)
    time, event = survival(rng)
    scores = log_rank_scores(time, event, ties=ties)
    for patient in range(40):
        expected = float(event[patient])
        for other in range(40):
            if event[other] and time[other] <= time[patient]:
                left = (time > time[other]).sum() + 1
                at_risk = (time >= time[other]).sum()
                expected -= 1 / (left if ties == "last" else at_risk)
        assert scores[patient] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("time", "event", "message"),
    [
        ([1, 2], [1], "differ in length"),
        ([-1, 2], [1, 0], "negative"),
        ([1, 2], [0, 0], "no event"),
        ([1, 2], [1, 2], "other than 0 and 1"),
        ([1, np.nan], [1, 0], "missing or infinite"),
        ([], [], "not a column"),
    ],
)
def test_survival_that_cannot_be_used_is_refused(time, event, message):
    with pytest.raises(UserError, match=message):
        log_rank_scores(time, event)


def test_binary_outcomes_need_both_classes():
    assert binary_outcome([True, False]).tolist() == [1.0, 0.0]
    with pytest.raises(UserError, match="one class"):
        binary_outcome([1, 1])
    with pytest.raises(UserError, match="shape"):
        finite_vector([[1.0]], "outcome")
