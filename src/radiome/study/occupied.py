"""One run at a time in a run folder: two of different plans would mix their results."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from radiome.base.errors import UserError


@contextmanager
def occupied(run: Path) -> Iterator[None]:
    """Keep a run folder to this process while the block runs.

    The lock is one of the system's and ends with the process, however that ends; processes
    that it started do not inherit it. Where the system has no such locks nothing is kept.

    Raises
    ------
    UserError
        If another process has it.
    """
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
