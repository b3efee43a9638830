"""`RadiomicsFeatureExtractor` as users of pyradiomics know it, by other means.

Change the import and nothing else. The steps and their order are those of pyradiomics
3.0.1: load, normalise, resample, check, re-segment, shape, then every image type. With
``definition="ibsi"`` the same calls give the values of the IBSI definitions.
"""
# Names of methods and arguments are those of pyradiomics.
# ruff: noqa: N802

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np

from radiome.base.errors import SettingsError
from radiome.compat.pyradiomics import (
    feature_classes,
    grid,
    ibsi_definition,
    image_types,
    preparation,
    voxel_maps,
)
from radiome.compat.pyradiomics.diagnostics import Diagnostics
from radiome.compat.pyradiomics.extractor_options import ExtractorOptions
from radiome.compat.pyradiomics.map_images import as_given
from radiome.compat.pyradiomics.parameters import checked_features
from radiome.image.mask import Mask
from radiome.image.volume import Volume

Features = OrderedDict[str, Any]
Definition = Literal["pyradiomics", "ibsi"]


class RadiomicsFeatureExtractor(ExtractorOptions):
    """Extract features by the definitions of pyradiomics 3.0.1, or of the IBSI.

    Parameters
    ----------
    *args : path or mapping, optional
        A parameter file (YAML or JSON) or its content.
    definition : {"pyradiomics", "ibsi"}
        Whose definitions the values follow. With "ibsi" the parameters are translated, what
        has no counterpart in the standard is refused by name, and features that the standard
        does not have are left out.
    **kwargs
        Settings by name; they go over those of the parameter file.

    Attributes
    ----------
    definition : str
        Whose definitions the values follow.
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

    def __init__(
        self,
        *args: str | Path | Mapping[str, Any] | None,
        definition: Definition = "pyradiomics",
        **kwargs: Any,
    ) -> None:
        self.definition = definition
        self._check_definition()
        super().__init__(args[0] if args else None, kwargs)

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
            Make maps: each feature of the neighbourhood of every voxel. Shape is left out.

        Returns
        -------
        OrderedDict
            Diagnostics first, then features as ``original_glcm_Contrast``, in the order and
            under the names of pyradiomics. Maps are SimpleITK images where that library is
            there and the image was a file or one of its own, else `Volume`.

        Raises
        ------
        UserError
            For input that cannot be measured or options that are not supported.
        """
        settings = dict(self.settings)
        if label is not None:
            settings["label"] = int(label)
        _refuse_channel(settings, label_channel)
        self._check_definition()
        if voxelBased:
            self._refuse_ibsi("a map")
            settings["voxelBased"] = True
        info = (
            Diagnostics(settings, self.enabledImagetypes, self.definition)
            if settings.get("additionalInfo")
            else None
        )
        volume, mask = preparation.load(imageFilepath, maskFilepath, settings, info)
        if self.definition == "ibsi":
            types, classes = self.enabledImagetypes, self.enabledFeatures
            return ibsi_definition.extract(volume, mask, settings, types, classes, info)
        volume, mask = preparation.prepared(volume, mask, settings, info)
        kept = preparation.resegmented(volume, mask, settings, info)
        features: Features = OrderedDict(info.entries if info else {})
        if not voxelBased:
            outline = kept if settings.get("resegmentShape") else mask
            features.update(self.computeShape(volume, outline, **settings))
        for name, derived, own in self._derived(volume, kept, settings):
            found = self.computeFeatures(derived, kept, name, **own)
            features.update(as_given(found, imageFilepath) if voxelBased else found)
        return features

    def _check_definition(self) -> None:
        if self.definition not in ("pyradiomics", "ibsi"):
            raise SettingsError(
                "there is no such definition",
                where="definition",
                expected="pyradiomics or ibsi",
                got=repr(self.definition),
            )

    def _derived(
        self, volume: Volume, mask: Mask, settings: dict[str, Any]
    ) -> Iterator[tuple[str, Volume, dict[str, Any]]]:
        for image_type, own in self.enabledImagetypes.items():
            options = {**settings, **own}
            seen = (
                voxel_maps.seen_by(image_type, mask, options) if options.get("voxelBased") else mask
            )
            for name, derived in image_types.responses(image_type, volume, seen, options):
                yield name, derived, options

    def computeShape(self, image: Volume, mask: Mask, **kwargs: Any) -> Features:
        """Shape features of the enabled classes; shape2D with force2D only, as ever."""
        self._refuse_ibsi("computeShape")
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
        """All enabled features but shape of one image; maps (`Volume`) with voxelBased=True."""
        self._refuse_ibsi("computeFeatures")
        features: Features = OrderedDict()
        if kwargs.get("voxelBased"):
            maps = voxel_maps.feature_maps(self.enabledFeatures, image, mask, kwargs)
            features.update((f"{imageTypeName}_{name}", found) for name, found in maps.items())
            return features
        cropped = grid.crop(image, mask)
        shared: dict[Any, Any] = {}
        for feature_class in self.enabledFeatures:
            if not feature_class.startswith("shape"):
                found = self._class(imageTypeName, feature_class, *cropped, kwargs, shared)
                features.update(found)
        return features

    def _refuse_ibsi(self, method: str) -> None:
        if self.definition != "pyradiomics":
            raise SettingsError(
                f"{method} follows the definitions of pyradiomics alone",
                where="definition",
                expected="pyradiomics",
                got=repr(self.definition),
                do="call execute; 'radiome map' makes maps by the IBSI definitions",
            )

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


def _refuse_channel(settings: Mapping[str, Any], channel: int | None) -> None:
    chosen = settings.get("label_channel", 0) if channel is None else channel
    if chosen:
        raise SettingsError(
            "masks with several channels are not supported",
            where="label_channel",
            expected="0",
            got=str(chosen),
            do="save the channel as a mask of its own",
        )
