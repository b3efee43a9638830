"""Tables as spreadsheets and statistics packages leave them."""

import gzip

import pandas as pd
import pytest

from radiome.base.errors import UserError
from radiome.model.text_table import read_table

PLAIN = "patient,a,b\nP01,1.5,x\nP02,2.5,y\n"
SEMICOLON = PLAIN.replace(",", ";")


@pytest.mark.parametrize(
    "data",
    [
        PLAIN.encode(),
        b"\xef\xbb\xbf" + PLAIN.encode(),
        PLAIN.encode("utf-16"),
        gzip.compress(PLAIN.encode(), mtime=0),
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace("\n", "\r").encode(),
        SEMICOLON.encode(),
        PLAIN.replace(",", "\t").encode(),
        f"sep=;\r\n{SEMICOLON}".encode(),
        PLAIN.replace("P01,", '"P01", ').encode(),
        b"\n\n" + PLAIN.encode() + b",,\n",
        PLAIN.replace("\n", ",,\n").encode(),
        PLAIN.replace("1.5,x", "1.5,x,,").encode(),
    ],
)
def test_what_spreadsheets_write_is_the_same_table(tmp_path, data):
    path = tmp_path / "table.csv"
    path.write_bytes(data)
    found = read_table(path)
    assert found.to_dict("list") == {
        "patient": ["P01", "P02"],
        "a": ["1.5", "2.5"],
        "b": ["x", "y"],
    }


def test_headings_alone_decide_the_delimiter(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("patient\nP01\n")
    assert read_table(path).to_dict("list") == {"patient": ["P01"]}
    path.write_text('"a,b,c";d\n"1,5";2\n')
    assert read_table(path).columns.tolist() == ["a,b,c", "d"]


def test_cells_stay_text(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("patient,a\n007,NA\n")
    assert read_table(path).to_dict("list") == {"patient": ["007"], "a": ["NA"]}


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "the file is empty"),
        (b"\n \n", "the file is empty"),
        (b"patient,a\n", "no row below them"),
        (b"PK\x03\x04" + bytes(50), "workbook"),
        ("patient,größe\nP,1\n".encode("latin1"), "save it as CSV UTF-8"),
        (b"patient,a\nP\x00,1\n", "zero byte"),
        (b'patient,a\n"P,1\nQ,2\n', "not closed"),
        (b"patient,a\nP,1\nQ\n", "line 3"),
        (b"patient,a\nP,1,9\n", "3 cells"),
        (b"patient,a,a\nP,1,2\n", "column twice"),
        (gzip.compress(PLAIN.encode(), mtime=0)[:-9], "compressed"),
    ],
)
def test_what_is_no_table_is_refused_with_what_to_do(tmp_path, data, told):
    path = tmp_path / "table.csv"
    path.write_bytes(data)
    with pytest.raises(UserError) as caught:
        read_table(path, what="feature table")
    assert told in caught.value.message
    assert str(path) in caught.value.message
    assert caught.value.do


def test_a_column_without_a_heading_is_called_by_its_place(tmp_path):
    path = tmp_path / "table.csv"
    pd.DataFrame({"patient": ["P", "Q"], "a": [1, 2]}).to_csv(path)
    assert read_table(path).columns.tolist() == ["Unnamed: 0", "patient", "a"]


def test_a_table_that_is_not_there_is_said_with_what_to_do(tmp_path):
    (tmp_path / "outcomes.csv").write_text(PLAIN)
    (tmp_path / "notes.txt").write_text(PLAIN)
    (tmp_path / "empty").mkdir()
    for wrong, got, do in (
        (tmp_path / "outcome.csv", "no such file", f"'{tmp_path / 'outcomes.csv'}'"),
        (tmp_path, "a folder", f"'{tmp_path / 'outcomes.csv'}'"),
        (tmp_path / "empty", "a folder", "check the name"),
        (tmp_path / "empty" / "outcome.csv", "no such file", "check the name"),
        (tmp_path / "none" / "outcomes.csv", "no folder", "check the name"),
    ):
        with pytest.raises(UserError, match="there is no outcome table here") as caught:
            read_table(wrong)
        assert got in caught.value.got
        assert do in caught.value.do
