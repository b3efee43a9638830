"""The lock: what was planned, fixed before anyone looked at the outcomes."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from radiome.base.errors import UserError
from radiome.base.version import __version__
from radiome.base.yaml_text import dump_options
from radiome.study.protocol import Protocol, read_protocol
from radiome.study.stamps import file_hash
from radiome.tables.atomic import write_json

#: What follows the name of the protocol.
SUFFIX = ".lock.json"


def lock_path(path: Path) -> Path:
    """``study.lock.json`` beside ``study.yaml``."""
    return path.with_name(path.stem + SUFFIX)


def lock_study(path: str | Path) -> Path:
    """Write down the protocol and the hashes of cohort and outcome table.

    The outcome table is hashed as bytes; no cell of it is read.

    Returns
    -------
    Path
        The lock.

    Raises
    ------
    UserError
        If there is a lock already, or a file is not there.
    """
    path = Path(path)
    target = lock_path(path)
    if target.exists():
        raise UserError(
            "the study is locked already",
            where=str(target),
            do="keep the lock: the report will show what was changed since, with the difference",
        )
    protocol = read_protocol(path)
    told = {"locked": datetime.now(UTC).isoformat(timespec="seconds"), **_state(path, protocol)}
    for name in ("cohort", "outcomes"):
        if told[f"{name}_sha256"] is None:
            raise UserError(
                f"there is no {name} table to lock",
                where=str(path.parent / getattr(protocol, name)),
                expected=f"the file that '{name}' of the protocol names",
            )
    write_json(target, told, indent=1)
    return target


def _state(path: Path, protocol: Protocol) -> dict[str, Any]:
    return {
        "radiome": __version__,
        "protocol": dump_options(protocol, commented=False),
        "cohort_sha256": file_hash(path.parent / protocol.cohort),
        "outcomes_sha256": file_hash(path.parent / protocol.outcomes),
    }


def write_deviations(path: Path, protocol: Protocol, folder: Path) -> None:
    """Copy the lock into the run folder, with what was changed since.

    ``lock.json`` and ``deviations.json`` are written if the protocol has a lock; those of
    an earlier run are removed if it has none.
    """
    kept, changed = folder / "lock.json", folder / "deviations.json"
    source = lock_path(path)
    if not source.is_file():
        kept.unlink(missing_ok=True)
        changed.unlink(missing_ok=True)
        return
    lock = _read(source)
    write_json(kept, lock, indent=1)
    write_json(changed, list(_deviations(lock, _state(path, protocol))), indent=1)


def _read(path: Path) -> dict[str, Any]:
    try:
        lock = json.loads(path.read_text(encoding="utf-8"))
        if {"locked", "protocol", "cohort_sha256", "outcomes_sha256"} <= lock.keys():
            return dict(lock)
    except (ValueError, AttributeError):
        pass
    raise UserError(
        "the lock cannot be read",
        where=str(path),
        expected="the file as 'radiome study lock' wrote it",
        do="restore it; without it nobody can tell what was planned",
    )


def _deviations(lock: dict[str, Any], now: dict[str, Any]) -> Iterator[dict[str, Any]]:
    names = {
        "protocol": "the protocol",
        "cohort_sha256": "the cohort table",
        "outcomes_sha256": "the outcome table",
        "radiome": "the version of radiome",
    }
    for key, what in names.items():
        before, after = lock.get(key), now[key]
        if before != after:
            text = key == "protocol"
            diff = difflib.unified_diff(
                str(before).splitlines(), after.splitlines(), "locked", "now", lineterm="", n=1
            )
            yield {
                "what": what,
                "locked": None if text else before,
                "now": None if text else after,
                "diff": "\n".join(diff) if text else "",
            }
