"""`radiome study`: one protocol from images to a statement."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from radiome.cli.study_output import StepTeller, summary_lines, trace_lines

if TYPE_CHECKING:
    from radiome.study.running import StudyRun

#: Findings that are printed one by one.
_SHOWN = 50


def _in_folder(_context: click.Context, _parameter: click.Parameter, path: Path) -> Path:
    """The protocol of a folder, where that is given."""
    return path / "study.yaml" if path.is_dir() else path


_PROTOCOL = click.argument(
    "protocol",
    type=click.Path(path_type=Path),
    metavar="STUDY.yaml",
    default="study.yaml",
    callback=_in_folder,
)
_OUT = click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="Run folder; by default 'run' beside it."
)


@click.group()
def study() -> None:
    """Run a whole study from one protocol.

    \b
    radiome study new FOLDER     write a commented study.yaml from the data there
    radiome study lock           fix plan, cohort and outcomes before looking
    radiome study run            do every step, and go on where it was interrupted
    radiome study verify RUN     compare a run with its record; measure some cases again
    radiome study trace RUN CASE FEATURE   show what a value was made from
    radiome study export RUN     write an RO-Crate to share, without names
    """


@study.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--image-pattern", help="Without cohort.csv: file name pattern of images.")
@click.option("--mask-pattern", help="Without cohort.csv: file name pattern of masks.")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes; by default one per core.")
def new(
    folder: Path, *, image_pattern: str | None, mask_pattern: str | None, jobs: int | None
) -> None:
    """Write FOLDER/study.yaml from the data there, with every option and its meaning.

    FOLDER holds cohort.csv, or images and masks from which it is made, and a CSV file of
    outcomes with one row per patient. What was guessed is told, to be checked.
    """
    from radiome.cli.many_cases import discover_cohort
    from radiome.cohort.progress import ProgressReport
    from radiome.study.starting import start_study

    if not (folder / "cohort.csv").is_file():
        discover_cohort(folder, folder, image_pattern=image_pattern, mask_pattern=mask_pattern)
    with ProgressReport() as report:
        started = start_study(folder, jobs=jobs, progress=report)
    click.echo(f"{started.path}\nguessed from the data; check it:")
    for guess in started.guesses:
        click.echo(f"- {guess}")


@study.command()
@_PROTOCOL
@_OUT
@click.option("--jobs", type=click.IntRange(min=1), help="Processes; by default one per core.")
@click.option(
    "--step",
    metavar="NAME",
    help="One step alone, such as extract or 'model main'; those before it must be finished.",
)
def run(protocol: Path, *, out: Path | None, jobs: int | None, step: str | None) -> None:
    """Run the study: inspect, extract, controls, each analysis, and the report.

    Finished steps are found again in the run folder by what they were made from; after
    Ctrl-C or worse the same command goes on. A single step makes no report.
    """
    from radiome.cli.main import EXIT_INTERRUPTED
    from radiome.study.running import InterruptedStudyError

    context = click.get_current_context()
    try:
        folder = out or protocol.parent / "run"
        if step is not None:
            _run_step(protocol, folder, step, jobs)
            return
        result = run_and_report(protocol, folder, jobs=jobs)
    except (InterruptedStudyError, KeyboardInterrupt):
        click.echo("interrupted; the same command goes on from here", err=True)
        context.exit(EXIT_INTERRUPTED)
    for line in summary_lines(result):
        click.echo(line)
    context.exit(1 if result.failed else 0)


def _run_step(protocol: Path, out: Path, step: str, jobs: int | None) -> None:
    from radiome.study.running import run_study

    with StepTeller() as telling:
        result = run_study(protocol, out, jobs=jobs, only=step, telling=telling)
    left = result.unfinished
    click.echo(f"still to be done: {', '.join(left)}" if left else "all steps are finished")


def run_and_report(protocol: Path, out: Path, *, jobs: int | None = None) -> StudyRun:
    """Run a study with its progress on standard error, then make its report.

    A study of which no analysis could be made has one too: it says why.
    """
    from radiome.report.build import build_report
    from radiome.study.running import NoAnalysisError, run_study

    try:
        with StepTeller() as telling:
            result = run_study(protocol, out, jobs=jobs, telling=telling)
    except NoAnalysisError:
        click.echo(f"report: {build_report(out)}", err=True)
        raise
    build_report(result.folder)
    return result


@study.command()
@_PROTOCOL
def lock(protocol: Path) -> None:
    """Fix the protocol, the cohort and the outcome table by their hashes.

    Do this before anyone looks at the outcomes. What is changed later is shown in the
    report as a deviation, with its difference.
    """
    from radiome.study.lock import lock_study

    click.echo(f"locked: {lock_study(protocol)}")


@study.command()
@click.argument("run_folder", type=click.Path(path_type=Path), metavar="RUN")
@click.option(
    "--sample",
    type=click.IntRange(min=0),
    default=5,
    show_default=True,
    help="Cases to measure again.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option(
    "--protocol",
    type=click.Path(path_type=Path),
    help="study.yaml, if RUN is no longer where it was made.",
)
def verify(run_folder: Path, *, sample: int, seed: int, protocol: Path | None) -> None:
    """Compare RUN with its own record, and measure a random sample of cases again.

    Finds files that were edited, values of the feature table that were not measured, images
    and masks that were exchanged. Exits with 1 if anything is not as it was left.
    """
    from radiome.base.counting import counted
    from radiome.study.verification import verify_run

    found = verify_run(run_folder, sample=sample, seed=seed, protocol=protocol)
    click.echo(
        f"{counted(found.files, 'file')}, {counted(found.values, 'feature value')}, "
        f"{counted(found.inputs, 'image or mask', 'images and masks')}; "
        f"{counted(len(found.recomputed), 'case')} measured again, largest relative difference "
        f"{found.largest:.2g}"
    )
    for finding in found.findings[:_SHOWN]:
        click.echo(f"{finding.kind}: {finding.where}: {finding.what}")
    if len(found.findings) > _SHOWN:
        click.echo(f"and {len(found.findings) - _SHOWN} more")
    told = counted(len(found.findings), "finding") if found.findings else "all as it was left"
    click.echo(told)
    click.get_current_context().exit(1 if found.findings else 0)


@study.command()
@click.argument("run_folder", type=click.Path(path_type=Path), metavar="RUN")
@click.argument("case")
@click.argument("feature")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def trace(run_folder: Path, case: str, feature: str, *, as_json: bool) -> None:
    """Show what one value was made from: image, mask, settings, software.

    CASE is the name of a case or its code in the report, FEATURE a column of the feature
    table. Image and mask are hashed again and compared with what was measured.
    """
    import json
    from dataclasses import asdict

    from radiome.study.tracing import trace_value

    found = trace_value(run_folder, case, feature)
    text = json.dumps(asdict(found), indent=1) if as_json else "\n".join(trace_lines(found))
    click.echo(text)


@study.command()
@click.argument("run_folder", type=click.Path(path_type=Path), metavar="RUN")
@click.option("-o", "--out", type=click.Path(path_type=Path), required=True, help="New folder.")
def export(run_folder: Path, *, out: Path) -> None:
    """Write RUN as an RO-Crate to share: plain text, without names of cases or patients.

    The key from codes to names stays in cohort.csv of the run folder. Images, masks and
    locked models are not in the crate; their hashes are.
    """
    from radiome.study.export import export_run

    click.echo(export_run(run_folder, out))
