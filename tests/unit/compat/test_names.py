"""The table of names holds every feature, each once, by codes that agree."""

from __future__ import annotations

import csv

from click.testing import CliRunner

from radiome.cli.main import main
from radiome.compat.names import COLUMNS, names
from radiome.compat.pyradiomics.feature_catalogue import DEPRECATED, FEATURE_CLASSES
from radiome.features.catalogue import features


def test_every_feature_of_radiome_is_there_with_its_code():
    found = {row["radiome"]: row["ibsi_code"] for row in names() if row["radiome"]}
    assert found == {tag: known.ibsi_code for tag, known in features().items()}


def test_every_feature_of_pyradiomics_is_there_once():
    found = [row["pyradiomics"] for row in names() if row["pyradiomics"]]
    assert len(found) == len(set(found))
    current = {f"{c}_{name}" for c, known in FEATURE_CLASSES.items() for name in known}
    old = {f"{c}_{name}" for c, known in DEPRECATED.items() for name in known}
    assert current <= set(found) <= current | old


def test_names_of_pictologics_end_in_the_code():
    rows = [row for row in names() if row["pictologics"]]
    assert len(rows) == 169
    assert all(row["pictologics"].endswith(f"_{row['ibsi_code']}") for row in rows)


def test_names_of_mirp_are_those_of_the_standard():
    rows = [row for row in names() if row["mirp"]]
    assert len(rows) == 174
    assert all(row["mirp"] == row["radiome"] for row in rows)


DIFFERS = "Nyxus value differs from IBSI"


def test_names_of_z_rad_are_those_of_the_standard():
    rows = [row for row in names() if row["zrad"]]
    assert len(rows) == 169
    assert all(row["zrad"] == row["radiome"] for row in rows)
    absent = {row["radiome"] for row in names() if row["mirp"] and not row["zrad"]}
    assert absent == {
        "morph_vol_dens_ombb",
        "morph_area_dens_ombb",
        "morph_vol_dens_mvee",
        "morph_area_dens_mvee",
        "ivh_auc",
    }


def test_names_of_nyxus_say_whether_their_value_agrees():
    rows = [row for row in names() if row["nyxus"]]
    assert len(rows) == len({row["nyxus"] for row in rows}) == 130
    assert all(row["ibsi_code"] and row["nyxus"].startswith("3") for row in rows)
    differ = {row["radiome"] for row in rows if DIFFERS in row["note"]}
    assert len(differ) == 51
    assert {"morph_volume", "stat_p10", "ngt_contrast", "dzm_sde"} <= differ
    assert not {"stat_mean", "cm_contrast", "szm_lze", "rlm_sre", "ngl_lde"} & differ
    assert not any(DIFFERS in row["note"] for row in names() if not row["nyxus"])


def test_directional_names_of_nyxus_are_means_over_directions():
    rows = [row for row in names() if row["nyxus"].startswith(("3GLCM_", "3GLRLM_"))]
    assert len(rows) == 41
    assert all(row["nyxus"].endswith("_AVE") for row in rows)


def test_the_command_finds_a_feature_by_any_name():
    for pattern in ("JointEntropy", "TU9B", "cm_joint_entr", "tu9b", "3GLCM_JE_AVE"):
        run = CliRunner().invoke(main, ["names", pattern, "--csv"])
        rows = list(csv.DictReader(run.output.splitlines()))
        assert [row["radiome"] for row in rows] == ["cm_joint_entr"]
        assert tuple(rows[0]) == COLUMNS
    shown = CliRunner().invoke(main, ["names", "Kurtosis"])
    assert "does not subtract 3" in shown.output
    assert CliRunner().invoke(main, ["names", "no such name"]).exit_code == 2
