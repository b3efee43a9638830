"""`radiome names`: what other packages call a feature."""

from __future__ import annotations

import click


@click.command()
@click.argument("pattern", default="")
@click.option("--csv", "as_csv", is_flag=True, help="Print a CSV table.")
def names(pattern: str, as_csv: bool) -> None:
    """Print the names of features in pyradiomics, MIRP, pictologics, Nyxus, z-rad and radiome.

    With PATTERN only the rows that contain it: a name of any package, or an IBSI code.
    """
    from radiome.compat.names import COLUMNS, matching

    rows = matching(pattern)
    if not rows:
        raise click.UsageError(f"no feature has a name with '{pattern}' in it")
    table = [dict(zip(COLUMNS, COLUMNS, strict=True)), *rows]
    if as_csv:
        for row in table:
            click.echo(",".join(row[name] for name in COLUMNS))
        return
    widths = {name: max(len(row[name]) for row in table) for name in COLUMNS}
    for row in table:
        click.echo("  ".join(f"{row[name]:<{widths[name]}}" for name in COLUMNS).rstrip())
