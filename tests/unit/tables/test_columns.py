from __future__ import annotations

import pytest

from radiome.tables.columns import cell_as_text, number_column, text_column, typed_column


@pytest.mark.parametrize(
    ("texts", "kind", "cells"),
    [
        (["1", "-2", ""], "integer", (1, -2, None)),
        (["1", "2.5", "1e-3"], "number", (1.0, 2.5, 0.001)),
        (["1", ""], "integer", (1, None)),
        (["007", "12"], "text", ("007", "12")),
        (["1", "x"], "text", ("1", "x")),
        (["", ""], "text", (None, None)),
        (["nan"], "text", ("nan",)),
        (["1_000"], "text", ("1_000",)),
        (["1,5"], "text", ("1,5",)),
        ([str(2**63)], "text", (str(2**63),)),
        (["9" * 5000], "text", ("9" * 5000,)),
        ([str(2**53 + 1), "7"], "integer", (2**53 + 1, 7)),
        ([str(2**53 + 1), "7.5"], "text", (str(2**53 + 1), "7.5")),
        ([str(2**53), "7.5"], "number", (2.0**53, 7.5)),
        (["1e400", "7.5"], "text", ("1e400", "7.5")),
        ([], "text", ()),
    ],
)
def test_numbers_stay_numbers_and_identifiers_stay_text(
    texts: list[str], kind: str, cells: tuple[object, ...]
) -> None:
    column = typed_column("x", texts)
    assert (column.kind, column.cells) == (kind, cells)


@pytest.mark.parametrize(
    "texts", [["61", "61.5", ""], ["61", "", "+7"], ["0.50", "1e3", "-0"], ["007", "1", ""]]
)
def test_cells_of_a_user_keep_their_spelling(texts: list[str]) -> None:
    assert list(typed_column("x", texts).texts()) == texts


def test_other_cells_are_spelled_so_that_they_read_back() -> None:
    assert number_column("x", [0.1 + 0.2, None, 61.0]).texts() == (
        "0.30000000000000004",
        "",
        "61.0",
    )


def test_text_columns_stay_text() -> None:
    assert text_column("case", ["1", "", None]).cells == ("1", None, None)


@pytest.mark.parametrize("value", [0.1 + 0.2, 1e-320, 1.7976931348623157e308, -0.0])
def test_floats_read_back_to_the_same_bits(value: float) -> None:
    assert float(cell_as_text(value)).hex() == value.hex()
