from __future__ import annotations

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner

from radiome.cli.main import main
from radiome.extraction.presets import PRESETS
from radiome.extraction.settings import load_settings


def call(*arguments: str) -> str:
    result = CliRunner().invoke(main, list(arguments))
    assert result.exit_code == 0, result.output
    return result.output


def test_the_list_names_every_preset() -> None:
    lines = call("settings", "list").splitlines()
    assert [line.split()[0] for line in lines] == list(PRESETS)


@pytest.mark.parametrize("preset", PRESETS)
def test_what_is_shown_can_be_used(preset: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(call("settings", "show", preset), encoding="utf-8")
    assert load_settings(path) == load_settings(preset)


def test_comments_can_be_left_out() -> None:
    assert "# " in call("settings", "show", "ct").split("\n", 1)[1]
    assert "#" not in call("settings", "show", "ct", "--no-comments").split("\n", 1)[1]


def test_an_unknown_preset_suggests_the_nearest() -> None:
    result = CliRunner().invoke(main, ["settings", "show", "ibsi-1-f"])
    assert result.exit_code == 2
    assert "did you mean 'ibsi-1-" in result.output


def test_the_catalogue_prints_one_family_or_all() -> None:
    everything = call("catalogue").splitlines()
    glcm = call("catalogue", "--family", "glcm").splitlines()
    assert len(everything) > len(glcm) == 25
    assert all(line.startswith("cm_") for line in glcm)
    result = CliRunner().invoke(main, ["catalogue", "--family", "glmc"])
    assert result.exit_code == 2
    assert "one of morphology" in result.output


def test_the_catalogue_can_be_saved(tmp_path: Path) -> None:
    call("catalogue", "-o", str(tmp_path / "c.csv"))
    with (tmp_path / "c.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {"tag", "ibsi_code", "name", "family", "unit", "aggregation", "source"} <= set(rows[0])


def test_warmup_reaches_every_feature() -> None:
    assert call("warmup").startswith("541 features ready")
