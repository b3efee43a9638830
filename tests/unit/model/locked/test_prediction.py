"""The status of every row, with its reasons; one bad row stops no other."""

import numpy as np
import pytest

from radiome.base.errors import UserError
from radiome.model.locked.prediction import predict
from radiome.model.locked.source import FeatureSource

TRAINED = FeatureSource("aaa", (), ("CT",))


@pytest.fixture
def new(others):
    frame, _ = others()
    return frame


@pytest.fixture
def first(binary):
    return binary.model.features[0]


def middle(study):
    """A row in the middle of every training range."""
    scope = study.model.scope
    row = dict(zip(study.model.features, (scope.low + scope.high) / 2, strict=True))
    return study.frame.head(1).assign(**row)


def one(model, frame, **options):
    return predict(model, frame, **options).rows[0]


def test_a_row_like_the_training_rows_is_in_scope_without_a_reason(binary):
    row = one(binary.model, middle(binary))
    assert (row.status, row.reasons, row.outside, row.excess) == ("in_scope", (), 0, 0.0)


@pytest.mark.parametrize(
    ("share", "tolerance", "status"),
    [
        (0.0, 0.1, "in_scope"),
        (0.09, 0.1, "in_scope"),
        (0.11, 0.1, "out_of_scope"),
        (0.01, 0.0, "out_of_scope"),
        (3.0, 5.0, "in_scope"),
    ],
)
@pytest.mark.parametrize("side", [-1, 1])
def test_the_share_of_the_range_decides(binary, first, share, tolerance, status, side):
    low, high = binary.model.scope.low[0], binary.model.scope.high[0]
    value = high + share * (high - low) if side > 0 else low - share * (high - low)
    row = one(binary.model, middle(binary).assign(**{first: value}), tolerance=tolerance)
    assert row.status == status
    assert row.excess == pytest.approx(share, abs=1e-12)
    assert row.outside == (share > 0)
    if share:
        assert row.worst == first
        assert any(first in reason for reason in row.reasons)


def test_the_number_outside_and_the_worst_are_told(binary):
    first, second, _ = binary.model.features
    frame = middle(binary).assign(**{first: 1e3, second: 1e5})
    row = one(binary.model, frame)
    assert (row.outside, row.worst) == (2, second)
    assert any(reason.startswith("2 of 3 features outside") for reason in row.reasons)


@pytest.mark.parametrize("cell", ["abc", "1,5", "inf", "-inf", "1e999", "12 mm"])
def test_a_cell_that_is_no_number_refuses_its_row_alone(binary, new, first, cell):
    clean = predict(binary.model, new)
    text = new.astype({first: object})
    text.loc[2, first] = cell
    found = predict(binary.model, text)
    assert found.rows[2].status == "refused"
    assert found.rows[2].scores == ()
    assert first in found.rows[2].reasons[0]
    assert cell in found.rows[2].reasons[0]
    assert found.rows[:2] + found.rows[3:] == clean.rows[:2] + clean.rows[3:]


def test_an_infinite_number_is_refused(binary, new, first):
    new.loc[0, first] = np.inf
    assert one(binary.model, new).status == "refused"


@pytest.mark.parametrize("cell", ["", "NA", "nan", None])
def test_more_gaps_than_in_training_is_out_of_scope(binary, first, cell):
    frame = middle(binary).astype({first: object})
    frame[first] = [cell]
    row = one(binary.model, frame)
    assert (row.status, row.missing) == ("out_of_scope", 1)
    assert any("more gaps" in reason for reason in row.reasons)
    assert any("medians" in reason for reason in row.reasons)


def test_a_row_without_any_value_is_refused(binary):
    row = one(binary.model, middle(binary).assign(**dict.fromkeys(binary.model.features, np.nan)))
    assert (row.status, row.scores) == ("refused", ())


def test_a_plan_that_refuses_gaps_refuses_them_here_too(made, new):
    study = made(preparation={"missing": "refuse"})
    new.loc[0, study.model.features[1]] = np.nan
    found = predict(study.model, new)
    assert found.rows[0].status == "refused"
    assert study.model.features[1] in found.rows[0].reasons[0]
    assert found.rows[1].scores


def test_every_missing_column_is_told_with_the_nearest(binary, new, first):
    renamed = new.rename(columns={first: f"{first}x"}).drop(columns=binary.model.features[1])
    with pytest.raises(UserError, match="lacks 2 of the columns") as caught:
        predict(binary.model, renamed)
    assert f"'{first}x' for '{first}'" in caught.value.message
    assert binary.model.features[1] in (caught.value.got or "")


def test_no_row_at_all_is_refused(binary, new):
    with pytest.raises(UserError, match="no row"):
        predict(binary.model, new.head(0))


@pytest.mark.parametrize("tolerance", [-0.1, np.nan, np.inf])
def test_a_tolerance_that_is_none_is_refused(binary, new, tolerance):
    with pytest.raises(UserError, match="tolerance"):
        predict(binary.model, new, tolerance=tolerance)


def test_columns_that_the_model_does_not_need_may_be_anything(binary, new):
    spare = next(f"f{k}" for k in range(8) if f"f{k}" not in binary.model.features)
    clean = predict(binary.model, new)
    assert predict(binary.model, new.drop(columns=spare)).rows == clean.rows
    assert predict(binary.model, new.assign(**{spare: "text"})).rows == clean.rows


def test_acquisition_unlike_the_training_rows_is_out_of_scope(binary):
    frame = middle(binary)
    assert one(binary.model, frame.assign(scanner="three")).status == "out_of_scope"
    assert one(binary.model, frame.assign(thickness=3.1)).status == "in_scope"
    row = one(binary.model, frame.assign(thickness=8))
    assert row.status == "out_of_scope"
    assert "thickness 8 is outside the training range 1 to 3" in row.reasons
    assert one(binary.model, frame.assign(thickness="")).status == "in_scope"


def test_columns_of_acquisition_that_are_not_there_are_told(binary):
    found = predict(binary.model, middle(binary).drop(columns="thickness"))
    assert "acquisition not compared, for lack of columns: thickness" in found.notes


@pytest.mark.parametrize(("unseen", "status"), [("error", "refused"), ("identity", "out_of_scope")])
def test_an_unknown_batch(made, new, unseen, status):
    study = made(harmonise={"batch": "scanner", "unseen": unseen})
    new.loc[0, "scanner"] = "three"
    found = predict(study.model, new)
    assert found.rows[0].status == status
    assert any("'three' is unknown to ComBat" in reason for reason in found.rows[0].reasons)
    assert found.rows[1].scores


def test_a_row_without_batch_or_covariate_is_refused(made, new):
    study = made(harmonise={"batch": "scanner", "covariates": ["age"]})
    text = new.astype({"age": object})
    text.loc[0, "scanner"] = ""
    text.loc[1, "age"] = np.nan
    text.loc[2, "age"] = "old"
    found = predict(study.model, text)
    assert [row.status for row in found.rows[:3]] == ["refused"] * 3
    assert found.rows[3].scores
    with pytest.raises(UserError, match="lacks 1 of the columns"):
        predict(study.model, text.drop(columns="age"))


def test_other_settings_are_refused_unless_allowed(made, new):
    model = made(source=TRAINED).model
    with pytest.raises(UserError, match="other settings"):
        predict(model, new, source=FeatureSource("bbb"))
    allowed = predict(model, new, source=FeatureSource("bbb"), allow_other_settings=True)
    assert allowed.counts()["in_scope"] == 0
    assert allowed.counts()["out_of_scope"] == len(new)
    same = predict(model, new, source=FeatureSource("aaa"))
    assert not any("settings" in note for note in same.notes)
    unknown = predict(model, new)
    assert any("settings of the extraction not compared" in note for note in unknown.notes)


def test_another_modality_is_refused(made, new):
    model = made(source=TRAINED).model
    found = predict(model, new.assign(modality=["MR", "CT", "", *["CT"] * 77]))
    assert found.rows[0].status == "refused"
    assert found.rows[0].reasons == ("modality MR, trained on CT",)
    assert all(row.scores for row in found.rows[1:])


def test_a_case_that_was_not_measured_is_refused_with_its_reason(binary, new):
    run = new.assign(status="ok", reason="")
    run.loc[0, ["status", "reason"]] = ["failed", "the mask is empty"]
    run.loc[0, list(binary.model.features)] = np.nan
    found = predict(binary.model, run)
    assert found.rows[0].reasons == ("not measured: the mask is empty",)
    assert found.rows[1].scores


def test_training_rows_are_recognised_without_their_names(binary, new):
    mixed = new.copy()
    mixed.loc[4] = binary.frame.loc[11]
    mixed["patient"] = [f"new {k}" for k in range(len(mixed))]
    found = predict(binary.model, mixed)
    assert [n for n, row in enumerate(found.rows) if row.training_row] == [4]
    assert any("1 row has the very values" in note for note in found.notes)


def test_training_rows_are_recognised_in_a_table_of_fifteen_digits(binary):
    needed = list(binary.model.features)
    rounded = binary.frame.assign(**{f: binary.frame[f].map("{:.14e}".format) for f in needed})
    assert all(row.training_row for row in predict(binary.model, rounded).rows)
    moved = binary.frame.assign(**{f: binary.frame[f] + 1e-5 for f in needed})
    assert not any(row.training_row for row in predict(binary.model, moved).rows)
