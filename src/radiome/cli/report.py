"""`radiome report`: the report of a study, made again from its tables."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("report")
@click.argument("run", type=click.Path(path_type=Path), metavar="RUN")
def report(run: Path) -> None:
    """Make report.html from the tables of the run folder of a study.

    \b
    radiome report RUN

    One file that needs no network: open it in a browser, print it, send it. The numbers of
    every plot are written to RUN/report/data, the plots as SVG and PDF to
    RUN/report/figures.
    Nothing is computed again that a step of the study computed. Tables that are not as the
    study left them are named; the report shows them as they are.
    """
    from radiome.report.build import build_report

    path = build_report(run)
    for line in _edited(path.parent):
        click.echo(line, err=True)
    click.echo(f"{path}  {path.stat().st_size / 1e6:.1f} MB")


def _edited(run: Path) -> list[str]:
    """A line for each file of the run that is not the one that its step left."""
    from radiome.study.file_checks import check_files
    from radiome.study.records import read_record

    record = run / "study.json"
    if not (run / "state").is_dir() or not record.is_file():
        return []
    _, findings = check_files(run, read_record(record).get("steps", {}))
    return [f"note: {found.where} {found.what}" for found in findings]
