"""Maps of features on their cards, by code and within the room for them."""

import json
import re
import shutil

import pytest

from radiome.report.build import build_report
from radiome.report.feature_maps import map_values, without_names
from radiome.report.reading import read_rows
from radiome.report.record import read_record
from radiome.report.trust_rows import trust_rows


@pytest.fixture(scope="module")
def copied(run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("maps") / "run"
    return shutil.copytree(run, folder, ignore=shutil.ignore_patterns("work", "cases", "models"))


def values(folder, **options):
    record = read_record(folder)
    (analysis,) = record.analyses
    return map_values(record, analysis, trust_rows(record, analysis), **options)


def cards_of(page):
    text = page.partition('<script type="application/json" id="data">')[2].partition("</script>")[0]
    return json.loads(text)


def test_the_card_has_the_maps_of_the_cases_that_it_shows(copied):
    told = json.loads((copied / "analyses/main/maps.json").read_text())
    data = cards_of(build_report(copied).read_text(encoding="utf-8"))
    cards = data["cards"]["cards-0"]
    assert data["colours"] == told["colours"]
    drawn = {tag for tag, card in cards.items() if "pictures" in card["map"]}
    assert drawn == set(told["features"])
    assert drawn
    for tag in drawn:
        card = cards[tag]
        assert set(card["map"]["pictures"]) == {code for code, _ in card["extremes"]}
        pictures = [each["picture"] for each in told["features"][tag]]
        assert list(card["map"]["pictures"].values()) == pictures
        assert card["map"]["low"]
    for tag, reason in told["reasons"].items():
        assert cards[tag]["map"] == {"reason": reason}
    assert any(not card["map"] for card in cards.values())


def test_no_name_of_a_case_or_patient_is_in_the_page(copied, tmp_path):
    """Reasons come from readers, which name what they could not use."""
    folder = shutil.copytree(copied, tmp_path / "run")
    path = folder / "analyses/main/maps.json"
    told = json.loads(path.read_text())
    tag = next(iter(told["features"]))
    del told["features"][tag]
    told["reasons"][tag] = "case_02 of P02 cannot be read, nor case_03.nii.gz"
    path.write_text(json.dumps(told))
    page = build_report(folder).read_text(encoding="utf-8")
    assert "case-002 of case-002 cannot be read, nor case-003.nii.gz" in page
    rows = read_rows(folder / "cohort.csv")
    assert len(rows) == 25
    # A picture in base64 may hold the letters of a patient by chance, so not those.
    plain = re.sub(r"[A-Za-z0-9+/]{300,}=*", "", page)
    for row in rows:
        assert row["case"] not in page
        assert not re.search(rf"(?<!\w){re.escape(row['patient'])}(?!\w)", plain)


def test_a_case_that_the_cohort_does_not_know_is_left_out(copied, tmp_path):
    folder = shutil.copytree(copied, tmp_path / "run")
    path = folder / "analyses/main/maps.json"
    told = json.loads(path.read_text())
    tag, pair = next(iter(told["features"].items()))
    pair[0]["case"] = "Somebody"
    path.write_text(json.dumps(told))
    assert len(values(folder)[tag]["pictures"]) == 1
    assert "Somebody" not in build_report(folder).read_text(encoding="utf-8")


def test_names_are_whole_words(copied):
    record = read_record(copied)
    (analysis,) = record.analyses
    assert without_names(record, analysis, "P02, not P021 or XP02") == "case-002, not P021 or XP02"


def test_maps_beyond_the_room_have_a_reason(copied):
    every = values(copied)
    sizes = [
        sum(len(picture) for picture in told["pictures"].values())
        for told in every.values()
        if "pictures" in told
    ]
    kept = values(copied, room=sizes[0])
    drawn = [tag for tag, told in kept.items() if "pictures" in told]
    assert len(drawn) == 1
    assert sum("no room" in told.get("reason", "") for told in kept.values()) == len(sizes) - 1


def test_a_run_without_maps_has_cards_all_the_same(copied, tmp_path):
    folder = shutil.copytree(copied, tmp_path / "run")
    (folder / "analyses/main/maps.json").unlink()
    data = cards_of(build_report(folder).read_text(encoding="utf-8"))
    assert "colours" not in data
    assert all(card["map"] == {} for card in data["cards"]["cards-0"].values())
