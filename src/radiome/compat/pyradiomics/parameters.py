"""pyradiomics parameter files and settings, read as they are and checked strictly.

Source: documentation of pyradiomics 3.0.1, "Customizing the extraction".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from radiome.base.errors import SettingsError, nearest_name
from radiome.compat.pyradiomics.feature_catalogue import DEPRECATED, FEATURE_CLASSES, REMOVED
from radiome.compat.pyradiomics.image_types import IMAGE_TYPES
from radiome.compat.pyradiomics.setting_table import (
    SETTINGS,
    VOXEL_SETTINGS,
    Setting,
    checked_setting,
)

ImageTypes = dict[str, dict[str, Any]]
FeatureClasses = dict[str, list[str] | None]

_SECTIONS = ("setting", "imageType", "featureClass", "voxelSetting")

#: What pyradiomics sets before a parameter file or an argument says otherwise.
DEFAULTS: dict[str, Any] = {
    "minimumROIDimensions": 2,
    "minimumROISize": None,
    "normalize": False,
    "normalizeScale": 1,
    "removeOutliers": None,
    "resampledPixelSpacing": None,
    "interpolator": "sitkBSpline",
    "preCrop": False,
    "padDistance": 5,
    "distances": [1],
    "force2D": False,
    "force2Ddimension": 0,
    "resegmentRange": None,
    "label": 1,
    "additionalInfo": True,
}


@dataclass(frozen=True, slots=True)
class Parameters:
    """Checked content of a parameter file."""

    setting: dict[str, Any] = field(default_factory=dict)
    image_types: ImageTypes = field(default_factory=lambda: {"Original": {}})
    feature_classes: FeatureClasses = field(default_factory=lambda: default_classes())


def default_classes() -> FeatureClasses:
    """Every class with all its features, but shape2D, which needs a single slice."""
    return {name: [] for name in FEATURE_CLASSES if name != "shape2D"}


def read_parameters(source: str | Path | Mapping[str, Any]) -> Parameters:
    """Read and check a parameter file (YAML or JSON) or a mapping.

    Raises
    ------
    SettingsError
        For an unreadable file, an unknown name (with the nearest known one), a value of the
        wrong kind, or an option that is not supported.
    """
    where = "parameters" if isinstance(source, Mapping) else str(source)
    values = source if isinstance(source, Mapping) else _read(Path(source))
    for section in values:
        if section not in _SECTIONS:
            raise _unknown("section", str(section), _SECTIONS, where)
    setting = checked_settings(values.get("setting") or {}, where=where)
    voxel = values.get("voxelSetting") or {}
    setting |= {
        name: checked_setting(name, value, VOXEL_SETTINGS, where=f"{where}: voxelSetting")
        for name, value in voxel.items()
    }
    image_types = checked_image_types(values.get("imageType") or {"Original": {}}, where=where)
    classes = values.get("featureClass")
    feature_classes = checked_classes(classes, where=where) if classes else default_classes()
    return Parameters(setting, image_types, feature_classes)


def checked_settings(
    values: Mapping[str, Any], *, where: str, known: Mapping[str, Setting] = SETTINGS
) -> dict[str, Any]:
    """Check settings by name."""
    if not isinstance(values, Mapping):
        raise _not_names("setting", values, where)
    return {
        name: checked_setting(name, value, known, where=f"{where}: setting")
        for name, value in values.items()
    }


def checked_image_types(values: Mapping[str, Any], *, where: str) -> ImageTypes:
    """Check image types with their own settings; null stands for none of these."""
    if not isinstance(values, Mapping):
        raise _not_names("imageType", values, where)
    found: ImageTypes = {}
    for name, own in values.items():
        if name not in IMAGE_TYPES:
            raise _unknown("image type", str(name), tuple(IMAGE_TYPES), where)
        found[name] = checked_settings(own or {}, where=f"{where}: imageType {name}")
    return found


def checked_classes(values: Mapping[str, Any], *, where: str) -> FeatureClasses:
    """Check feature classes with the features asked for; null or none of them stands for all."""
    if not isinstance(values, Mapping):
        raise _not_names("featureClass", values, where)
    found: FeatureClasses = {}
    for name, features in values.items():
        if name not in FEATURE_CLASSES:
            raise _unknown("feature class", str(name), tuple(FEATURE_CLASSES), where)
        found[name] = checked_features(name, features, where=where)
    return found


def checked_features(feature_class: str, features: Any, *, where: str) -> list[str]:
    """Check the names of features of one class."""
    if features is not None and not isinstance(features, list | tuple):
        raise _not_names(f"featureClass {feature_class}", features, where)
    known = (*FEATURE_CLASSES[feature_class], *DEPRECATED.get(feature_class, ()))
    known += tuple(REMOVED.get(feature_class, {}))
    for feature in features or []:
        if feature not in known:
            raise _unknown(f"feature of {feature_class}", str(feature), known, where)
    return [str(feature) for feature in features or []]


def _read(path: Path) -> Mapping[str, Any]:
    import yaml

    if not path.is_file():
        raise SettingsError(
            "the parameter file does not exist",
            where=str(path),
            expected="a YAML or JSON file",
            do="check the path",
        )
    text = path.read_text(encoding="utf-8-sig")
    try:
        values = json.loads(text) if path.suffix.lower() == ".json" else yaml.safe_load(text)
    except (yaml.YAMLError, json.JSONDecodeError) as error:
        raise SettingsError(
            "the parameter file is not readable",
            where=str(path),
            expected="YAML or JSON text",
            got=" ".join(str(error).split()),
        ) from None
    if not isinstance(values, Mapping):
        raise _not_names("parameter file", values, str(path))
    return values


def _unknown(kind: str, name: str, known: tuple[str, ...], where: str) -> SettingsError:
    near = nearest_name(name, known)
    return SettingsError(
        f"unknown {kind} '{name}'",
        where=where,
        expected="one of " + ", ".join(known),
        got=name,
        do=f"did you mean '{near}'?" if near else "remove it",
    )


def _not_names(kind: str, values: Any, where: str) -> SettingsError:
    return SettingsError(
        f"the {kind} does not hold what it should",
        where=where,
        expected="names with values (features of a class: a list)",
        got=repr(values),
    )


__all__ = [
    "DEFAULTS",
    "Parameters",
    "checked_classes",
    "checked_features",
    "checked_image_types",
    "checked_settings",
    "default_classes",
    "read_parameters",
]
