"""All filters by name: one row each."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

from radiome.base.errors import SettingsError, nearest_name
from radiome.base.options import parse_options
from radiome.filters.contract import Filter


class FilterEntry(NamedTuple):
    """Where a filter is and what it is, in a line; the IBSI code is empty beyond IBSI 2."""

    target: str
    ibsi_code: str
    summary: str


FILTERS = {
    "mean": FilterEntry("mean:MeanFilter", "S60F", "Mean over a box of voxels."),
    "laplacian_of_gaussian": FilterEntry(
        "laplacian_of_gaussian:LaplacianOfGaussian", "L6PA", "Blobs and edges of a width in mm."
    ),
    "laws": FilterEntry("laws:LawsFilter", "JTXT", "Laws kernels, with their energy map."),
    "gabor": FilterEntry("gabor:GaborFilter", "Q88H", "Modulus of 2D Gabor filters."),
    "wavelet": FilterEntry("wavelet:WaveletFilter", "25BO", "Separable undecimated wavelets."),
    "simoncelli": FilterEntry(
        "simoncelli:SimoncelliFilter", "PRT7", "Non-separable Simoncelli wavelet."
    ),
    "riesz": FilterEntry(
        "riesz:RieszFilter", "AYRS", "Riesz transform of a LoG or Simoncelli map, steered or not."
    ),
    "gaussian": FilterEntry("gaussian:GaussianFilter", "", "Gaussian smoothing by a width in mm."),
    "gradient": FilterEntry("gradient:GradientFilter", "", "Magnitude of the gradient per mm."),
    "square": FilterEntry("pointwise:SquareFilter", "", "Square of each intensity."),
    "square_root": FilterEntry(
        "pointwise:SquareRootFilter", "", "Square root of each magnitude, sign kept."
    ),
    "logarithm": FilterEntry(
        "pointwise:LogarithmFilter", "", "Logarithm of each magnitude and one, sign kept."
    ),
    "exponential": FilterEntry("pointwise:ExponentialFilter", "", "Exponential by a stated scale."),
    "local_binary_pattern": FilterEntry(
        "local_binary_pattern:LocalBinaryPattern", "", "Local binary patterns in 2D or 3D."
    ),
}


def parse_filter(values: Any) -> Filter:
    """Build a filter from plain values with the key ``name``.

    Raises
    ------
    SettingsError
        For an unknown filter or option (with the nearest known one), or a bad value.
    """
    if isinstance(values, Filter):
        return values
    if not isinstance(values, Mapping) or not isinstance(values.get("name"), str):
        raise SettingsError(
            "a filter needs a name",
            where="filter",
            expected="a mapping such as {name: laplacian_of_gaussian, sigma: 3}",
            got=repr(values),
            do="the names are " + ", ".join(FILTERS),
        )
    name = values["name"]
    return parse_options(filter_class(name), values, where=f"filter '{name}'")


def filter_class(name: str) -> type[Filter]:
    """Import the filter `name`; raise `SettingsError` if there is none."""
    if name not in FILTERS:
        near = nearest_name(name, FILTERS)
        raise SettingsError(
            f"unknown filter '{name}'",
            where="filter",
            expected="one of " + ", ".join(FILTERS),
            got=name,
            do=f"did you mean '{near}'?" if near else "choose one of the names",
        )
    module, _, attribute = FILTERS[name].target.partition(":")
    kind: type[Filter] = getattr(import_module(f"radiome.filters.{module}"), attribute)
    return kind
