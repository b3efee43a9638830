"""Everything that decides a number, in one strict and versioned tree."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from radiome.base.errors import SettingsError, nearest_name
from radiome.base.options import Options, parse_options
from radiome.discretise.options import Discretisation
from radiome.extraction.presets import MODALITY_PRESETS, PRESETS
from radiome.features.intensity_volume_histogram import IvhOptions
from radiome.features.texture_options import TextureOptions
from radiome.preprocess.options import Interpolation, Resegmentation

Family = Literal[
    "morphology",
    "local_intensity",
    "intensity_statistics",
    "intensity_histogram",
    "intensity_volume_histogram",
    "glcm",
    "glrlm",
    "glszm",
    "gldzm",
    "ngtdm",
    "ngldm",
]

ALL_FAMILIES: tuple[Family, ...] = Family.__args__  # type: ignore[attr-defined]


class Settings(Options):
    """The settings of one extraction."""

    version: Literal[1] = Field(1, description="Version of this settings format.")
    interpolation: Interpolation = Field(
        Interpolation(), description="Resampling of image and mask."
    )
    resegmentation: Resegmentation = Field(
        default=Resegmentation(),
        description="Intensities that stay in the intensity mask; the morphological mask is kept.",
    )
    discretisation: Discretisation = Field(
        default=Discretisation(),
        description="Grey levels for the intensity histogram and the texture families.",
    )
    ivh: IvhOptions = Field(
        default=IvhOptions(),
        description="Discretisation of the intensity-volume histogram alone.",
    )
    texture: TextureOptions = Field(
        default=TextureOptions(), description="How texture matrices are counted."
    )
    families: tuple[Family, ...] = Field(
        ALL_FAMILIES, min_length=1, description="Feature families to compute."
    )

    def fingerprint(self) -> str:
        """SHA-256 of the normalised settings: equal settings have equal fingerprints."""
        normal = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return hashlib.sha256(normal.encode()).hexdigest()


SettingsSource = Settings | Mapping[str, Any] | str | Path | None


def load_settings(source: SettingsSource = None, *, modality: str = "") -> Settings:
    """Return settings from a preset name, a YAML file, a mapping, or by modality.

    Parameters
    ----------
    source : Settings, mapping, str, Path or None
        None takes the preset of `modality`: ``ct``, ``mr``, ``pet``, else ``basic``.
    modality : str
        DICOM modality of the image; used only when `source` is None.

    Raises
    ------
    SettingsError
        For an unknown preset, an unreadable file, an unknown key or a bad value.
    """
    if isinstance(source, Settings):
        return source
    if source is None:
        return load_settings(MODALITY_PRESETS.get(modality.upper(), "basic"))
    if isinstance(source, Mapping):
        return parse_options(Settings, source)
    if not isinstance(source, str | Path):
        raise SettingsError(
            "the settings are of a kind that cannot be used",
            where="settings",
            expected="a preset name, a YAML path, a mapping or Settings",
            got=type(source).__name__,
            do="for example settings='ct'",
        )
    name = str(source)
    if name in PRESETS:
        return parse_options(Settings, PRESETS[name].values, where=f"preset {name}")
    return _read_file(Path(source))


def _read_file(path: Path) -> Settings:
    if not path.is_file():
        near = nearest_name(str(path), PRESETS)
        raise SettingsError(
            f"no settings file or preset '{path}'",
            where="settings",
            expected="a YAML file, or a preset: " + ", ".join(PRESETS),
            got=str(path),
            do=f"did you mean '{near}'?" if near else "'radiome settings list' shows the presets",
        )
    import yaml

    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SettingsError(
            "the settings file is not readable YAML",
            where=str(path),
            expected="YAML text in UTF-8",
            got=" ".join(str(error).split()),
            do="'radiome settings show ct' prints a valid file to start from",
        ) from None
    if not isinstance(values, Mapping):
        raise SettingsError(
            "the settings file does not hold named settings",
            where=str(path),
            expected="a YAML mapping such as 'interpolation: {spacing: 1.0}'",
            got=type(values).__name__,
            do="'radiome settings show ct' prints a valid file to start from",
        )
    return parse_options(Settings, values, where=str(path))


def settings_as_yaml(settings: Settings, *, title: str = "", commented: bool = True) -> str:
    """Write settings as YAML, each key with its meaning as a comment."""
    lines = [f"# {title}"] if title else []
    _write_group(settings, lines, indent="", commented=commented)
    return "\n".join(lines) + "\n"


def _write_group(group: Options, lines: list[str], *, indent: str, commented: bool) -> None:
    for name, field in type(group).model_fields.items():
        value = getattr(group, name)
        if commented and field.description:
            lines.append(f"{indent}# {field.description}")
        if isinstance(value, Options):
            lines.append(f"{indent}{name}:")
            _write_group(value, lines, indent=indent + "  ", commented=commented)
        else:
            lines.append(f"{indent}{name}: {_yaml_value(value)}")


def _yaml_value(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, tuple):
        return "[" + ", ".join(_yaml_value(part) for part in value) + "]"
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return ".inf" if value > 0 else "-.inf"
    return str(value)
