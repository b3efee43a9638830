"""Bars of the steps of a model."""

from __future__ import annotations


class StepBar:
    """Progress of the steps of a model on standard error, as a context."""

    def __enter__(self) -> StepBar:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
        )
        self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
        self._tasks: dict[tuple[str, str], object] = {}
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def __call__(self, outcome: str, step: str, done: int, total: int) -> None:
        """Show `done` of `total` of a step."""
        key = (outcome, step)
        if key not in self._tasks:
            self._tasks[key] = self._bar.add_task(f"{outcome}: {step}")
        self._bar.update(self._tasks[key], completed=done, total=total)  # type: ignore[arg-type]
