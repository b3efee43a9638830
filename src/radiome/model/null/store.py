"""Finished permutations on disk: one JSON line each, so that a run can go on later."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from radiome.base.errors import UserError

_KIND = "radiome permutation null, version 1"


class PermutationStore:
    """A file with a first line that says what was permuted, then one statistic per line.

    Parameters
    ----------
    path : Path
        The file; made if absent.
    identity : mapping
        Seed, scheme and observed statistic. A file of another identity is refused.
    """

    def __init__(self, path: Path, identity: Mapping[str, Any]) -> None:
        self._path = path
        self._header = {"kind": _KIND, **identity}

    def read(self) -> dict[int, float]:
        """Return the finished statistics by index, and make the file ready for more.

        A last line that a stopped run left unfinished is cut off.
        """
        if not self._path.exists():
            self._write([self._header])
            return {}
        content = self._path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        if len(whole) < len(content):
            os.truncate(self._path, len(whole))
        lines = whole.decode("utf-8").splitlines()
        if not lines:
            self._write([self._header])
            return {}
        self._check_header(lines[0])
        return dict(self._parse(line, number) for number, line in enumerate(lines[1:], start=2))

    def append(self, values: Mapping[int, float]) -> None:
        """Add finished statistics, and see them onto the disk."""
        self._write([{"index": index, "value": value} for index, value in values.items()])

    def _write(self, records: list[dict[str, Any]]) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(record) + "\n" for record in records)
            file.flush()
            os.fsync(file.fileno())

    def _check_header(self, line: str) -> None:
        try:
            found = json.loads(line)
        except json.JSONDecodeError:
            found = None
        if not isinstance(found, dict) or found.get("kind") != _KIND:
            raise UserError(
                "the file is not a store of permutations",
                where=str(self._path),
                do="give the path of a new file",
            )
        differing = [key for key in self._header if found.get(key) != self._header[key]]
        if differing:
            raise UserError(
                "the store belongs to another analysis",
                where=str(self._path),
                expected=", ".join(f"{key} {self._header[key]}" for key in differing),
                got=", ".join(f"{key} {found.get(key)}" for key in differing),
                do="give the path of a new file, or the data, statistic and seed of the old one",
            )

    def _parse(self, line: str, number: int) -> tuple[int, float]:
        try:
            record = json.loads(line)
            index, value = int(record["index"]), float(record["value"])
        except (ValueError, KeyError, TypeError):
            index, value = -1, math.nan
        if index < 0 or not math.isfinite(value):
            raise UserError(
                "a line of the store of permutations cannot be read",
                where=f"{self._path}, line {number}",
                expected='{"index": 0, "value": 0.5}',
                got=line[:80],
                do="remove the line, or give the path of a new file",
            )
        return index, value
