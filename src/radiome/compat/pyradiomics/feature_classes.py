"""The feature classes of pyradiomics 3.0.1: which features they have, and their values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from radiome.base.errors import SettingsError, nearest_name
from radiome.compat.pyradiomics.feature_catalogue import DEPRECATED, FEATURE_CLASSES, REMOVED
from radiome.image.mask import Mask
from radiome.image.volume import Volume

if TYPE_CHECKING:
    from radiome.compat.pyradiomics.binning import Binned

__all__ = ["DEPRECATED", "FEATURE_CLASSES", "REMOVED", "check_features", "compute"]

#: Settings that decide the grey levels of a region.
_BINNING = ("binWidth", "binCount", "force2D", "force2Ddimension")


def compute(
    feature_class: str,
    names: Sequence[str],
    volume: Volume,
    mask: Mask,
    settings: Mapping[str, Any],
    shared: dict[Any, Any] | None = None,
) -> dict[str, float]:
    """Compute features of one class.

    Parameters
    ----------
    feature_class : str
        Key of `FEATURE_CLASSES`.
    names : sequence of str
        Features of the class, deprecated ones included; none stands for all that are not
        deprecated.
    volume, mask : Volume, Mask
        On the same grid. Only the box of the region counts.
    settings : mapping
        Settings by their pyradiomics names; unknown ones are left alone.
    shared : dict, optional
        Kept by the caller for one volume and mask, so that the classes share their counts.

    Returns
    -------
    dict of str to float
        Values in the order of `names`; NaN where pyradiomics gives NaN.

    Raises
    ------
    SettingsError
        For a class or feature that does not exist or that pyradiomics no longer computes.
    RegionError
        If the region is empty, or not a single slice for shape2D.
    """
    names = tuple(names) or FEATURE_CLASSES.get(feature_class, ())
    check_features(feature_class, names)
    counts = _Counts(volume, mask, settings, {} if shared is None else shared)
    values = counts.values(feature_class, with_mcc="MCC" in names)
    return {name: values[name] for name in names}


class _Counts:
    """What the classes have in common for one volume, mask and settings."""

    def __init__(
        self, volume: Volume, mask: Mask, settings: Mapping[str, Any], shared: dict[Any, Any]
    ) -> None:
        self._volume = volume
        self._mask = mask
        self._settings = settings
        self._shared = shared

    def values(self, feature_class: str, *, with_mcc: bool) -> dict[str, float]:
        # Imported here, as the names of the features are wanted without the kernels.
        if feature_class.startswith("shape"):
            return self._shape(feature_class)
        settings, binned = self._settings, self._binned()
        if feature_class == "firstorder":
            from radiome.compat.pyradiomics import firstorder

            return firstorder.compute(binned, settings)
        if feature_class == "glcm":
            from radiome.compat.pyradiomics import glcm

            return glcm.compute(binned, settings, with_mcc=with_mcc)
        if feature_class == "glrlm":
            from radiome.compat.pyradiomics import glrlm

            return glrlm.compute(binned, settings)
        if feature_class == "glszm":
            from radiome.compat.pyradiomics import glszm

            return glszm.compute(binned)
        return self._of_neighbours(feature_class)

    def _shape(self, feature_class: str) -> dict[str, float]:
        from radiome.compat.pyradiomics import shape, shape2d

        if feature_class == "shape":
            return shape.compute(self._mask)
        return shape2d.compute(self._mask, self._settings)

    def _of_neighbours(self, feature_class: str) -> dict[str, float]:
        from radiome.compat.pyradiomics import gldm, neighbourhoods, ngtdm

        settings, binned = self._settings, self._binned()
        key = (*self._binning(), str(settings.get("distances")), settings.get("gldm_a", 0))
        counts = self._once(key, lambda: neighbourhoods.count(binned, settings))
        return gldm.compute(counts) if feature_class == "gldm" else ngtdm.compute(counts)

    def _binned(self) -> Binned:
        from radiome.compat.pyradiomics.binning import bin_region

        binned: Binned = self._once(
            self._binning(), lambda: bin_region(self._volume, self._mask, self._settings)
        )
        return binned

    def _binning(self) -> tuple[Any, ...]:
        return tuple(self._settings.get(name) for name in _BINNING)

    def _once(self, key: Any, make: Callable[[], Any]) -> Any:
        if key not in self._shared:
            self._shared[key] = make()
        return self._shared[key]


def check_features(feature_class: str, names: Sequence[str]) -> None:
    """Raise `SettingsError` for a class or feature that does not exist or is no longer given."""
    if feature_class not in FEATURE_CLASSES:
        near = nearest_name(feature_class, FEATURE_CLASSES)
        raise SettingsError(
            "this feature class does not exist",
            where=feature_class,
            expected=", ".join(FEATURE_CLASSES),
            do=f"did you mean {near}?" if near else None,
        )
    known = (*FEATURE_CLASSES[feature_class], *DEPRECATED.get(feature_class, ()))
    for name in names:
        if name in known:
            continue
        instead = REMOVED.get(feature_class, {}).get(name)
        near = nearest_name(name, known)
        raise SettingsError(
            f"{feature_class} has no feature {name}"
            if instead is None
            else f"pyradiomics no longer computes {feature_class} {name}",
            where=f"{feature_class}: {name}",
            do=f"ask for {instead}" if instead else (f"did you mean {near}?" if near else None),
        )
