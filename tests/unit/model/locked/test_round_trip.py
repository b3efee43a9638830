"""A model that was written and read predicts what the fitted one did."""

import numpy as np
import pytest

from radiome.model.locked.model_file import read_model, write_model
from radiome.model.locked.prediction import predict

COMBAT = {"batch": "scanner", "covariates": ["age"]}


def scores(predictions):
    return np.squeeze(np.array([row.scores for row in predictions.rows]))


def reread(study, folder):
    write_model(study.model, folder / "y.radiome")
    return read_model(folder / "y.radiome")


@pytest.mark.parametrize("harmonise", [None, {"batch": "scanner"}, COMBAT])
@pytest.mark.parametrize("scale", ["power", "robust", "none"])
def test_every_preparation_is_kept_as_numbers(made, tmp_path, harmonise, scale):
    study = made(harmonise=harmonise, preparation={"scale": scale})
    found = scores(predict(reread(study, tmp_path), study.frame))
    assert found == pytest.approx(study.expected(), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("kind", ["ordinal", "count"])
def test_the_other_kinds_of_outcome(made, tmp_path, kind):
    study = made(kind, harmonise=COMBAT)
    found = scores(predict(reread(study, tmp_path), study.frame))
    assert found == pytest.approx(study.expected(), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(
    ("kind", "learner"),
    [
        ("binary", "random_forest"),
        ("multiclass", "gradient_boosting"),
        ("binary", "svm"),
        ("continuous", "neighbours"),
        ("continuous", "perceptron"),
        ("binary", "belief_net"),
        ("survival", "survival_forest"),
        ("survival", "survival_boosting"),
    ],
)
def test_learners_of_every_family(made, tmp_path, kind, learner):
    options = {"trees": 10} if learner in ("random_forest", "survival_forest") else {}
    study = made(kind, learner={"name": learner, "options": options}, **SHORT)
    model = reread(study, tmp_path)
    assert scores(predict(model, study.frame)) == pytest.approx(study.expected(), abs=1e-12)
    keeps = learner in ("neighbours", "svm")
    assert model.facts["learner"]["keeps_training_values"] is keeps


SHORT = {"validation": {"folds": 2, "repeats": 1, "inner_folds": 2}}


def test_a_model_without_a_selector_needs_every_feature_that_varies(made, tmp_path):
    study = made(select=[])
    model = reread(study, tmp_path)
    assert model.features == tuple(f"f{k}" for k in range(8))
    assert scores(predict(model, study.frame)) == pytest.approx(study.expected(), abs=1e-12)


def test_gaps_become_the_training_medians(made, tmp_path, others):
    frame, outcomes = others(n=90)
    for row in range(0, 90, 2):
        frame.loc[row, f"f{row % 3}"] = np.nan
    study = made(frames=(frame, outcomes))
    found = predict(reread(study, tmp_path), frame)
    assert scores(found) == pytest.approx(study.expected(), abs=1e-12)
    assert found.counts()["in_scope"] == 90
    assert sum(row.missing for row in found.rows) > 0


def test_the_bytes_do_not_depend_on_the_number_of_processes(made, tmp_path):
    for workers in (1, 2):
        write_model(made(workers=workers).model, tmp_path / f"{workers}.radiome")
    assert (tmp_path / "1.radiome").read_bytes() == (tmp_path / "2.radiome").read_bytes()


def test_a_row_is_predicted_alike_alone_and_among_others(binary, others):
    frame, _ = others()
    together = scores(predict(binary.model, frame))
    alone = [scores(predict(binary.model, frame.iloc[[row]])) for row in range(len(frame))]
    assert np.array(alone) == pytest.approx(together, abs=1e-14)


def test_cells_of_text_are_read_as_the_numbers_that_they_are(binary, others):
    frame, _ = others()
    assert scores(predict(binary.model, frame.astype(str))) == pytest.approx(
        scores(predict(binary.model, frame)), abs=0
    )
