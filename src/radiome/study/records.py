"""What a run tells of itself, read back; a record that was damaged is told by its name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from radiome.base.errors import UserError


def read_record(path: Path) -> dict[str, Any]:
    """Read a JSON file of a run.

    Raises
    ------
    UserError
        If it is not there, or holds anything but one JSON object.
    """
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        told, got = None, "no such file"
    except ValueError as error:  # not JSON, or no text at all
        told, got = None, str(error)
    else:
        got = type(told).__name__
    if isinstance(told, dict):
        return told
    raise UserError(
        "a file of the run cannot be read",
        where=str(path),
        expected="the JSON file that 'radiome study run' wrote",
        got=got,
        do="run the study again; only what is missing is computed",
    )
