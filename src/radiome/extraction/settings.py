"""Everything that decides a number, in one strict and versioned tree."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, SerializeAsAny, model_validator

from radiome.base.errors import SettingsError, nearest_name
from radiome.base.options import Options, parse_options
from radiome.discretise.options import Discretisation
from radiome.extraction.presets import MODALITY_PRESETS, PRESETS
from radiome.features.intensity_volume_histogram import IvhOptions
from radiome.features.texture_options import TextureOptions
from radiome.filters.catalogue import parse_filter
from radiome.filters.contract import Filter
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
    "fourier_spectrum",
    "autocorrelation_function",
]

#: The families of the IBSI reference manual, which are computed unless others are asked for.
ALL_FAMILIES: tuple[Family, ...] = Family.__args__[:11]  # type: ignore[attr-defined]


#: Families of a response map unless stated: what does not depend on the mask alone, nor on
#: the unit of the image.
FILTERED_FAMILIES: tuple[Family, ...] = (
    "intensity_statistics",
    "intensity_histogram",
    "glcm",
    "glrlm",
    "glszm",
    "gldzm",
    "ngtdm",
    "ngldm",
)


class FilteredImage(Options):
    """A filter, and what is computed from each of its response maps."""

    filter: Annotated[SerializeAsAny[Filter], BeforeValidator(parse_filter)] = Field(
        description="The filter with its options; 'radiome filters' lists them."
    )
    discretisation: Discretisation = Field(
        default=Discretisation(),
        description="Grey levels of each response map; a map has its own range, so by number.",
    )
    families: tuple[Family, ...] = Field(
        FILTERED_FAMILIES, min_length=1, description="Feature families of each response map."
    )


class Settings(Options):
    """The settings of one extraction."""

    advice = "'radiome settings show ct' prints every setting with its meaning"

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
        ALL_FAMILIES, description="Feature families of the unfiltered image."
    )
    filtered_images: tuple[FilteredImage, ...] = Field(
        (), description="Filters of the prepared image, each with its own discretisation."
    )

    @model_validator(mode="after")
    def _something_to_do(self) -> Settings:
        if not self.families and not self.filtered_images:
            raise ValueError("nothing to compute: give families, filtered_images or both")
        counts = Counter(
            name for image in self.filtered_images for name in image.filter.map_names()
        )
        twice = [name for name, count in counts.items() if count > 1]
        if twice:
            raise ValueError(
                f"two filtered images have the name '{twice[0]}': give their filters a label"
            )
        return self

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
        return load_settings(preset_of(modality))
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


def preset_of(modality: str) -> str:
    """Name of the preset that images of a modality are measured with by default."""
    return MODALITY_PRESETS.get(modality.upper(), "basic")


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
        elif isinstance(value, tuple) and value and isinstance(value[0], Options):
            lines.append(f"{indent}{name}:")
            _write_list(value, lines, indent=indent + "  ", commented=commented)
        else:
            lines.append(f"{indent}{name}: {_yaml_value(value)}")


def _write_list(
    groups: tuple[Options, ...], lines: list[str], *, indent: str, commented: bool
) -> None:
    for group in groups:
        first = len(lines)
        # Meanings once: the second entry of a list has the options of the first.
        _write_group(group, lines, indent=indent + "  ", commented=commented and group is groups[0])
        lines[first:] = _as_list_entry(lines[first:], indent)


def _as_list_entry(lines: list[str], indent: str) -> list[str]:
    """The dash of YAML in front of the first line that is not a comment."""
    key = next(i for i, line in enumerate(lines) if not line.lstrip().startswith("#"))
    return [*lines[:key], f"{indent}- {lines[key].lstrip()}", *lines[key + 1 :]]


def _yaml_value(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, tuple):
        return "[" + ", ".join(_yaml_value(part) for part in value) + "]"
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return ".inf" if value > 0 else "-.inf"
    if isinstance(value, str) and not value.replace("_", "").isalpha():
        return json.dumps(value, ensure_ascii=False)
    return str(value)
