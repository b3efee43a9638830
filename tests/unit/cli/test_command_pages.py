"""Every command has a page that runs it, and every page is for a command."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from radiome.cli.main import COMMANDS

_PAGES = Path(__file__).parents[3] / "docs" / "commands"
_INDEX = _PAGES / "README.md"
#: A call through click's runner: `radiome("extract", ...)` or `invoke(main, ["audit", ...])`.
_CALL = re.compile(r"(?:\bradiome\(|\binvoke\(main, \[)\"([a-z]+)\"")
_LINK = re.compile(r"\]\(([^)#]+)\)")


def _invoked(text: str) -> set[str]:
    """Commands that the examples of a page run."""
    examples = doctest.DocTestParser().get_examples(text)
    return {name for example in examples for name in _CALL.findall(example.source)}


@pytest.mark.parametrize("name", COMMANDS)
def test_page_names_its_command_and_runs_it(name: str) -> None:
    text = (_PAGES / f"{name}.md").read_text(encoding="utf-8")
    assert text.startswith(f"# `radiome {name}`\n")
    assert re.search(rf"^radiome {name}\b", text, re.MULTILINE), "no usage line"
    assert "Exit status: 0" in text
    assert name in _invoked(text)
    assert "+SKIP" not in text


def test_no_page_is_for_a_command_that_does_not_exist() -> None:
    assert {path.stem for path in _PAGES.glob("*.md")} - {"README"} == set(COMMANDS)


def test_index_has_every_page_once() -> None:
    linked = _LINK.findall(_INDEX.read_text(encoding="utf-8"))
    assert sorted(linked) == sorted(f"{name}.md" for name in COMMANDS)


@pytest.mark.parametrize("page", sorted(_PAGES.glob("*.md")), ids=lambda path: path.stem)
def test_links_lead_somewhere(page: Path) -> None:
    for target in _LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / target).is_file(), target


@pytest.mark.parametrize("page", sorted(_PAGES.glob("*.md")), ids=lambda path: path.stem)
def test_commands_run_by_pages_exist(page: Path) -> None:
    assert _invoked(page.read_text(encoding="utf-8")) <= set(COMMANDS)
