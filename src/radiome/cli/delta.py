"""`radiome delta`: changes of features between the scans of a patient."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from radiome.model.response.options import ResponseOptions

_FILE = click.Path(path_type=Path)


@click.command("delta")
@click.argument("features", type=_FILE)
@click.option("-o", "--out", type=_FILE, required=True, help="CSV file of changes.")
@click.option("--patient", metavar="COLUMN", default="patient", show_default=True)
@click.option("--time", metavar="COLUMN", required=True, help="Dates as in ISO 8601, or numbers.")
@click.option("--lesion", metavar="COLUMN", help="Where a patient has several lesions.")
@click.option(
    "--baseline", metavar="first|TIME", default="first", show_default=True, help="Compared with."
)
@click.option(
    "--follow-up", metavar="all|first|last|TIME", default="all", show_default=True, help="Compared."
)
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    metavar="KIND",
    help="absolute, relative, rate, log_ratio; several with commas.  [default: absolute]",
)
@click.option("--include", multiple=True, metavar="PATTERN", help="Features, such as 'cm_*'.")
@click.option("--keep", multiple=True, metavar="COLUMN", help="Numbers that are no feature.")
@click.option("--settings", metavar="COLUMN", help="What tells the extraction settings.")
@click.option(
    "--mixed-settings", type=click.Choice(["refuse", "warn"]), default="refuse", show_default=True
)
@click.option("--with-baseline", is_flag=True, help="Values at baseline too, for models.")
@click.option("--repeatability", type=_FILE, help="CSV of feature and rc, wsd, rc_relative or wcv.")
@click.option("--test", "tests", is_flag=True, help="Paired tests of each feature.")
@click.option("--scale", type=click.Choice(["absolute", "log_ratio"]), default="absolute")
@click.option("--flips", type=click.IntRange(min=1), default=999, show_default=True)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--outcome", type=_FILE, help="CSV file with one row per patient.")
@click.option("--outcome-column", metavar="COLUMN", help="Outcome to compare changes with.")
@click.option(
    "--outcome-kind",
    type=click.Choice(["binary", "ordinal", "continuous", "count"]),
    default="binary",
    show_default=True,
)
@click.option("--positive", metavar="VALUE", help="Value that counts, if binary, or is the event.")
@click.option("--event-time", metavar="COLUMN", help="Time from the baseline scan to the event.")
@click.option("--event", metavar="COLUMN", help="1 where it was seen, 0 if censored.")
@click.option("--landmark", type=float, help="Time since baseline from which events count.")
@click.option(
    "--outcome-unit", type=float, default=1.0, help="Units of scan time in one of --event-time."
)
def delta(features: Path, out: Path, **given: Any) -> None:
    """Compare the scans of each patient: changes, their repeatability, tests.

    \b
    radiome delta RUN_DIR -o response/delta.csv --patient patient --time day
    radiome delta features.csv -o delta.csv --time date --lesion roi \\
        --kind relative,rate --test --repeatability rc.csv
    radiome delta features.csv -o delta.csv --time day --with-baseline \\
        --outcome survival.csv --event-time days --event died --landmark 60

    FEATURES is a run folder or a CSV file. Beside the table go its catalogue, the reasons of
    empty cells, what was left out and why, the tests, and response.json. 'radiome model
    DELTA.csv' learns from the table, from the landmark on with DELTA.outcomes.csv.
    """
    from radiome.model.outcome_reading import read_table
    from radiome.model.provenance import provenance_of
    from radiome.model.response.output import check_path, response_text, write_response
    from radiome.model.response.scan_files import read_scan_file
    from radiome.model.response.study import run_response

    outcome, limits = given["outcome"], given["repeatability"]
    inputs = [path for path in (features, outcome, limits) if path is not None]
    check_path(out, inputs)
    options = _options(given)
    found = run_response(
        read_scan_file(features),
        options,
        outcomes=None if outcome is None else read_table(outcome),
        limits=limits,
        where=str(outcome),
    )
    written = write_response(found, out, options, provenance=provenance_of(inputs))
    click.echo(response_text(found))
    for path in written:
        click.echo(str(path), err=True)


def _options(given: dict[str, Any]) -> ResponseOptions:
    from radiome.base.options import parse_options
    from radiome.model.response.options import ResponseOptions

    direct = ("patient", "time", "lesion", "baseline", "follow_up", "settings", "mixed_settings")
    changes: dict[str, Any] = {name: given[name] for name in (*direct, "with_baseline", "keep")}
    for name in ("include", "kinds"):
        split = [part.strip() for text in given[name] for part in text.split(",")]
        if split:
            changes[name] = split
    values = {name: given[name] for name in ("tests", "scale", "flips", "seed", "outcome_unit")}
    values |= {"delta": changes, "landmark": given["landmark"], "outcome": _outcome(given)}
    return parse_options(ResponseOptions, values, where="command line")


def _outcome(given: dict[str, Any]) -> dict[str, Any] | None:
    """The outcome as a plan would declare it."""
    survival = given["event_time"] or given["event"]
    if given["outcome"] is None:
        if survival or given["outcome_column"] or given["landmark"]:
            raise click.UsageError("outcomes need --outcome FILE")
        return None
    if survival and given["outcome_column"]:
        raise click.UsageError("give --outcome-column, or --event-time and --event")
    if survival:
        if not (given["event_time"] and given["event"]):
            raise click.UsageError("--event-time and --event go together")
        names = {"time": given["event_time"], "event": given["event"]}
        seen = {} if given["positive"] is None else {"event_of_interest": given["positive"]}
        return {"name": given["event"], "kind": "survival", **names, **seen}
    if not given["outcome_column"]:
        raise click.UsageError("--outcome needs --outcome-column, or --event-time and --event")
    kind = {"name": given["outcome_column"], "kind": given["outcome_kind"]}
    return kind | ({"positive": given["positive"]} if given["positive"] is not None else {})
