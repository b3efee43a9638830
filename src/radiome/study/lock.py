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
from radiome.study.records import read_record
from radiome.study.stamps import file_hash
from radiome.tables.atomic import write_json

#: What follows the name of the protocol.
SUFFIX = ".lock.json"


def lock_path(path: Path) -> Path:
    """``study.lock.json`` beside ``study.yaml``."""
    return path.with_name(path.stem + SUFFIX)


def lock_study(path: str | Path) -> Path:
    """Write down the protocol and the hashes of cohort, outcome table and settings file.

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
    settings = protocol.extraction.settings
    named = isinstance(settings, str) and file_hash(path.parent / settings)
    return {
        "radiome": __version__,
        "protocol": dump_options(protocol, commented=False),
        "cohort_sha256": file_hash(path.parent / protocol.cohort),
        "outcomes_sha256": file_hash(path.parent / protocol.outcomes),
        # A preset has no file: it changes with the version alone.
        "settings_sha256": named or None,
    }


def write_deviations(path: Path, protocol: Protocol, folder: Path) -> None:
    """Keep the lock in the run folder, with what was changed since.

    ``lock.json`` and ``deviations.json`` are written if the protocol has a lock. The first
    lock that a run folder saw stays the one that is compared with: another one in its place,
    or none, is a deviation like any other, and so is a lock that was made after the folder
    held results. ``results_before`` of ``lock.json`` tells when those were made.
    """
    kept, source = folder / "lock.json", lock_path(path)
    there = _read(source) if source.is_file() else None
    if kept.is_file():
        lock = _read(kept)
    elif there is None:
        (folder / "deviations.json").unlink(missing_ok=True)
        return
    else:
        lock = {**there, **_results_before(folder, str(there["locked"]))}
        write_json(kept, lock, indent=1)
    told = [*_of_the_lock(lock, there), *_deviations(lock, _state(path, protocol))]
    write_json(folder / "deviations.json", told, indent=1)


def _results_before(folder: Path, locked: str) -> dict[str, str]:
    """When the results in a run folder were made, if that was before the lock."""
    record = folder / "study.json"
    created = str(read_record(record).get("created", "")) if record.is_file() else ""
    return {"results_before": created} if "" < created < locked else {}


def _of_the_lock(lock: dict[str, Any], there: dict[str, Any] | None) -> Iterator[dict[str, Any]]:
    """What is amiss with the lock itself."""
    before = lock.get("results_before")
    if before:
        yield _deviation("the time of the lock", lock["locked"], f"results were there on {before}")
    if there is None:
        yield _deviation("the lock", lock["locked"], "there is none any more")
    elif any(there.get(key) != lock.get(key) for key in {*there, *lock} - {"results_before"}):
        now = there["locked"] if there["locked"] != lock["locked"] else "its content was edited"
        yield _deviation("the lock", lock["locked"], now)


def _deviation(what: str, locked: Any, now: Any, diff: str = "") -> dict[str, Any]:
    return {"what": what, "locked": locked, "now": now, "diff": diff}


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
        "cohort_sha256": "the cohort table",
        "outcomes_sha256": "the outcome table",
        "settings_sha256": "the settings file",
        "radiome": "the version of radiome",
    }
    before, after = str(lock["protocol"]), now["protocol"]
    if before != after:
        lines = difflib.unified_diff(
            before.splitlines(), after.splitlines(), "locked", "now", lineterm="", n=1
        )
        yield _deviation("the protocol", None, None, "\n".join(lines))
    for key, what in names.items():
        # A lock of an earlier version knows nothing of settings files.
        if key in lock and lock[key] != now[key]:
            yield _deviation(what, lock[key], now[key])
