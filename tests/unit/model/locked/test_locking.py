"""What is fixed at the time of locking, and the models of a whole study."""

import json

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_curve

from made_study import QUICK, made_tables
from radiome.base.errors import UserError
from radiome.model.locked.model_file import read_model
from radiome.model.locked.study_models import lock_study
from radiome.model.locked.training_rows import remember
from radiome.model.plan import make_plan
from radiome.model.run import run_plan
from radiome.model.table_building import build_table


def test_the_threshold_has_the_largest_youden_index_out_of_fold(binary):
    found = binary.evaluation.ladder.steps["features"]
    y, score = found.outcome.values, found.mean_scores()
    false, true, thresholds = roc_curve(y, score, drop_intermediate=False)
    best = thresholds[np.flatnonzero(np.isclose(true - false, (true - false).max()))]
    assert binary.model.threshold == pytest.approx(best.max(), abs=1e-15)


def test_the_recalibration_is_the_logistic_line_out_of_fold_and_off(binary):
    found = binary.evaluation.ladder.steps["features"]
    score = found.mean_scores()
    line = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000)
    line.fit(np.log(score / (1 - score))[:, None], found.outcome.values)
    assert binary.model.correction.slope == pytest.approx(line.coef_[0, 0], rel=1e-4)
    assert binary.model.correction.intercept == pytest.approx(line.intercept_[0], abs=1e-4)
    assert binary.model.correction.as_dict()["applied"] is False


def test_other_kinds_have_no_threshold_and_say_so(made):
    model = made("survival").model
    assert model.threshold is None
    assert "binary" in model.facts["threshold"]["reason"]
    assert model.correction.reason == "no correction is fitted for a survival outcome"


def test_ranges_are_those_that_the_learner_saw(made):
    plain, harmonised = made(), made(harmonise={"batch": "scanner"})
    for study in (plain, harmonised):
        columns = study.frame[list(study.model.features)].to_numpy()
        batch = study.frame["scanner"].to_numpy(np.str_)
        seen = study.model.transforms.harmonised(columns, batch, None)
        if study is harmonised:
            seen = study.model.transforms.harmonised(columns, batch, np.empty((len(columns), 0)))
        assert study.model.scope.low == pytest.approx(seen.min(axis=0), abs=1e-12)
        assert study.model.scope.high == pytest.approx(seen.max(axis=0), abs=1e-12)


def test_a_covariate_that_is_not_one_number_is_refused(made, others):
    frame, outcomes = others(n=90)
    # Gaps make a column of their own, which a later table could not be read into.
    study = made(harmonise={"batch": "scanner", "covariates": ["age"]}, frames=(frame, outcomes))
    from radiome.model.locked.locking import refit
    from radiome.model.locked.transforms import transforms_of

    with pytest.raises(UserError, match="cannot be locked"):
        transforms_of(refit(study.evaluation, study.plan), ("age", "sex"))


def test_rows_that_others_could_have_by_chance_are_not_remembered():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(20, 2))
    assert remember(values, "salt").found_in(values).all()
    assert not remember(values, "salt").found_in(values + 1e-3).any()
    whole = remember(np.arange(20.0)[:, None], "salt")
    assert whole.reason
    assert not whole.found_in(np.arange(20.0)[:, None]).any()
    assert remember(np.vstack([values, values[:1]]), "salt").reason


def test_a_study_writes_a_model_of_every_outcome_and_an_index(tmp_path):
    frame, outcomes = made_tables(n=80, signal=3.0)
    outcomes["rare"] = ["1"] * 3 + ["0"] * 77
    outcomes["Y/1"] = outcomes["y"].to_numpy()[::-1]
    kinds = [{"name": name, "kind": "binary"} for name in ("y", "rare", "Y/1")]
    plan = make_plan({"outcomes": kinds, **QUICK, "null": {"permutations": 19, "stop_after": 3}})
    table = build_table(frame, None, outcomes, plan)
    told = lock_study(run_plan(table, plan, tmp_path), tmp_path / "models")
    assert json.loads((tmp_path / "models" / "index.json").read_text()) == told
    assert [entry.get("file") for entry in told] == ["y.radiome", None, "Y_1.radiome"]
    assert "too few" in told[1]["reason"]
    for entry in (told[0], told[2]):
        model = read_model(tmp_path / "models" / entry["file"])
        assert model.outcome.name == entry["outcome"]
        assert model.sha256 == entry["sha256"]
