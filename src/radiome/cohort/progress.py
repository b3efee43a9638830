"""Show how far a cohort run is, on standard error."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, TextIO

from radiome.cohort.engine import Progress

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID


class ProgressReport:
    """A progress bar on a terminal; elsewhere a line now and then.

    Use as a context, and give the report itself to `run_cohort` as `progress`.

    Parameters
    ----------
    stream : text stream, optional
        Where to write; standard error by default.
    every : int, optional
        Cases between lines where there is no terminal; by default a twentieth of all.
    """

    def __init__(self, stream: TextIO | None = None, *, every: int | None = None) -> None:
        self._stream = stream if stream is not None else sys.stderr
        self._every = every
        self._bar: Bar | None = None
        self._task: TaskID | None = None
        self._start = time.monotonic()

    def __enter__(self) -> ProgressReport:
        self._start = time.monotonic()
        if self._stream.isatty():
            self._bar = _make_bar(self._stream)
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, state: Progress) -> None:
        """Show `state`."""
        if self._bar is not None:
            self._draw(self._bar, state)
        elif state.latest is not None and self._is_due(state):
            print(self._line(state), file=self._stream, flush=True)
        self._tell_failure(state)
        if state.note:
            self._say(state.note)

    def _is_due(self, state: Progress) -> bool:
        every = self._every or max(1, state.total // 20)
        return state.done % every == 0 or state.done == state.total

    def _draw(self, bar: Bar, state: Progress) -> None:
        fields: dict[str, Any] = {"failed": state.failed, "resumed": state.resumed}
        if self._task is None:
            self._task = bar.add_task("cases", total=state.total, **fields)
        bar.update(self._task, completed=state.done, **fields)

    def _line(self, state: Progress) -> str:
        elapsed = time.monotonic() - self._start
        parts = [f"{state.done}/{state.total} cases", f"{state.failed} failed"]
        if state.resumed:
            parts.append(f"{state.resumed} from an earlier run")
        left = remaining_seconds(state, elapsed)
        if state.done < state.total and left is not None:
            parts.append(f"about {_duration(left)} left")
        return ", ".join(parts)

    def _tell_failure(self, state: Progress) -> None:
        latest = state.latest
        if latest is None or latest.status == "ok":
            return
        self._say(f"{latest.status}: {latest.case}: {latest.reason}")

    def _say(self, text: str) -> None:
        if self._bar is not None:
            self._bar.console.print(text, markup=False, highlight=False)
        else:
            print(text, file=self._stream, flush=True)


def remaining_seconds(state: Progress, elapsed: float) -> float | None:
    """Estimate the time left from the cases measured so far, None if there are none.

    Cases of an earlier run took no time and say nothing about the others.
    """
    measured = state.done - state.resumed
    if measured == 0:
        return None
    return elapsed / measured * (state.total - state.done)


def _duration(seconds: float) -> str:
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def _make_bar(stream: TextIO) -> Bar:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as RichProgress

    return RichProgress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[failed]} failed"),
        TextColumn("{task.fields[resumed]} from an earlier run"),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=Console(file=stream),
    )
