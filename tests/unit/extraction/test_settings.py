"""Settings: presets are valid, YAML round-trips, faults are named."""

import pytest
import yaml

from radiome.base.errors import SettingsError
from radiome.extraction.presets import MODALITY_PRESETS, PRESETS
from radiome.extraction.settings import Settings, load_settings, settings_as_yaml


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_every_preset_survives_being_written_as_yaml_and_read_back(name, tmp_path):
    settings = load_settings(name)
    path = tmp_path / "settings.yaml"
    path.write_text(settings_as_yaml(settings, title=name), encoding="utf-8")
    assert load_settings(path) == settings
    assert load_settings(path).fingerprint() == settings.fingerprint()


def test_commented_yaml_says_what_each_key_means():
    lines = settings_as_yaml(load_settings("ct")).splitlines()
    keys = [index for index, line in enumerate(lines) if not line.lstrip().startswith("#")]
    assert all(lines[index - 1].lstrip().startswith("#") for index in keys)
    assert len(keys) == len(yaml.safe_load("\n".join(lines))) + sum(
        len(group) for group in yaml.safe_load("\n".join(lines)).values() if isinstance(group, dict)
    )


@pytest.mark.parametrize("modality", ["CT", "MR", "PT", "ct"])
def test_modality_chooses_its_preset(modality):
    assert load_settings(modality=modality) == load_settings(MODALITY_PRESETS[modality.upper()])


def test_unknown_modality_takes_the_basic_preset():
    assert load_settings(modality="US") == load_settings("basic")


def test_fingerprint_depends_on_every_value():
    wide = Settings.model_validate({"discretisation": PRESETS["ct"].values["discretisation"]})
    assert wide.fingerprint() != Settings().fingerprint()


def test_unknown_preset_names_the_nearest():
    with pytest.raises(SettingsError) as caught:
        load_settings("ibsi-1-f")
    assert "did you mean 'ibsi-1-" in (caught.value.do or "")


def test_misspelt_key_names_the_nearest(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("interpolation: {spacng: 1.0}\n")
    with pytest.raises(SettingsError) as caught:
        load_settings(path)
    assert caught.value.what == "unknown setting 'interpolation.spacng'"
    assert caught.value.do == "did you mean 'spacing'?"
    assert caught.value.where == str(path)


@pytest.mark.parametrize("text", ["[1, 2", "- a\n- b\n", "just text"])
def test_a_file_that_is_not_a_mapping_is_refused(tmp_path, text):
    path = tmp_path / "broken.yaml"
    path.write_text(text)
    with pytest.raises(SettingsError, match="settings file") as caught:
        load_settings(path)
    assert caught.value.where == str(path)


@pytest.mark.parametrize("source", [3, ["ct"], b"ct"])
def test_settings_of_another_kind_are_refused(source):
    with pytest.raises(SettingsError, match="cannot be used"):
        load_settings(source)
