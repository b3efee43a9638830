from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import click
import pytest
from click.testing import CliRunner

from radiome.base.errors import UserError
from radiome.base.version import __version__
from radiome.cli.main import COMMANDS, main

HEAVY = ("numba", "numpy", "pydantic", "rich", "pandas", "pyarrow", "scipy", "pydicom", "yaml")


@pytest.mark.parametrize("arguments", ["--help", "--version"])
def test_help_loads_neither_commands_nor_anything_heavy(arguments: str) -> None:
    script = (
        "import sys\nfrom radiome.cli.main import main\n"
        f"try:\n    main(['{arguments}'])\nexcept SystemExit as end:\n    assert not end.code\n"
        "print('MODULES', *sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    modules = set(done.stdout.split("MODULES")[1].split())
    assert not modules & set(HEAVY)
    ours = {name for name in modules if name.startswith("radiome.cli.")}
    assert ours == {"radiome.cli.main"}


def test_help_lists_every_command() -> None:
    text = CliRunner().invoke(main, ["--help"]).output
    for name, entry in COMMANDS.items():
        assert name in text
        assert entry.summary in text


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_the_table_exists(name: str) -> None:
    module, _, attribute = COMMANDS[name].target.partition(":")
    assert module.startswith("radiome.cli.")
    assert isinstance(getattr(import_module(module), attribute), click.Command)


def test_version() -> None:
    assert __version__ in CliRunner().invoke(main, ["--version"]).output


def test_unknown_command() -> None:
    result = CliRunner().invoke(main, ["extrct"])
    assert result.exit_code == 2
    assert "extrct" in result.output


def test_errors_of_the_user_become_messages_in_one_place(monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    def failing() -> None:
        raise UserError("the region is empty", where="x.nii", do="draw it")

    monkeypatch.setattr("radiome.cli.settings.settings", failing)
    result = CliRunner().invoke(main, ["settings"])
    assert result.exit_code == 2
    assert result.stderr == "error: the region is empty\n  where: x.nii\n  do: draw it\n"
    result = CliRunner().invoke(main, ["--debug", "settings"])
    assert isinstance(result.exception, UserError)


def test_bugs_keep_their_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    def broken() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("radiome.cli.settings.settings", broken)
    assert isinstance(CliRunner().invoke(main, ["settings"]).exception, ZeroDivisionError)


def test_ctrl_c_exits_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("radiome.cli.settings.settings", interrupted)
    assert CliRunner().invoke(main, ["settings"]).exit_code == 130
