"""Every function that the page on statistics names is there."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "statistics.md").read_text(encoding="utf-8")
PLACES = ("radiome.model.performance", "radiome.model", "radiome.select")
#: Second cells of the rows of its tables, which name functions as `module.name`.
CELLS = [line.split(" | ")[1] for line in PAGE.splitlines() if line.count(" | ") == 4]
NAMED = sorted({name for cell in CELLS for name in re.findall(r"`(\w+\.\w+)", cell)})


def test_the_page_names_many() -> None:
    assert len(NAMED) > 50


@pytest.mark.parametrize("name", NAMED)
def test_a_function_of_the_page_exists(name: str) -> None:
    module, _, attribute = name.partition(".")
    assert any(_has(f"{place}.{module}", attribute) for place in PLACES) or _is_method(name)


def _has(module: str, attribute: str) -> bool:
    try:
        return hasattr(import_module(module), attribute)
    except ModuleNotFoundError:
        return False


def _is_method(name: str) -> bool:
    owner, _, method = name.partition(".")
    return hasattr(getattr(import_module("radiome.model.survival_curves"), owner, None), method)
