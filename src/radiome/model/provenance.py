"""Where a result came from: files and their hashes, versions, the command."""

from __future__ import annotations

import hashlib
import platform
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

_PACKAGES = ("numpy", "scipy", "pandas", "scikit-learn")


def provenance_of(paths: Sequence[Path]) -> dict[str, Any]:
    """Name and SHA-256 of input files, versions, command and time.

    Parameters
    ----------
    paths : sequence of Path
        Files, or run folders whose feature table counts.
    """
    return {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": [Path(sys.argv[0]).name, *sys.argv[1:]],
        "python": platform.python_version(),
        "packages": {name: version(name) for name in _PACKAGES},
        "inputs": {str(path): _hash(path) for path in paths},
    }


def _hash(path: Path) -> str | None:
    for candidate in (path, path / "features.parquet", path / "features.csv"):
        if candidate.is_file():
            return hashlib.sha256(candidate.read_bytes()).hexdigest()
    return None
