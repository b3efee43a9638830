"""Leakage is refused, not merely avoided."""

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from radiome.base.errors import UserError
from radiome.model.ledger import patients_hash, require_apart, require_unfitted


def test_a_model_is_not_judged_by_patients_it_has_seen():
    with pytest.raises(UserError, match="fitted on") as caught:
        require_apart(["p1", "p2"], ["p2", "p3"], what="a model")
    assert "p2" in caught.value.message
    require_apart(["p1"], ["p2"], what="a model")


def test_a_step_that_comes_fitted_is_refused():
    scaler = StandardScaler()
    require_unfitted(scaler, name="scaler")
    scaler.fit(np.eye(3))
    with pytest.raises(UserError, match="fitted before the fold"):
        require_unfitted(scaler, name="scaler")


def test_the_hash_of_patients_knows_no_order():
    assert patients_hash(["b", "a", "a"]) == patients_hash(["a", "b"])
    assert patients_hash(["a"]) != patients_hash(["b"])
