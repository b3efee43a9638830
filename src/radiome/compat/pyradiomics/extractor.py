"""`RadiomicsFeatureExtractor` as users of pyradiomics know it, by other means.

Change the import and nothing else. The steps and their order are those of pyradiomics
3.0.1: load, normalise, resample, check, re-segment, shape, then every image type.
"""
# Names of methods and arguments are those of pyradiomics.
# ruff: noqa: N802

from __future__ import annotations

import json
import warnings
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from radiome.base.errors import GeometryError, SettingsError
from radiome.compat.pyradiomics import feature_classes, grid, image_types
from radiome.compat.pyradiomics.diagnostics import Diagnostics
from radiome.compat.pyradiomics.feature_catalogue import FEATURE_CLASSES
from radiome.compat.pyradiomics.label_maps import label_map, read_image, region_of
from radiome.compat.pyradiomics.parameters import (
    DEFAULTS,
    Parameters,
    checked_classes,
    checked_features,
    checked_image_types,
    checked_settings,
    default_classes,
    read_parameters,
)
from radiome.image.mask import Mask
from radiome.image.volume import Volume

Features = OrderedDict[str, Any]

#: Largest difference of two grids, in mm, that ITK takes for equal.
_TOLERANCE_MM = 1e-6


class RadiomicsFeatureExtractor:
    """Extract features by the definitions of pyradiomics 3.0.1.

    Parameters
    ----------
    *args : path or mapping, optional
        A parameter file (YAML or JSON) or its content.
    **kwargs
        Settings by name; they go over those of the parameter file.

    Attributes
    ----------
    settings : dict
        Settings by name.
    enabledImagetypes : dict
        Image type to its own settings.
    enabledFeatures : dict
        Feature class to its features; an empty list stands for all.

    Examples
    --------
    >>> extractor = RadiomicsFeatureExtractor(binWidth=10)
    >>> extractor.disableAllFeatures()
    >>> extractor.enableFeaturesByName(firstorder=["Mean", "Kurtosis"])
    >>> extractor.enabledFeatures
    {'firstorder': ['Mean', 'Kurtosis']}
    """

    def __init__(self, *args: str | Path | Mapping[str, Any], **kwargs: Any) -> None:
        self.featureClassNames = list(FEATURE_CLASSES)
        given = read_parameters(args[0]) if args and args[0] is not None else Parameters()
        self._apply(given)
        self.settings.update(checked_settings(kwargs, where="arguments"))

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

    def execute(
        self,
        imageFilepath: Any,
        maskFilepath: Any,
        label: int | None = None,
        label_channel: int | None = None,
        voxelBased: bool = False,
    ) -> Features:
        """Measure one region.

        Parameters
        ----------
        imageFilepath, maskFilepath : path, SimpleITK image, Volume or Mask
            Image and label map.
        label : int, optional
            Value of the region in the label map; by default that of the settings.
        label_channel : int, optional
            Channel of a label map with several; only 0 is supported.
        voxelBased : bool
            Not supported here; `radiome map` makes maps.

        Returns
        -------
        OrderedDict
            Diagnostics first, then features as ``original_glcm_Contrast``, in the order and
            under the names of pyradiomics.

        Raises
        ------
        UserError
            For input that cannot be measured or options that are not supported.
        """
        settings = dict(self.settings)
        if label is not None:
            settings["label"] = int(label)
        _refuse(settings, label_channel, voxelBased=voxelBased)
        info = (
            Diagnostics(settings, self.enabledImagetypes)
            if settings.get("additionalInfo")
            else None
        )
        volume, mask = _load(imageFilepath, maskFilepath, settings, info)
        volume, mask = _prepared(volume, mask, settings, info)
        kept = _resegmented(volume, mask, settings, info)
        features: Features = OrderedDict(info.entries if info else {})
        outline = kept if settings.get("resegmentShape") else mask
        features.update(self.computeShape(volume, outline, **settings))
        for name, derived, own in self._derived(volume, kept, settings):
            features.update(self.computeFeatures(derived, kept, name, **own))
        return features

    def _derived(
        self, volume: Volume, mask: Mask, settings: dict[str, Any]
    ) -> Iterator[tuple[str, Volume, dict[str, Any]]]:
        for image_type, own in self.enabledImagetypes.items():
            options = {**settings, **own}
            for name, derived in image_types.responses(image_type, volume, mask, options):
                yield name, derived, options

    def computeShape(self, image: Volume, mask: Mask, **kwargs: Any) -> Features:
        """Shape features of the enabled classes; shape2D with force2D only, as ever."""
        features: Features = OrderedDict()
        for feature_class in ("shape", "shape2D"):
            if feature_class not in self.enabledFeatures:
                continue
            if feature_class == "shape2D" and not kwargs.get("force2D"):
                warnings.warn("shape2D is left out: it needs force2D", stacklevel=2)
                continue
            features.update(self._class("original", feature_class, image, mask, kwargs, {}))
        return features

    def computeFeatures(
        self, image: Volume, mask: Mask, imageTypeName: str, **kwargs: Any
    ) -> Features:
        """All enabled features but shape of one image, original or derived."""
        features: Features = OrderedDict()
        cropped = grid.crop(image, mask)
        shared: dict[Any, Any] = {}
        for feature_class in self.enabledFeatures:
            if not feature_class.startswith("shape"):
                found = self._class(imageTypeName, feature_class, *cropped, kwargs, shared)
                features.update(found)
        return features

    def _class(
        self,
        image_type: str,
        feature_class: str,
        volume: Volume,
        mask: Mask,
        settings: Mapping[str, Any],
        shared: dict[Any, Any],
    ) -> Features:
        asked = checked_features(
            feature_class, self.enabledFeatures[feature_class], where="enabledFeatures"
        )
        values = feature_classes.compute(feature_class, asked, volume, mask, settings, shared)
        return OrderedDict(
            (f"{image_type}_{feature_class}_{name}", np.array(value))
            for name, value in values.items()
        )


def _refuse(settings: Mapping[str, Any], channel: int | None, *, voxelBased: bool) -> None:
    if voxelBased:
        raise SettingsError(
            "voxel-based extraction is not part of the pyradiomics mode",
            where="voxelBased",
            expected="voxelBased=False",
            got="True",
            do="leave it out",
        )
    chosen = settings.get("label_channel", 0) if channel is None else channel
    if chosen:
        raise SettingsError(
            "masks with several channels are not supported",
            where="label_channel",
            expected="0",
            got=str(chosen),
            do="save the channel as a mask of its own",
        )


def _load(
    image: Any, mask: Any, settings: Mapping[str, Any], info: Diagnostics | None
) -> tuple[Volume, Mask]:
    volume = read_image(image, role="image")
    labels = label_map(mask)
    region = region_of(labels, settings.get("label", 1))
    if info is not None:
        info.add_image(volume)
        info.add_mask(region, labels=labels)
    return volume, region


def _prepared(
    volume: Volume, mask: Mask, settings: Mapping[str, Any], info: Diagnostics | None
) -> tuple[Volume, Mask]:
    """Normalised, resampled and checked."""
    if settings.get("normalize"):
        scale, outliers = settings.get("normalizeScale", 1), settings.get("removeOutliers")
        volume = grid.normalize(volume, scale, outliers)
    spacing, how = settings.get("resampledPixelSpacing"), settings.get("interpolator")
    resampled = spacing is not None and how is not None
    if spacing is not None and how is not None:
        volume, mask = grid.resample(volume, mask, spacing, how, settings.get("padDistance", 5))
        if info is not None:
            info.add_image(volume, "interpolated")
            info.add_mask(mask, "interpolated", image=volume)
    mask = _on_image(volume, mask, settings, info)
    _check(mask, settings)
    if settings.get("preCrop") and not resampled:
        volume, mask = grid.crop(volume, mask, settings.get("padDistance", 5))
    return volume, mask


def _on_image(
    volume: Volume, mask: Mask, settings: Mapping[str, Any], info: Diagnostics | None
) -> Mask:
    tolerance = settings.get("geometryTolerance") or _TOLERANCE_MM
    steps = tolerance / min(volume.geometry.spacing)
    difference = volume.geometry.difference(mask.geometry, tolerance=max(steps, 1e-6))
    if difference is None:
        return Mask(mask.voxels, volume.geometry, mask.name, mask.source)
    if not settings.get("correctMask"):
        raise GeometryError(
            "image and mask lie on different grids",
            where=mask.source or "mask",
            expected=f"the same grid within {tolerance:g} mm",
            got=difference,
            do="set correctMask: true to resample the mask, or raise geometryTolerance",
        )
    corrected = grid.on_grid_of(volume, mask)
    if info is not None:
        info.add_mask(corrected, "corrected", image=volume)
    return corrected


def _check(mask: Mask, settings: Mapping[str, Any]) -> None:
    grid.check_mask(mask, settings.get("minimumROIDimensions", 2), settings.get("minimumROISize"))


def _resegmented(
    volume: Volume, mask: Mask, settings: Mapping[str, Any], info: Diagnostics | None
) -> Mask:
    limits = settings.get("resegmentRange")
    if limits is None:
        return mask
    kept = grid.resegment(volume, mask, limits, settings.get("resegmentMode", "absolute"))
    _check(kept, settings)
    if info is not None:
        info.add_mask(kept, "resegmented", image=volume)
    return kept
