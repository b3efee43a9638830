"""Voxels that lie in another file than their header."""

from __future__ import annotations

from pathlib import Path

from radiome.base.errors import ImageError


def detached_file(header: Path, name: str, *, entry: str) -> Path:
    """Return the data file `name` beside `header`; `entry` is how the header calls it.

    Raises
    ------
    ImageError
        If there is no such file.
    """
    target = header.parent / name
    if not target.is_file():
        raise ImageError(
            "the data file named in the header is missing",
            where=str(header),
            expected="one data file, at the path given relative to the header",
            got=f"{entry}{name}",
            do="put the data file beside the header; lists of files are not supported",
        )
    return target
