"""The `radiome` command: a table of sub-commands, each loaded when it is called."""

from __future__ import annotations

from importlib import import_module
from typing import Any, NamedTuple

import click

from radiome.base.errors import UserError, system_error
from radiome.base.version import __version__

#: Exit statuses beyond 0 (done) and 1 (some cases failed, some values out of tolerance).
EXIT_USER_ERROR = 2
EXIT_INTERRUPTED = 130


class _Entry(NamedTuple):
    target: str
    summary: str


#: Every command: name, where it is (``module:attribute``), and its line in the help.
COMMANDS = {
    "extract": _Entry(
        "radiome.cli.extract:extract", "Extract features of one case, a cohort or a folder."
    ),
    "study": _Entry("radiome.cli.study:study", "Run a whole study from one protocol."),
    "report": _Entry(
        "radiome.cli.report:report", "Make the report of a study again from its tables."
    ),
    "demo": _Entry("radiome.cli.demo:demo", "Make a small virtual cohort and extract it."),
    "verify": _Entry("radiome.cli.verify:verify", "Compare with published reference values."),
    "pyradiomics": _Entry(
        "radiome.cli.pyradiomics:pyradiomics", "Run as pyradiomics would, with its files and flags."
    ),
    "names": _Entry("radiome.cli.names:names", "Say what other packages call a feature."),
    "atlas": _Entry(
        "radiome.cli.atlas:atlas", "Group features that say the same; name those of volume."
    ),
    "repeatability": _Entry(
        "radiome.cli.repeatability:repeatability",
        "Tell how alike features are when lesions are measured again.",
    ),
    "crops": _Entry("radiome.cli.crops:crops", "Cut cubes of image around lesions, for networks."),
    "settings": _Entry("radiome.cli.settings:settings", "List and show the settings presets."),
    "map": _Entry("radiome.cli.map:map_features", "Save features or filter responses as images."),
    "filters": _Entry("radiome.cli.filters:filters", "List the image filters and their options."),
    "catalogue": _Entry("radiome.cli.catalogue:catalogue", "Say what each feature is."),
    "discovery": _Entry(
        "radiome.cli.discovery:discovery", "Count what was tried, correct p, plan sample sizes."
    ),
    "model": _Entry(
        "radiome.cli.model:model", "Learn outcomes from features, and say how sure it is."
    ),
    "controls": _Entry(
        "radiome.cli.controls:controls", "Extract features of negative control images."
    ),
    "delta": _Entry(
        "radiome.cli.delta:delta", "Compare the scans of each patient: changes and their tests."
    ),
    "predict": _Entry("radiome.cli.predict:predict", "Predict other patients with a locked model."),
    "audit": _Entry("radiome.cli.audit:audit", "List what a study fitted on which patients."),
    "warmup": _Entry("radiome.cli.warmup:warmup", "Compile everything ahead of first use."),
}


class LazyGroup(click.Group):
    """A group that knows its commands from `COMMANDS` and imports only the one called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command, or return None if there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].target.partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help from the table, importing nothing."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; the one place where errors of the user become messages."""
        try:
            return super().invoke(ctx)
        except UserError as error:
            if ctx.params.get("debug"):
                raise
            _refuse(ctx, error)
        except OSError as error:
            # A closed pipe, as of `| head`, is for click to handle.
            if ctx.params.get("debug") or isinstance(error, BrokenPipeError):
                raise
            _refuse(ctx, system_error(error))
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            ctx.exit(EXIT_INTERRUPTED)


def _refuse(ctx: click.Context, error: UserError) -> None:
    click.echo(click.style("error: ", fg="red") + error.message, err=True)
    ctx.exit(EXIT_USER_ERROR)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="radiome")
@click.option("--debug", is_flag=True, help="Show the traceback of errors.")
def main(debug: bool) -> None:
    """Radiomics that measures right, measures fast, and will not fool you."""
