"""Files that the report leaves beside itself, and links to those small enough to be in it."""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from radiome.tables.atomic import replacing

#: A table longer than this, in bytes, is told by its path: the page must stay small.
_LINKED = 30_000


@dataclass(frozen=True, slots=True)
class Download:
    """A file of the report.

    Parameters
    ----------
    name : str
        Path below the folder ``report``.
    href : str
        ``data:`` address of its content; empty if the file is too long for that.
    """

    name: str
    href: str

    @property
    def base(self) -> str:
        """Name without the folder."""
        return self.name.rpartition("/")[2]


@dataclass(slots=True)
class Downloads:
    """Collects the files; written together at the end."""

    files: dict[str, bytes] = field(default_factory=dict)

    def table(self, name: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Download:
        """Add the numbers of a plot or table as ``data/NAME.csv``; None is an empty cell."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(headings)
        writer.writerows([["" if cell is None else cell for cell in row] for row in rows])
        return self.add(f"data/{name}.csv", text.getvalue().encode())

    def add(self, name: str, content: bytes) -> Download:
        """Add a file; the same name twice is a mistake of the program."""
        if name in self.files:
            raise ValueError(f"two files of the report are called {name}")
        self.files[name] = content
        if len(content) > _LINKED or not name.endswith(".csv"):
            return Download(name, "")
        coded = base64.b64encode(content).decode("ascii")
        return Download(name, f"data:text/csv;charset=utf-8;base64,{coded}")

    def write(self, folder: Path) -> None:
        """Write all files below a folder, each whole or the old one."""
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(path) as part:
                part.write_bytes(content)
