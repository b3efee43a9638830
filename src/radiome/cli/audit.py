"""`radiome audit`: what was fitted on which patients."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import click

from radiome.base.counting import counted


@click.command("audit")
@click.argument("study", type=click.Path(path_type=Path))
@click.option("--all", "every", is_flag=True, help="A line for each fold.")
def audit(study: Path, every: bool) -> None:
    """List what was fitted on what, and check it against the predictions.

    Exit status 1 if a model was judged by patients that it may have seen.
    """
    from radiome.model.audit import AuditRow
    from radiome.model.audit import audit as audit_study

    rows = audit_study(study)
    groups: dict[tuple[str, str], list[AuditRow]] = defaultdict(list)
    for row in rows:
        groups[row.outcome, row.model].append(row)
        if every:
            told = "sound" if row.sound else row.reason
            click.echo(f"{row.outcome}  {row.model}  {row.purpose}: {row.n_patients}, {told}")
    for (outcome, model), members in groups.items():
        sound = sum(row.sound for row in members)
        first = members[0]
        click.echo(f"{outcome}, {model}: {sound} of {counted(len(members), 'fold')} sound")
        for step in first.steps:
            seen = "saw the outcome" if step in first.saw_outcome else "did not see the outcome"
            click.echo(
                f"    {step}: fitted on {counted(first.n_patients, 'patient')} or so, {seen}"
            )
    bad = [row for row in rows if not row.sound]
    for row in bad[:20]:
        click.echo(f"{row.outcome}, {row.model}, {row.purpose}: {row.reason}", err=True)
    if bad:
        raise click.exceptions.Exit(1)
