"""The .632+ bootstrap on pure noise: Efron and Tibshirani, JASA 1997; 92:548."""

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from radiome.base.options import parse_options
from radiome.model.optimism.estimate_632 import estimate_632
from radiome.model.optimism.refits import EstimatorRefit
from radiome.model.optimism.resamples import resample
from radiome.model.outcomes import Outcome, OutcomeOptions

DECLARED = parse_options(OutcomeOptions, {"name": "y", "kind": "binary"})


def noise(seed):
    """Estimates of the error of one neighbour, 40 patients and 10 features of noise."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(40, 10))
    codes = rng.permutation(np.arange(40) % 2)
    outcome = Outcome(DECLARED, codes, np.ones(40, bool), ("0", "1"))
    patients = np.arange(40).astype(str)
    procedure = EstimatorRefit(KNeighborsClassifier(1), values, outcome, patients)
    return estimate_632(resample(procedure, samples=50, seed=seed), "error")


def test_one_neighbour_on_noise_is_seen_through_by_632_plus_alone():
    found = [noise(seed) for seed in range(20)]
    mean = {
        name: np.mean([getattr(each, name) for each in found])
        for name in ("apparent", "left_out", "b632", "b632_plus")
    }
    assert mean["apparent"] == 0
    assert mean["left_out"] == pytest.approx(0.508, abs=0.03)
    assert mean["b632"] == pytest.approx(0.321, abs=0.03)
    assert mean["b632_plus"] == pytest.approx(0.477, abs=0.03)
