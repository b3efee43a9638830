"""What a run folder tells of its settings and modalities."""

import json

import pytest

from radiome.model.locked.source import FeatureSource, describe_source
from radiome.tables.columns import number_column, text_column
from radiome.tables.files import write_csv, write_parquet


def run_folder(folder, *, settings="run", cases=("one", "one"), parquet=True):
    columns = [
        text_column("case", ["a", "b"]),
        text_column("modality", ["CT", None]),
        number_column("f0", [1.0, 2.0]),
    ]
    if parquet:
        metadata = {"settings": settings, "features": ["f0"]}
        write_parquet(folder / "features.parquet", columns, metadata)
    else:
        write_csv(folder / "features.csv", columns)
    told = [{"case": c, "status": "ok", "settings": s} for c, s in zip("ab", cases, strict=True)]
    record = {"settings_fingerprint": settings, "cases": told}
    (folder / "run.json").write_text(json.dumps(record))
    return folder


@pytest.mark.parametrize("parquet", [True, False])
def test_a_run_folder_tells_settings_and_modalities(tmp_path, parquet):
    folder = run_folder(tmp_path, cases=("two", "one"), parquet=parquet)
    expected = FeatureSource("run", ("one", "two"), ("CT",))
    assert describe_source(folder) == expected
    table = folder / ("features.parquet" if parquet else "features.csv")
    assert describe_source(table) == expected


def test_a_parquet_file_alone_tells_the_settings_of_the_run(tmp_path):
    run_folder(tmp_path)
    (tmp_path / "run.json").unlink()
    assert describe_source(tmp_path / "features.parquet") == FeatureSource("run", (), ("CT",))


def test_a_table_of_another_name_is_not_of_the_run_beside_it(tmp_path):
    run_folder(tmp_path)
    write_csv(tmp_path / "other.csv", [text_column("case", ["a"]), number_column("f0", [1.0])])
    assert describe_source(tmp_path / "other.csv") == FeatureSource()


def test_nothing_tells_nothing(tmp_path):
    assert describe_source(None) == FeatureSource()
    assert describe_source(tmp_path / "absent") == FeatureSource()


def test_settings_of_cases_count_before_those_of_the_run():
    trained = FeatureSource("x", ("a", "b"))
    assert trained.difference(FeatureSource("y", ("a",))) is None
    assert trained.difference(FeatureSource("x", ("a", "c"))) == "c"
    assert trained.difference(FeatureSource("y")) == "y"
    assert trained.difference(FeatureSource("x")) is None
    assert trained.difference(FeatureSource()) is None
    assert not trained.comparable(FeatureSource())
