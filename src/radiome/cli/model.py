"""`radiome model`: from a feature table and outcomes to a verdict."""

from __future__ import annotations

import os
from pathlib import Path

import click

from radiome.cli.step_bar import StepBar


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
@click.option(
    "--repeatability",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="What 'radiome repeatability' wrote of the features.",
)
@click.option("--jobs", type=click.IntRange(min=1), help="Processes; by default one per core.")
def model(
    features: Path,
    outcomes: Path,
    *,
    plan_file: Path,
    out: Path,
    controls: tuple[str, ...],
    repeatability: Path | None,
    jobs: int | None,
) -> None:
    """Learn outcomes from features, prove it, and say how sure it is.

    \b
    radiome model RUN --outcome outcomes.csv --plan plan.yaml -o study

    The folder gets results.json with the verdict, verdict.txt, predictions.csv of every
    fold, selection.csv, ledger.json, plots and locked models. An interrupted run goes on
    from where it was; results of another plan or table are kept in its folder earlier.
    """
    from radiome.model.output import verdict_text, write_study
    from radiome.model.plan import read_plan
    from radiome.model.provenance import provenance_of
    from radiome.model.run import run_plan
    from radiome.model.study_folder import held, set_aside
    from radiome.model.study_inputs import read_inputs, read_plan_crops
    from radiome.robustness.repeatability_file import read_repeatability

    plan = read_plan(plan_file)
    named = dict(_control(text) for text in controls)
    table = read_inputs(features, outcomes, plan)
    crops = read_plan_crops(plan, table, plan_file.parent)
    others = {name: read_inputs(path, outcomes, plan) for name, path in named.items()}
    again = read_repeatability(repeatability) if repeatability else None
    for note in table.notes:
        click.echo(f"note: {note}", err=True)
    out.mkdir(parents=True, exist_ok=True)
    cubes = [] if plan.deep is None else [plan_file.parent / plan.deep.crops]
    more = [*named.values(), *cubes, *([repeatability] if repeatability else [])]
    provenance = provenance_of([features, outcomes, plan_file, *more])
    with held(out):
        with StepBar() as bar:
            workers = jobs or os.cpu_count() or 1
            result = run_plan(
                table, plan, out, controls=others, crops=crops, repeatability=again,
                workers=workers, progress=bar,
            )  # fmt: skip
        if kept := set_aside(out, plan, provenance):
            click.echo(f"note: results of another plan or table are kept in {kept}", err=True)
        write_study(result, out, provenance=provenance)
    click.echo(verdict_text(result))
    click.echo(f"\n{out / 'results.json'}", err=True)


def _control(text: str) -> tuple[str, Path]:
    name, equals, path = text.partition("=")
    if not equals or not name or not path:
        raise click.UsageError(f"--control takes NAME=FEATURES, not '{text}'")
    return name, Path(path)
