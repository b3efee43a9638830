"""`radiome settings`: the presets and what each setting means."""

from __future__ import annotations

import click


@click.group()
def settings() -> None:
    """List and show the settings presets."""


@settings.command("list")
def list_presets() -> None:
    """List the presets."""
    from radiome.extraction.presets import PRESETS

    width = max(len(name) for name in PRESETS)
    for name, preset in PRESETS.items():
        click.echo(f"{name:<{width}}  {preset.summary}")


@settings.command()
@click.argument("preset")
@click.option("--comments/--no-comments", default=True, help="Explain each setting.")
def show(preset: str, comments: bool) -> None:
    """Print a preset (or check and print a settings file) as YAML to start from."""
    from radiome.extraction.presets import PRESETS
    from radiome.extraction.settings import load_settings, settings_as_yaml

    chosen = load_settings(preset)
    title = f"{preset}: {PRESETS[preset].summary}" if preset in PRESETS else preset
    click.echo(settings_as_yaml(chosen, title=title, commented=comments), nl=False)
