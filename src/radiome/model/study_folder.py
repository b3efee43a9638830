"""The folder of a study: one run at a time, and no earlier result overwritten."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from radiome.base.errors import UserError
from radiome.model.plan import Plan

#: What a run writes, the file that tells where it came from last.
_PRODUCTS = (
    "plots",
    "models",
    "conformal.csv",
    "selection.csv",
    "predictions.csv",
    "verdict.txt",
    "ledger.json",
    "results.json",
)


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Keep other runs out of a study folder while the block runs.

    The system lets go of the folder when the process ends, however it ends. Half-written
    files that a killed run left among the steps are removed.

    Raises
    ------
    UserError
        If another run holds the folder.
    """
    steps = folder / "steps"
    steps.mkdir(parents=True, exist_ok=True)
    with (steps / ".running").open("a+b") as file:
        if not _take(file):
            raise UserError(
                "another run is at work in this folder",
                where=str(folder),
                expected="one run for each folder",
                do="wait until it has ended, or give another folder",
            )
        for part in steps.glob(".*.part"):
            part.unlink(missing_ok=True)
        yield


def _take(file: IO[bytes]) -> bool:
    """Lock an open file without waiting; False if another process has."""
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        # Some network disks know no locks: a run there goes on without.
        return True
    return True


def set_aside(folder: Path, plan: Plan, provenance: Mapping[str, Any]) -> Path | None:
    """Move the results of another plan or of other tables out of the way.

    Parameters
    ----------
    folder : Path
        Of the study.
    plan : Plan
        Of the results to come.
    provenance : mapping
        Of the results to come; the hashes of ``inputs`` count.

    Returns
    -------
    Path or None
        ``earlier/0001`` or the next free number, or None if there is nothing to keep.
    """
    path = folder / "results.json"
    if not path.is_file() or _made_from(path) == _identity(
        plan.model_dump(mode="json"), provenance.get("inputs", {})
    ):
        return None
    number = 1
    while (folder / "earlier" / f"{number:04d}").exists():
        number += 1
    kept = folder / "earlier" / f"{number:04d}"
    kept.mkdir(parents=True)
    for name in _PRODUCTS:
        if (folder / name).exists():
            os.replace(folder / name, kept / name)
    return kept


def _made_from(path: Path) -> str | None:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return _identity(told["plan"], told["inputs"])
    except (ValueError, KeyError, AttributeError, TypeError):
        return None


def _identity(plan: Mapping[str, Any], inputs: Mapping[str, str | None]) -> str:
    """Plan and contents of the inputs; where the files lie does not count."""
    return json.dumps([plan, list(inputs.values())], sort_keys=True)
