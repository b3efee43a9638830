"""`radiome filters`: the image filters and their options."""

from __future__ import annotations

import click


@click.command()
@click.argument("name", required=False)
def filters(name: str | None) -> None:
    """List the image filters, or the options of the filter NAME."""
    from radiome.filters.catalogue import FILTERS

    if name is None:
        width = max(len(known) for known in FILTERS)
        for known, entry in FILTERS.items():
            click.echo(f"{known:<{width}}  {entry.ibsi_code or '-':<4}  {entry.summary}")
        return
    from radiome.filters.catalogue import filter_class

    fields = filter_class(name).model_fields
    click.echo(f"# {FILTERS[name].summary}")
    click.echo(f"name: {name}")
    for option, field in fields.items():
        if option == "name":
            continue
        default = "required" if field.is_required() else f"default {field.default}"
        click.echo(f"# {field.description or ''} ({default})\n{option}:")
