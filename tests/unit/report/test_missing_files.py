"""A run from which files are gone, or in which they are not what they were."""

import json
import shutil

import pytest

from radiome.base.errors import UserError
from radiome.report.build import build_report
from radiome.report.record import read_record

_LEFT_OUT = ("work", "cases", "models", "report", "report.html")


@pytest.fixture
def copied(run, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(run, folder, ignore=shutil.ignore_patterns(*_LEFT_OUT))
    return folder


def test_the_report_is_the_same_elsewhere_and_without_images(run, copied, tmp_path):
    first = build_report(copied).read_bytes()
    moved = tmp_path / "elsewhere/other name"
    moved.parent.mkdir()
    shutil.move(copied, moved)
    (moved / "pictures.json").unlink()
    assert b"<img" in first
    page = build_report(moved).read_text(encoding="utf-8")
    assert '<ul class="montage">' not in page
    shutil.copyfile(run / "pictures.json", moved / "pictures.json")
    assert build_report(moved).read_bytes() == first


@pytest.mark.parametrize(
    "name",
    [
        "cohort.csv",
        "extraction/run.json",
        "analyses/main/clusters.csv",
        "analyses/main/features.parquet",
        "analyses/main/model/results.json",
        "analyses/main/model/predictions.csv",
        "analyses/main/model/plots/coarse texture-roc.csv",
    ],
)
def test_what_rests_on_a_file_that_is_gone_is_left_out(copied, name):
    path = copied / name
    if not path.is_file():
        [path] = [p for p in path.parent.iterdir() if p.name.endswith("roc.csv")]
    path.unlink()
    record = read_record(copied)
    page = build_report(copied).read_text(encoding="utf-8")
    assert "<h2" in page
    assert len(record.analyses) == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("study.json", "[]"),
        ("pictures.json", "[]"),
        ("lock.json", "[1]"),
        ("deviations.json", "{}"),
        ("extraction/run.json", "[]"),
        ("extraction/run.json", '{"half": '),
        ("extraction/catalogue.csv", "a,b\n1,2\n"),
        ("cohort.csv", "a,b\n1,2\n"),
        ("analyses/main/trust.csv", "a,b\n1,2\n"),
        ("analyses/main/clusters.csv", "a,b\n1,2\n"),
        ("analyses/main/maps.json", "[]"),
        ("analyses/main/atlas.svg", ""),
        ("analyses/main/model/results.json", "[]"),
        ("analyses/main/model/results.json", '{"plan": {}, "outcomes": []}'),
        ("analyses/main/model/predictions.csv", "a,b\n1,2\n"),
    ],
)
def test_a_file_that_is_something_else_is_refused_by_name(copied, name, text):
    (copied / name).write_text(text)
    with pytest.raises(UserError) as told:
        (build_report if name.endswith(".svg") else read_record)(copied)
    where = str(copied) if name == "study.json" else name
    assert where in str(told.value)


def test_results_that_lack_a_part_are_refused(copied):
    path = copied / "analyses/main/model/results.json"
    told = json.loads(path.read_text())
    del told["outcomes"][0]["gates"]
    path.write_text(json.dumps(told))
    with pytest.raises(UserError, match="no gates of an outcome"):
        read_record(copied)


def test_names_stay_out_where_the_key_is_gone(copied):
    (copied / "cohort.csv").unlink()
    build_report(copied)
    names = {row["patient"] for row in read_record(copied).analyses[0].predictions}
    assert len(names) == 24
    for path in (copied / "report/data").iterdir():
        text = path.read_text(encoding="utf-8")
        assert not any(f"{name}," in text for name in names), path.name
    told = (copied / "report/data/main-coarse_texture-predicted-patients.csv").read_text()
    assert "patient 1," in told
