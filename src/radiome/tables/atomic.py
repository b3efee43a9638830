"""Files that are either the old one or the new one, never half of it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path to write to; move it onto `path` when the block succeeds.

    The move is atomic within a file system. If the block raises, or the process is
    killed, `path` keeps what it had.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield temporary
        os.replace(temporary, path)
    except OSError as error:
        if error.filename is None:  # A full disk, say, does not tell which file it was.
            error.filename = str(path)
        raise
    finally:
        temporary.unlink(missing_ok=True)


def write_json(path: Path, values: Any, *, indent: int | None = None) -> None:
    """Write plain values as JSON, atomically."""
    text = json.dumps(values, ensure_ascii=False, indent=indent)
    with replacing(path) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8", newline="\n")
