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
    Nothing is computed again that a step of the study computed.
    """
    from radiome.report.build import build_report

    path = build_report(run)
    click.echo(f"{path}  {path.stat().st_size / 1e6:.1f} MB")
