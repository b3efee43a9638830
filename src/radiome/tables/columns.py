"""Columns of a table: cells arrive as text, numbers stay numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "integer", "number"]
Cell = str | int | float | None

#: Leading zeros and underscores mark an identifier ("007"), not a number.
_INTEGER = re.compile(r"[+-]?(0|[1-9][0-9]*)")
_NUMBER = re.compile(r"[+-]?(0|[1-9][0-9]*)(\.[0-9]*)?([eE][+-]?[0-9]+)?")
_LARGEST_INTEGER = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Column:
    """One named column of one kind.

    Parameters
    ----------
    name : str
        Heading.
    kind : {"text", "integer", "number"}
        Type of every cell that is not None.
    cells : tuple
        One cell per row; None where there is nothing.
    """

    name: str
    kind: Kind
    cells: tuple[Cell, ...]


def text_column(name: str, texts: Sequence[str | None]) -> Column:
    """Make a column that stays text; blank cells become None."""
    return Column(name, "text", tuple(text or None for text in texts))


def number_column(name: str, numbers: Sequence[float | None]) -> Column:
    """Make a column of floats."""
    return Column(name, "number", tuple(numbers))


def typed_column(name: str, texts: Sequence[str]) -> Column:
    """Type a column by its cells: all integers, all numbers, or text.

    A number is written plainly (``12``, ``-0.5``, ``1e-3``). One cell that is
    anything else, such as the identifier ``007``, keeps the whole column as text.
    Blank cells become None and do not decide the kind; an all-blank column is text.
    """
    filled = [text for text in texts if text]
    if filled and all(_INTEGER.fullmatch(text) for text in filled):
        whole = tuple(int(text) if text else None for text in texts)
        if all(abs(value) <= _LARGEST_INTEGER for value in whole if value is not None):
            return Column(name, "integer", whole)
        return text_column(name, texts)
    if filled and all(_NUMBER.fullmatch(text) for text in filled):
        return number_column(name, [float(text) if text else None for text in texts])
    return text_column(name, texts)


def cell_as_text(cell: Cell) -> str:
    """Write a cell for CSV so that reading it back gives the same number."""
    if cell is None:
        return ""
    return repr(cell) if isinstance(cell, float) else str(cell)
