"""What an extractor of pyradiomics computes, and the calls that change it."""
# Names of methods and arguments are those of pyradiomics.
# ruff: noqa: N802

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from radiome.compat.pyradiomics import image_types
from radiome.compat.pyradiomics.feature_catalogue import FEATURE_CLASSES
from radiome.compat.pyradiomics.parameters import (
    DEFAULTS,
    Parameters,
    checked_classes,
    checked_image_types,
    checked_settings,
    default_classes,
    read_parameters,
)
from radiome.compat.pyradiomics.setting_table import ARGUMENTS


class ExtractorOptions:
    """Settings, image types and features.

    Parameters
    ----------
    parameters : path or mapping or None
        A parameter file (YAML or JSON) or its content.
    settings : mapping
        Settings by name; they go over those of the parameter file.
    """

    def __init__(
        self, parameters: str | Path | Mapping[str, Any] | None, settings: Mapping[str, Any]
    ) -> None:
        self.featureClassNames = list(FEATURE_CLASSES)
        self._apply(Parameters() if parameters is None else read_parameters(parameters))
        self.settings.update(checked_settings(settings, where="arguments", known=ARGUMENTS))

    def _apply(self, given: Parameters) -> None:
        self.settings: dict[str, Any] = {**DEFAULTS, **given.setting}
        self.enabledImagetypes = given.image_types
        self.enabledFeatures = given.feature_classes

    def loadParams(self, paramsFile: str | Path) -> None:
        """Take settings, image types and features from a parameter file."""
        self._apply(read_parameters(paramsFile))

    def loadJSONParams(self, JSON_configuration: str) -> None:
        """Take settings, image types and features from JSON text."""
        self._apply(read_parameters(json.loads(JSON_configuration)))

    def addProvenance(self, provenance_on: bool = True) -> None:
        """Add diagnostics_* entries to the result, or not."""
        self.settings["additionalInfo"] = provenance_on

    def enableAllImageTypes(self) -> None:
        """Enable every image type without settings of its own."""
        self.enabledImagetypes = {name: {} for name in image_types.IMAGE_TYPES}

    def disableAllImageTypes(self) -> None:
        """Disable every image type."""
        self.enabledImagetypes = {}

    def enableImageTypeByName(
        self,
        imageType: str,
        enabled: bool = True,
        customArgs: Mapping[str, Any] | None = None,
    ) -> None:
        """Enable an image type, with settings of its own, or disable it."""
        checked = checked_image_types({imageType: customArgs or {}}, where="arguments")
        if enabled:
            self.enabledImagetypes.update(checked)
        else:
            self.enabledImagetypes.pop(imageType, None)

    def enableImageTypes(self, **enabledImagetypes: Mapping[str, Any]) -> None:
        """Enable these image types with their settings, in addition to others."""
        self.enabledImagetypes.update(checked_image_types(enabledImagetypes, where="arguments"))

    def enableAllFeatures(self) -> None:
        """Enable every feature of every class but shape2D."""
        self.enabledFeatures = default_classes()

    def disableAllFeatures(self) -> None:
        """Disable every class."""
        self.enabledFeatures = {}

    def enableFeatureClassByName(self, featureClass: str, enabled: bool = True) -> None:
        """Enable all features of a class, or disable the class."""
        checked = checked_classes({featureClass: []}, where="arguments")
        if enabled:
            self.enabledFeatures.update(checked)
        else:
            self.enabledFeatures.pop(featureClass, None)

    def enableFeaturesByName(self, **enabledFeatures: list[str]) -> None:
        """Enable these features of these classes."""
        self.enabledFeatures.update(checked_classes(dict(enabledFeatures), where="arguments"))

    def getFeatureClassNames(self) -> list[str]:
        """Names of the feature classes."""
        return list(self.featureClassNames)

    def getFeatureNames(self, featureClassName: str) -> list[str]:
        """Names of the features of a class that are not deprecated."""
        checked_classes({featureClassName: []}, where="arguments")
        return list(FEATURE_CLASSES[featureClassName])
