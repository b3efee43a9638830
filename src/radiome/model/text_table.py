"""Tables of text as people send them: delimiters, encodings and what spreadsheets leave behind.

Nothing is guessed from the cells. The delimiter is the one that the headings use, every row
must have as many cells as there are headings, and cells stay text.
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import pandas as pd

from radiome.base.errors import UserError, nearest_name

#: Delimiters that are looked for, the first where headings hold as many of two.
_DELIMITERS = ",;\t|"

#: First bytes of a workbook of a spreadsheet, zipped and old, and of a compressed table.
_WORKBOOKS, _GZIP = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"), b"\x1f\x8b"

#: Byte order marks of the Unicode text that spreadsheets save.
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")

#: What a column without a heading is called, with its place from 0, as pandas does.
_UNNAMED = "Unnamed: "


def read_table(path: str | Path, *, what: str = "outcome table") -> pd.DataFrame:
    """Read a table with every cell as text, trimmed.

    Parameters
    ----------
    path : path
        Comma, semicolon, tab or bar between the cells; UTF-8, or UTF-16 with its mark; plain
        or gzip.
    what : str
        What the table is, for messages.

    Returns
    -------
    DataFrame
        Rows and columns that are wholly empty, and have no heading, are left out. A column
        without a heading is called ``Unnamed: 3`` after its place.

    Raises
    ------
    UserError
        If the file is not there, is empty or no such table, has a heading twice, or a row
        has another number of cells than there are headings.
    """
    path = Path(path)
    if not path.is_file():
        _refuse_absent(path, what)
    lines = _cells(_text(path, what), path, what)
    if not lines:
        _refuse(path, what, "the file is empty", "check that it was written to the end")
    (_, first), *below = lines
    names = _names(first)
    rows = [_row(cells, len(names), line, path, what) for line, cells in below]
    kept = [
        place
        for place, name in enumerate(names)
        if not is_unnamed(name) or any(row[place] for row in rows)
    ]
    chosen = [names[place] for place in kept]
    twice = [name for name, count in Counter(chosen).items() if count > 1]
    if twice:
        raise UserError(
            f"the {what} has a column twice",
            where=str(path),
            got=", ".join(sorted(twice)[:5]),
            do="rename one of them, or delete it",
        )
    if not rows:
        _refuse(path, what, "headings and no row below them", "check that it was written")
    return pd.DataFrame([[row[place] for place in kept] for row in rows], columns=chosen, dtype=str)


def is_unnamed(name: str) -> bool:
    """Whether a column had no heading, such as the row numbers that pandas and R write."""
    return name.startswith(_UNNAMED)


def _refuse(path: Path, what: str, got: str, do: str) -> NoReturn:
    raise UserError(
        f"the {what} cannot be read",
        where=str(path),
        expected="a CSV file in UTF-8 with a line of headings",
        got=got,
        do=do,
    )


def _refuse_absent(path: Path, what: str) -> NoReturn:
    folder = path if path.is_dir() else path.parent
    tables = [file.name for file in folder.glob("*.csv*")] if folder.is_dir() else []
    if path.is_dir():
        got, near = "a folder", tables[0] if len(tables) == 1 else None
    else:
        got = "no such file" if folder.is_dir() else f"no folder {folder}"
        near = nearest_name(path.name, tables)
    raise UserError(
        f"there is no {what} here",
        where=str(path),
        expected="a CSV file",
        got=got,
        do=f"did you mean '{folder / near}'?" if near else "check the name of file and folder",
    )


def _text(path: Path, what: str) -> str:
    data = path.read_bytes()
    if data.startswith(_WORKBOOKS):
        _refuse(path, what, "a workbook or an archive", "save the sheet as CSV UTF-8")
    try:
        if data.startswith(_GZIP):
            data = gzip.decompress(data)
        text = data.decode("utf-16" if data.startswith(_UTF_16) else "utf-8-sig")
    except (OSError, EOFError, zlib.error) as error:
        _refuse(path, what, str(error), "copy the compressed file again")
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        _refuse(path, what, f"{error.reason} in line {row}", "save it as CSV UTF-8")
    if "\0" in text:
        _refuse(path, what, "a zero byte", "export the table anew")
    return text


def _cells(text: str, path: Path, what: str) -> list[tuple[int, list[str]]]:
    """Line number and trimmed cells of every row that holds anything, headings first."""
    # A first line such as 'sep=;' tells spreadsheets the delimiter.
    told = text[:6].rstrip("\r\n")
    named = told[4:] if told.lower().startswith("sep=") and len(told) == 5 else None
    if named:
        text = text.removeprefix(told).lstrip("\r\n")
    delimiter = named or _delimiter(text.lstrip())
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    found = []
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):
                found.append((reader.line_num + bool(named), cells))
    except csv.Error as error:
        got = f"{error}, in the row that ends in line {reader.line_num + bool(named)}"
        _refuse(path, what, got, "look for a quotation mark that is opened and not closed")
    return found


def _delimiter(text: str) -> str:
    """The delimiter that the line of headings has most of, outside quotation marks."""
    quoted, counts = False, dict.fromkeys(_DELIMITERS, 0)
    for letter in text:
        if letter == '"':
            quoted = not quoted
        elif letter in "\r\n" and not quoted:
            break
        elif letter in counts and not quoted:
            counts[letter] += 1
    return max(_DELIMITERS, key=counts.__getitem__)


def _names(cells: Sequence[str]) -> list[str]:
    return [cell or f"{_UNNAMED}{place}" for place, cell in enumerate(cells)]


def _row(cells: list[str], width: int, line: int, path: Path, what: str) -> list[str]:
    """The cells of a row; empty ones behind the last heading are of no account."""
    if len(cells) < width or any(cells[width:]):
        raise UserError(
            f"a row of the {what} has another number of cells than there are headings",
            where=f"{path}, line {line}",
            expected=f"{width} cells",
            got=f"{len(cells)} cells, the first '{cells[0]}'",
            do="put quotation marks around cells that hold the delimiter, or add what is missing",
        )
    return cells[:width]
