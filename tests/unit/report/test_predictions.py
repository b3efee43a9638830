"""Predictions of every patient, in the words of its outcome."""

import pytest

from radiome.report.own_plots import risk_plot
from radiome.report.predictions import Prediction, by_patient, observed_decimals
from radiome.report.sections.model import _CONTROL, _digits, _in_words


def _prediction(code, of_class, observed, score):
    return Prediction(code, of_class, observed, score, score, score, 1)


def test_a_patient_with_several_classes_has_one_row():
    rows = [
        _prediction("case-1", "a", "b", 0.2),
        _prediction("case-1", "b", "b", 0.5),
        _prediction("case-1", "c", "b", 0.3),
        _prediction("case-2", "a", "a", 0.4),
        _prediction("case-2", "b", "a", 0.4),
        _prediction("case-3", "a", "a", None),
    ]
    found = by_patient(rows, ["a", "b", "c"])
    assert [each.code for each in found] == ["case-2", "case-3", "case-1"]
    assert found[2].scores == [0.2, 0.5, 0.3]
    # Of equal probabilities the first class is called, as everywhere.
    assert [each.called for each in found] == ["a", "", "b"]


@pytest.mark.parametrize(
    ("observed", "words", "sorted_by"),
    [
        ("13.4 event", "event at 13.4", "13.4"),
        ("2.0 censored", "censored at 2", "2.0"),
        ("M1", "M1", "M1"),
        ("3.5", "3.5", "3.5"),
        ("", "", ""),
    ],
)
def test_what_was_observed_is_told_in_words(observed, words, sorted_by):
    row = _prediction("case-1", "", observed, 0.1)
    assert (row.observed_words, row.sorted_by) == (words, sorted_by)


def test_classes_that_say_nothing_are_told_in_words():
    rows = [
        {"code": f"c{n}", "observed": str(n % 2), "score": n / 4, "low": None, "high": None}
        for n in range(4)
    ]
    plot = risk_plot(rows, ["0", "1"])
    assert plot.subtitle == "Mean predicted risk: with the outcome 0.50, without the outcome 0.25"
    told = [row | {"observed": ("not 1", "1")[int(row["observed"])]} for row in rows]
    assert risk_plot(told, ["not 1", "1"]).subtitle == plot.subtitle
    named = [row | {"observed": ("benign", "malignant")[int(row["observed"])]} for row in rows]
    assert risk_plot(named, ["benign", "malignant"]).subtitle == (
        "Mean predicted risk: malignant 0.50, benign 0.25"
    )


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("x, control: shuffled roi 0.87", "x, shuffled voxels of the region 0.87"),
        ("control: shuffled roi 2 0.87", "shuffled voxels of the region, draw 2 0.87"),
        ("control: lesion mirrored 0.87", "control: lesion mirrored 0.87"),
    ],
)
def test_controls_in_titles_are_told_in_words(title, words):
    assert _CONTROL.sub(_in_words, title) == words


def test_numbers_of_a_column_have_the_same_decimals():
    rows = [_prediction("c", "", observed, score) for observed, score in
            (("31.0", 30.2), ("33.8", -48.7), ("", None))]  # fmt: skip
    assert observed_decimals(rows) == 1
    assert _digits("continuous", rows) == 1
    assert _digits("binary", rows) == 2
    assert _digits("continuous", [_prediction("c", "", "", None)]) == 2
    assert observed_decimals([]) == 0
