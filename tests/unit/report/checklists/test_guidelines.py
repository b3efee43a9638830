"""The lists themselves: numbers, weights and scales as published."""

import re
from collections import defaultdict
from dataclasses import replace

import pytest

from radiome.model.gates import Status
from radiome.report.checklists import GUIDELINES, Record, checklists_as_rows, fill
from radiome.report.checklists.answers import Mode
from radiome.report.checklists.metrics import band
from unit.report.checklists.full_record import full_record

ITEMS = {each.key: each.items for each in GUIDELINES}


def filled(record, key):
    return next(each for each in fill(record) if each.key == key)


def numbers(key):
    return [item.number for item in ITEMS[key]]


def main_numbers(key):
    return list(dict.fromkeys(int(re.match(r"\d+", number)[0]) for number in numbers(key)))


@pytest.mark.parametrize(
    ("key", "mains", "all_items"),
    [("clear", 58, 58), ("metrics", 30, 30), ("rqs", 16, 22), ("tripod_ai", 27, 52),
     ("ibsi", 76, 104)],
)  # fmt: skip
def test_every_number_is_there_once_and_in_order(key, mains, all_items):
    assert main_numbers(key) == list(range(1, mains + 1))
    assert len(set(numbers(key))) == len(numbers(key)) == all_items


def test_sub_items_are_those_of_the_source():
    letters = {"tripod_ai": {}, "ibsi": {}}
    for key, found in letters.items():
        for number in numbers(key):
            main, letter = re.fullmatch(r"(\d+)([a-z]?)", number).groups()
            if letter:
                found[int(main)] = found.get(int(main), "") + letter
    assert letters["tripod_ai"] == {
        3: "abc", 5: "ab", 6: "abc", 8: "abc", 9: "abc", 12: "abcdefg", 18: "abcdef",
        20: "abc", 23: "ab", 27: "abc",
    }  # fmt: skip
    assert letters["ibsi"] == {
        2: "abc", 3: "abcde", 4: "abcde", 9: "abc", 18: "abc", 31: "abc", 32: "abc", 34: "ab",
        35: "ab", 48: "abcd", 50: "abcd", 56: "abc",
    }  # fmt: skip


def test_two_items_of_clear_are_not_essential():
    assert [i.number for i in ITEMS["clear"] if "[n/e]" in i.text] == ["53", "58"]


def test_metrics_weights_and_their_sums():
    sums = defaultdict(float)
    for item in ITEMS["metrics"]:
        sums[item.section] += item.points[1]
    assert sum(sums.values()) == pytest.approx(1, abs=1e-12)
    assert [round(value, 4) for value in sums.values()] == [
        0.2022, 0.1460, 0.0674, 0.1348, 0.0900, 0.0899, 0.1348, 0.1124, 0.0225,
    ]  # fmt: skip


def test_metrics_denominator_of_hand_crafted_features_and_manual_segmentation():
    assert filled(full_record(), "metrics").score.whole == pytest.approx(0.9575, abs=1e-12)
    automatic = filled(full_record(segmentation="automatic"), "metrics")
    assert automatic.score.whole == pytest.approx(0.98, abs=1e-12)


def test_metrics_score_by_hand():
    score = filled(full_record(), "metrics").score
    open_items = {"1", "2", "3", "5", "7", "8", "10", "28", "29", "30"}
    missing = sum(i.points[1] for i in ITEMS["metrics"] if i.number in open_items)
    assert score.verified == pytest.approx(100 * (0.9575 - missing) / 0.9575)
    assert score.attainable == pytest.approx(100)
    # The record knows that there is no second site: that is lost to both totals.
    less = filled(full_record(sites=1), "metrics").score
    assert score.verified - less.verified == pytest.approx(100 * 0.0438 / 0.9575)
    assert score.attainable - less.attainable == pytest.approx(100 * 0.0438 / 0.9575)


@pytest.mark.parametrize(
    ("percent", "name"),
    [(0, "very low"), (19.9, "very low"), (20, "low"), (40, "moderate"), (60, "good"),
     (79.9, "good"), (80, "excellent"), (100, "excellent")],
)  # fmt: skip
def test_metrics_bands(percent, name):
    assert band(percent) == name


def test_rqs_scale():
    low = sum(item.points[0] for item in ITEMS["rqs"])
    assert (low, sum(item.points[1] for item in ITEMS["rqs"])) == (-8, 36)
    empty = filled(Record(), "rqs").score
    assert (empty.verified, empty.attainable) == (-8, 36)


@pytest.mark.parametrize(("sites", "points"), [(0, -5), (1, 3), (2, 4), (3, 5), (7, 5)])
def test_rqs_grades_of_validation(sites, points):
    (answer,) = [
        each
        for each in filled(full_record(external_sites=sites), "rqs").answers
        if each.item.number == "12"
    ]
    assert (answer.verified, answer.attainable) == (points, points)


def test_rqs_by_hand():
    # 1a 5 6 8 9a 9b 10a 10b 12 14: what the record can show.
    score = filled(full_record(), "rqs").score
    assert score.verified == 1 + 3 + 1 + 1 + 2 + 2 + 5 + 2
    assert score.attainable == 36


def test_a_record_of_nothing_passes_nothing():
    for checklist in fill(Record()):
        assert checklist.count(Status.UNKNOWN) == len(checklist.answers)


def test_what_the_author_must_say_never_passes_by_itself():
    for modality in ("CT", "MR", "PT"):
        for checklist in fill(full_record(modality)):
            for each in checklist.answers:
                if each.item.mode is not Mode.AUTO:
                    assert each.answer.status is not Status.PASS


def test_manual_items_have_no_judge_and_others_have_one():
    for items in ITEMS.values():
        for item in items:
            assert (item.judge is None) == (item.mode is Mode.MANUAL)


def test_whatever_is_done_or_not_done_says_where_it_is_seen():
    for record in (full_record(), full_record("PT", repeatable=0, sites=1, models=0)):
        for row in checklists_as_rows(fill(record)):
            if row["status"] in ("PASS", "FAIL"):
                assert row["evidence"], row
                assert row["where"], row


def test_rows():
    rows = checklists_as_rows(fill(full_record()))
    assert len(rows) == 58 + 30 + 22 + 52 + 104
    (row,) = [each for each in rows if (each["checklist"], each["item"]) == ("metrics", "4")]
    assert row["answer"] == "done"
    assert (row["mode"], row["verified"], row["attainable"]) == ("auto", 0.0438, 0.0438)
    assert row["evidence"] == "2 sites in 'hospital'"
    assert row["where"] == "analyses/main/model/results.json: plan.columns.site"
    assert {each["verified"] for each in rows if each["checklist"] == "clear"} == {None}
    assert {each["answer"] for each in rows} == {
        "done", "for the author", "not applicable",
    }  # fmt: skip
    missing = checklists_as_rows(fill(replace(full_record(), sites=1)))
    assert "not done" in {each["answer"] for each in missing}
