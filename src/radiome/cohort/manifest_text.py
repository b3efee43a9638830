"""The text of a cohort table, and its rows with the lines they stand on."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from radiome.base.errors import UserError

_SEPARATORS = (",", ";", "\t")
_EXAMPLE = "a first line such as 'case,image,mask,roi' and one line per case"


def read_text(path: Path) -> str:
    """The text of a table in UTF-8, without a byte order mark."""
    if not path.is_file():
        raise UserError(
            "there is no such cohort table",
            where=str(path),
            expected="a CSV file with columns case, image, mask",
            do="check the path, or let 'radiome extract --discover FOLDER -o RUN_DIR' make one",
        )
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(
            "the cohort table is not text in UTF-8",
            where=str(path),
            expected="CSV text in UTF-8, with or without byte order mark",
            got=f"byte {error.object[error.start]:#04x} at position {error.start}",
            do="save it again as 'CSV UTF-8'",
        ) from None


def parse_rows(
    text: str, required: Sequence[str], where: str
) -> tuple[list[str], list[int], list[list[str]]]:
    """Return headings, the line number of each row, and the rows; blank lines are skipped.

    Raises
    ------
    UserError
        If there is no row, a row has another number of cells than there are headings, or a
        quotation mark is not closed.
    """
    separator = _separator(text, required)
    numbered = list(_numbered(text, separator, where))
    if len(numbered) < 2:
        raise UserError(
            "the cohort table holds no case",
            where=where,
            expected=_EXAMPLE,
            got="nothing below the first line" if numbered else "an empty file",
            do="add one line per case",
        )
    headings = numbered[0][1]
    for line, cells in numbered[1:]:
        if len(cells) != len(headings):
            raise UserError(
                f"line {line} of the cohort table has {len(cells)} cells",
                where=where,
                expected=f"{len(headings)} cells, as in the first line",
                got=separator.join(cells),
                do="quote cells that contain the separator, or add the missing ones",
            )
    return headings, [line for line, _ in numbered[1:]], [cells for _, cells in numbered[1:]]


def _numbered(text: str, separator: str, where: str) -> Iterator[tuple[int, list[str]]]:
    """First line and trimmed cells of every row that holds anything."""
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True, strict=True
    )
    line = 1
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise unclosed(line, where, str(error)) from None


def unclosed(line: int, where: str, got: str) -> UserError:
    """Cells that run on over lines take the cases of these lines with them."""
    return UserError(
        f"line {line} of the cohort table cannot be read",
        where=where,
        expected="quotation marks in pairs, and each case on a line of its own",
        got=got,
        do="look for a quotation mark that is opened and not closed",
    )


def _separator(text: str, required: Sequence[str]) -> str:
    first = next((line for line in text.splitlines() if line.strip()), "")
    split = {
        separator: [cell.strip() for cell in next(csv.reader([first], delimiter=separator), [])]
        for separator in _SEPARATORS
    }
    for separator, cells in split.items():
        if all(name in cells for name in required):
            return separator
    return max(_SEPARATORS, key=lambda separator: len(split[separator]))
