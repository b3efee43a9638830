"""Outcomes: kinds, reference standards, and cells that will not do."""

import numpy as np
import pandas as pd
import pytest

from radiome.base.errors import SettingsError, UserError
from radiome.base.options import parse_options
from radiome.model.outcome_reading import make_outcome
from radiome.model.outcomes import OutcomeOptions


def options(**values):
    return parse_options(OutcomeOptions, values)


def read(frame, **values):
    return make_outcome(pd.DataFrame(frame), options(**values), where="outcomes.csv")


def test_binary_values_become_codes_and_gaps_are_not_negatives():
    found = read(
        {"idh": ["wt", "mutant", "", "NA", "mutant"]}, name="idh", kind="binary", positive="mutant"
    )
    assert found.known.tolist() == [True, True, False, False, True]
    assert found.values[found.known].tolist() == [0, 1, 1]
    assert found.classes == ("not mutant", "mutant")


def test_positive_may_be_a_number_in_yaml_and_a_decimal_in_the_table():
    found = read({"y": ["1.0", "0.0", "1.0"]}, name="y", kind="binary", positive=1)
    assert found.values.tolist() == [1, 0, 1]


def test_binary_with_three_values_asks_for_the_positive_one():
    with pytest.raises(UserError, match="3 values") as caught:
        read({"grade": ["1", "2", "3"]}, name="grade", kind="binary")
    assert "positive" in caught.value.message


def test_ordinal_keeps_the_declared_order():
    found = read(
        {"ihc": ["3+", "0", "1+", "2+"]}, name="ihc", kind="ordinal", order=["0", "1+", "2+", "3+"]
    )
    assert found.values.tolist() == [3, 0, 1, 2]


def test_ordinal_value_outside_the_order_is_named():
    with pytest.raises(UserError, match="order") as caught:
        read({"ihc": ["0", "4+"]}, name="ihc", kind="ordinal", order=["0", "1+"])
    assert "4+" in caught.value.message


def test_numbers_sort_as_numbers_among_the_classes():
    found = read({"c": ["10", "2", "1"]}, name="c", kind="multiclass")
    assert found.classes == ("1", "2", "10")


def test_survival_reads_time_and_event_and_tells_competing_events():
    found = read(
        {"t": ["10", "20", "30", ""], "e": ["1", "0", "2", "1"]},
        name="death",
        kind="survival",
        time="t",
        event="e",
    )
    assert found.values["event"].tolist() == [True, False, False, False]
    assert found.competing.tolist() == [False, False, True, False]
    assert found.known.tolist() == [True, True, True, False]


@pytest.mark.parametrize(
    ("frame", "declared", "message"),
    [
        ({"y": ["1", "1"]}, {"kind": "binary"}, "does not vary"),
        ({"y": ["", "NA"]}, {"kind": "binary"}, "no value at all"),
        ({"y": ["1", "two"]}, {"kind": "continuous"}, "'two' in row 3"),
        ({"y": ["1", "2.5"]}, {"kind": "count"}, "declare it continuous"),
        ({"z": ["1", "2"]}, {"kind": "binary"}, "no column 'y'"),
        (
            {"t": ["0", "2"], "e": ["1", "0"]},
            {"kind": "survival", "time": "t", "event": "e"},
            "must be positive",
        ),
        (
            {"t": ["1", "2"], "e": ["0", "0"]},
            {"kind": "survival", "time": "t", "event": "e"},
            "no patient has the event",
        ),
    ],
)
def test_cells_that_will_not_do_are_refused_with_a_message(frame, declared, message):
    with pytest.raises(UserError) as caught:
        read(frame, name="y", **declared)
    assert message in caught.value.message


def test_unknown_option_names_the_nearest():
    with pytest.raises(SettingsError, match="reference_standart") as caught:
        options(name="y", kind="binary", reference_standart="sequence")
    assert "reference_standard" in caught.value.message


def test_survival_without_columns_says_what_it_needs():
    with pytest.raises(SettingsError, match="survival") as caught:
        options(name="y", kind="survival")
    assert "'time' and 'event'" in caught.value.message


def test_summary_counts_classes_and_missing():
    found = read({"y": ["a", "b", "b", ""]}, name="y", kind="binary", reference_standard="sequence")
    told = found.summary()
    assert told["classes"] == {"a": 1, "b": 2}
    assert told["missing"] == 1
    assert told["reference_standard"] == "sequence"


def test_strata_of_numbers_are_thirds():
    found = read({"y": [str(n) for n in range(9)]}, name="y", kind="continuous")
    assert np.bincount(found.strata()).tolist() == [3, 3, 3]


def test_an_outcome_of_the_cohort_table_may_be_numbers() -> None:
    frame = pd.DataFrame({"y": [0, 1, 1, None], "z": [1.5, 2.0, float("nan"), 4.0]})
    frame["i"] = pd.Series([0, 1, 1, pd.NA], dtype="Int64")
    for column in ("y", "i"):
        found = make_outcome(
            frame, OutcomeOptions(name=column, kind="binary", positive=1), where="cohort"
        )
        assert found.values[:3].tolist() == [0, 1, 1]
        assert found.known.tolist() == [True, True, True, False]
    found = make_outcome(frame, OutcomeOptions(name="z", kind="continuous"), where="cohort")
    assert found.values[found.known].tolist() == [1.5, 2.0, 4.0]


@pytest.mark.parametrize(
    ("cells", "options", "texts"),
    [
        ({"y": ["no", "yes", ""]}, {"kind": "binary", "positive": "yes"}, ["not yes", "yes", ""]),
        ({"y": ["1.5", "", "2"]}, {"kind": "continuous"}, ["1.5", "", "2.0"]),
        (
            {"t": ["12.5", "3", ""], "e": ["1", "0", "1"]},
            {"kind": "survival", "time": "t", "event": "e"},
            ["12.5 event", "3 censored", ""],
        ),
    ],
)
def test_outcomes_as_a_person_writes_them(cells, options, texts) -> None:
    found = make_outcome(pd.DataFrame(cells), OutcomeOptions(name="y", **options), where="table")
    assert found.texts() == texts
