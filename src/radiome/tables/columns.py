"""Columns of a table: cells arrive as text, numbers stay numbers and keep their spelling."""

from __future__ import annotations

import math
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
_LONGEST_INTEGER = len(str(-_LARGEST_INTEGER))


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
    spelling : tuple of str, optional
        The cells as a user wrote them (``61`` in a column of decimals, ``0.50``), for
        text files; by default the shortest text that reads back to the same value.
    """

    name: str
    kind: Kind
    cells: tuple[Cell, ...]
    spelling: tuple[str, ...] | None = None

    def texts(self) -> tuple[str, ...]:
        """The cells as text; empty where there is nothing."""
        return self.spelling or tuple(cell_as_text(cell) for cell in self.cells)


def text_column(name: str, texts: Sequence[str | None]) -> Column:
    """Make a column that stays text; blank cells become None."""
    return Column(name, "text", tuple(text or None for text in texts))


def number_column(name: str, numbers: Sequence[float | None]) -> Column:
    """Make a column of floats."""
    return Column(name, "number", tuple(numbers))


def typed_column(name: str, texts: Sequence[str]) -> Column:
    """Type a column by its cells: all integers, all numbers, or text.

    A number is written plainly (``12``, ``-0.5``, ``1e-3``). One cell that is
    anything else, such as the identifier ``007``, keeps the whole column as text, and
    so does one that its type cannot hold: an integer beyond 64 bits or, among decimals,
    beyond the 53 bits of a float. Blank cells become None and do not decide the kind;
    an all-blank column is text. Each cell keeps its spelling.
    """
    filled = [text for text in texts if text]
    if filled and all(_is_integer(text) for text in filled):
        whole = tuple(int(text) if text else None for text in texts)
        return Column(name, "integer", whole, tuple(texts))
    if filled and all(_is_float(text) for text in filled):
        numbers = tuple(float(text) if text else None for text in texts)
        return Column(name, "number", numbers, tuple(texts))
    return text_column(name, texts)


def _is_integer(text: str) -> bool:
    if not _INTEGER.fullmatch(text) or len(text) > _LONGEST_INTEGER:
        return False
    return abs(int(text)) <= _LARGEST_INTEGER


def _is_float(text: str) -> bool:
    """Whether a float holds what is written, but for the rounding of decimals."""
    if _INTEGER.fullmatch(text):
        return _is_integer(text) and float(text) == int(text)
    return _NUMBER.fullmatch(text) is not None and math.isfinite(float(text))


def cell_as_text(cell: Cell) -> str:
    """Write a cell for CSV so that reading it back gives the same number."""
    if cell is None:
        return ""
    return repr(cell) if isinstance(cell, float) else str(cell)
