"""`radiome model`: from a feature table and outcomes to a verdict."""

from __future__ import annotations

import os
from pathlib import Path

import click


@click.command("model")
@click.argument("features", type=click.Path(path_type=Path))
@click.option(
    "--outcome",
    "outcomes",
    type=click.Path(path_type=Path),
    required=True,
    help="CSV file with one row per patient.",
)
@click.option(
    "--plan",
    "plan_file",
    type=click.Path(path_type=Path),
    required=True,
    help="YAML file: outcomes, columns, steps, validation.",
)
@click.option("-o", "--out", type=click.Path(path_type=Path), required=True, help="Folder.")
@click.option(
    "--control",
    "controls",
    multiple=True,
    metavar="NAME=FEATURES",
    help="Feature table of control images, such as shuffled_roi=shuffled/.",
)
@click.option("--jobs", type=click.IntRange(min=1), help="Processes; by default one per core.")
def model(
    features: Path,
    outcomes: Path,
    *,
    plan_file: Path,
    out: Path,
    controls: tuple[str, ...],
    jobs: int | None,
) -> None:
    """Learn outcomes from features, prove it, and say how sure it is.

    \b
    radiome model run --outcome outcomes.csv --plan plan.yaml -o study

    The folder gets results.json with the verdict, verdict.txt, predictions.csv of every
    fold, selection.csv, ledger.json, plots and locked models. An interrupted run goes on
    from where it was.
    """
    from radiome.model.output import verdict_text, write_study
    from radiome.model.plan import read_plan
    from radiome.model.provenance import provenance_of
    from radiome.model.run import run_plan
    from radiome.model.study_inputs import read_inputs

    plan = read_plan(plan_file)
    named = dict(_control(text) for text in controls)
    table = read_inputs(features, outcomes, plan)
    others = {name: read_inputs(path, outcomes, plan) for name, path in named.items()}
    out.mkdir(parents=True, exist_ok=True)
    with _Bar() as bar:
        workers = jobs or os.cpu_count() or 1
        result = run_plan(table, plan, out, controls=others, workers=workers, progress=bar)
    provenance = provenance_of([features, outcomes, plan_file, *named.values()])
    write_study(result, out, provenance=provenance)
    click.echo(verdict_text(result))
    click.echo(f"\n{out / 'results.json'}", err=True)


def _control(text: str) -> tuple[str, Path]:
    name, equals, path = text.partition("=")
    if not equals or not name or not path:
        raise click.UsageError(f"--control takes NAME=FEATURES, not '{text}'")
    return name, Path(path)


class _Bar:
    """Progress of the steps on standard error."""

    def __enter__(self) -> _Bar:
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
        key = (outcome, step)
        if key not in self._tasks:
            self._tasks[key] = self._bar.add_task(f"{outcome}: {step}")
        self._bar.update(self._tasks[key], completed=done, total=total)  # type: ignore[arg-type]
