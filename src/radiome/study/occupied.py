"""One run at a time in a run folder: two of different plans would mix their results.

What a run leaves is noted when it ends, so that `radiome study verify` can tell whether a
file was touched that no step answers for, such as the record of the run or a locked model.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from radiome.base.errors import UserError
from radiome.study.stamps import Stamps

#: Stamp of what a run left, and the files: not the stored results, which carry a hash of
#: their own, and not the report, which is made of these and may be made again.
RECORD = "record"
_LEFT = ("*.json", "*.yaml", "*.csv", "extraction/*", "inspection/*", "controls/*/*",
         "analyses/**/*")  # fmt: skip


@contextmanager
def occupied(run: Path) -> Iterator[None]:
    """Keep a run folder to this process while the block runs, and note what it leaves.

    The lock is one of the system's and ends with the process, however that ends; processes
    that it started do not inherit it. Where the system has no such locks nothing is kept.

    Raises
    ------
    UserError
        If another process has it; or the folder holds the tables of a study but no run: those
        of the run, which are called the same, would take their place.
    """
    _refuse_data(run)
    with _locked(run):
        try:
            yield
        except BaseException:
            with suppress(OSError):  # a full disk, say: the error itself is what matters
                note_record(run)
            raise
        note_record(run)


def _refuse_data(run: Path) -> None:
    there = [name for name in ("study.yaml", "cohort.csv") if (run / name).exists()]
    if there and not (run / "state").is_dir() and not (run / "study.json").is_file():
        raise UserError(
            "this is no run folder, and a run would write over what it holds",
            where=str(run),
            expected="a new folder, or one that 'radiome study run' made",
            got=f"a folder with {' and '.join(there)}",
            do="give another folder with -o",
        )


def note_record(run: Path) -> None:
    """Stamp the files of a run that no step answers for, with those that one does."""
    found = {path for pattern in _LEFT for path in run.glob(pattern)}
    Stamps(run).note(RECORD, [path for path in found if path.is_file()])


@contextmanager
def _locked(run: Path) -> Iterator[None]:
    if sys.platform == "win32":
        yield
        return
    import fcntl

    path = run / "state" / "running"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError(
                "another run is at work in this run folder",
                where=str(run),
                expected="one run at a time",
                got=f"process {path.read_text(encoding='utf-8') or 'not known'}",
                do="wait until it has ended, or give another folder with -o",
            ) from None
        except OSError:
            pass  # a file system without locks
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
