"""Image types of pyradiomics as filters of radiome.

A filter is that of IBSI 2 where the standard has it (wavelet, Laplacian of Gaussian), with
what lies beyond the image mirrored. Square, square root, logarithm, gradient and local binary
patterns are beyond the standard: they are those of `radiome filters`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import product
from typing import Any, NamedTuple

from radiome.compat.pyradiomics.ibsi_settings import foreign
from radiome.filters.catalogue import parse_filter
from radiome.filters.contract import Filter

Options = Mapping[str, Any]


class FilteredType(NamedTuple):
    """A filter, and the prefixes by which pyradiomics calls its maps, in the maps' order."""

    filter: Filter
    prefixes: tuple[str, ...]


def filters_of(image_type: str, options: Options) -> tuple[FilteredType, ...]:
    """The filters of an image type other than Original.

    Parameters
    ----------
    image_type : str
        Name of the image type, such as ``"LoG"``.
    options : mapping
        Settings by their pyradiomics names, those of the image type included.

    Raises
    ------
    SettingsError
        For an image type or an option that radiome has no filter for.
    """
    return tuple(_FILTERS[image_type](options))


def _laplacian(options: Options) -> Iterator[FilteredType]:
    for sigma in dict.fromkeys(options.get("sigma", [])):
        chosen = parse_filter({"name": "laplacian_of_gaussian", "sigma": sigma})
        yield FilteredType(chosen, (f"log-sigma-{str(sigma).replace('.', '-')}-mm-3D",))


def _wavelet(options: Options) -> Iterator[FilteredType]:
    if options.get("start_level", 0):
        raise foreign("start_level", options["start_level"], "0: levels count from the image")
    planar = bool(options.get("force2D"))
    low, *others = ("".join(letters) for letters in product("LH", repeat=2 if planar else 3))
    last = int(options.get("level", 1))
    for level in range(1, last + 1):
        # The low-pass band comes last, of the last level only.
        bands = (*others, low) if level == last else tuple(others)
        chosen = parse_filter(
            {
                "name": "wavelet",
                "wavelet": str(options.get("wavelet", "coif1")),
                "level": level,
                "dimension": "2D" if planar else "3D",
                "bands": bands,
            }
        )
        start = "wavelet" if level == 1 else f"wavelet{level}"
        yield FilteredType(chosen, tuple(f"{start}-{band}" for band in bands))


def _plain(name: str, prefix: str) -> Callable[[Options], Iterator[FilteredType]]:
    def found(options: Options) -> Iterator[FilteredType]:
        yield FilteredType(parse_filter({"name": name}), (prefix,))

    return found


def _gradient(options: Options) -> Iterator[FilteredType]:
    if not options.get("gradientUseSpacing", True):
        raise foreign("gradientUseSpacing", False, "true: the gradient is per mm")
    yield FilteredType(parse_filter({"name": "gradient"}), ("gradient",))


def _binary_patterns(options: Options) -> Iterator[FilteredType]:
    method = options.get("lbp2DMethod", "uniform")
    if method != "uniform":
        raise foreign("lbp2DMethod", method, "uniform")
    values = {
        "name": "local_binary_pattern",
        "dimension": "2D",
        "radius": options.get("lbp2DRadius", 1),
        "samples": options.get("lbp2DSamples", 8),
    }
    yield FilteredType(parse_filter(values), ("lbp-2D",))


def _none(image_type: str, reason: str) -> Callable[[Options], Iterator[FilteredType]]:
    def found(options: Options) -> Iterator[FilteredType]:
        raise foreign(f"imageType {image_type}", image_type, reason)
        yield  # a generator, as the others

    return found


_FILTERS: dict[str, Callable[[Options], Iterator[FilteredType]]] = {
    "Wavelet": _wavelet,
    "LoG": _laplacian,
    "Square": _plain("square", "square"),
    "SquareRoot": _plain("square_root", "squareroot"),
    "Logarithm": _plain("logarithm", "logarithm"),
    "Exponential": _none(
        "Exponential", "another image type: its scale is the greatest intensity of the whole image"
    ),
    "Gradient": _gradient,
    "LBP2D": _binary_patterns,
    "LBP3D": _none("LBP3D", "another image type: its patterns are those of pyradiomics alone"),
}
