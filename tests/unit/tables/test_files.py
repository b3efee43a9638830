from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.impute import SimpleImputer

from radiome.base.errors import UserError
from radiome.tables.atomic import replacing, write_json
from radiome.tables.columns import Column, number_column, text_column, typed_column
from radiome.tables.feature_table import FeatureTable
from radiome.tables.files import read_features, write_csv, write_parquet


def columns() -> list[Column]:
    return [
        text_column("case", ["1", "2", "3"]),
        typed_column("age", ["61", "", "70"]),
        typed_column("year", ["2001", "2002", "2003"]),
        typed_column("weight", ["61", "61.50", ""]),
        typed_column("id", [str(2**53 + 1), "2", "3"]),
        text_column("status", ["ok", "failed", "ok"]),
        number_column("stat_mean", [0.1 + 0.2, None, float("inf")]),
    ]


def write_both(folder: Path) -> None:
    write_parquet(folder / "features.parquet", columns(), {"features": ["stat_mean"]})
    write_csv(folder / "features.csv", columns())
    (folder / "catalogue.csv").write_text("tag,name\nstat_mean,Mean\n")


@pytest.mark.parametrize("name", ["features.parquet", "features.csv", ""])
def test_what_was_written_is_read(tmp_path: Path, name: str) -> None:
    write_both(tmp_path)
    frame = read_features(tmp_path / name)
    assert frame["case"].tolist() == ["1", "2", "3"]
    assert frame["age"].isna().tolist() == [False, True, False]
    assert frame["age"].dtype == "Int64"
    assert frame["age"].tolist()[::2] == [61, 70]
    assert str(frame["age"][0]) == "61"
    assert frame["year"].dtype == "int64"
    assert frame["weight"].dtype == "float64"
    assert frame["weight"].tolist()[:2] == [61.0, 61.5]
    assert frame["id"].dtype == "int64"
    assert frame["id"][0] == 2**53 + 1
    assert frame["stat_mean"].dtype == "float64"
    assert frame["stat_mean"].tolist()[::2] == [0.1 + 0.2, float("inf")]
    assert frame.attrs["radiome"]["features"] == ["stat_mean"]


def test_a_text_file_keeps_what_a_user_wrote(tmp_path: Path) -> None:
    write_csv(tmp_path / "features.csv", columns())
    lines = (tmp_path / "features.csv").read_text().splitlines()
    assert lines == [
        "case,age,year,weight,id,status,stat_mean",
        "1,61,2001,61,9007199254740993,ok,0.30000000000000004",
        "2,,2002,61.50,2,failed,",
        "3,70,2003,,3,ok,inf",
    ]


@pytest.mark.parametrize("name", ["features.parquet", "features.csv"])
def test_whole_numbers_with_blanks_are_fit_for_analysis(tmp_path: Path, name: str) -> None:
    write_both(tmp_path)
    frame = read_features(tmp_path / name)
    age = frame["age"]
    assert age.mean() == 65.5
    assert age.astype("float64").tolist()[::2] == [61.0, 70.0]
    assert np.isnan(np.asarray(age, dtype=float)).tolist() == [False, True, False]
    assert frame[age > 65]["case"].tolist() == ["3"]
    assert SimpleImputer().fit_transform(frame[["age", "year"]])[1].tolist() == [65.5, 2002.0]


def test_feature_table_tells_columns_apart(tmp_path: Path) -> None:
    write_both(tmp_path)
    table = FeatureTable.read(tmp_path)
    assert table.identifiers == ("case", "age", "year", "weight", "id", "status")
    assert table.values().index.tolist() == ["1", "2", "3"]
    assert len(table.measured()) == 2
    assert table.measured().values()["stat_mean"].notna().all()
    with pytest.raises(ValueError, match="not in the table"):
        FeatureTable(table.frame, ("stat_medium",))


def test_equal_tables_have_equal_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_parquet(tmp_path / name, columns(), {"features": ["stat_mean"]})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_the_run_of_a_study_is_told_where_its_table_is(tmp_path: Path) -> None:
    (tmp_path / "extraction").mkdir()
    write_parquet(tmp_path / "extraction" / "features.parquet", columns(), {"features": []})
    with pytest.raises(UserError) as caught:
        read_features(tmp_path)
    assert str(tmp_path / "extraction") in str(caught.value.do)


def test_unreadable_tables_say_why(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no feature table here"):
        read_features(tmp_path)
    pd.DataFrame({"x": [1]}).to_parquet(tmp_path / "other.parquet")
    with pytest.raises(UserError, match="not a radiome feature table"):
        read_features(tmp_path / "other.parquet")
    write_csv(tmp_path / "features.csv", columns())
    with pytest.raises(UserError, match="which columns"):
        read_features(tmp_path / "features.csv")


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    write_json(path, {"a": 1})

    def fail_halfway() -> None:
        with replacing(path) as temporary:
            temporary.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail_halfway()
    assert json.loads(path.read_text()) == {"a": 1}
    assert [entry.name for entry in tmp_path.iterdir()] == ["file.json"]
