"""Preparation of images, grey levels, filters and features."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from radiome.base.counting import counted
from radiome.report.checklists import setting_words as words
from radiome.report.checklists.facts import MeasuredWith, Record
from radiome.report.checklists.on_extraction import (
    TEXTURE,
    beyond_standard,
    families_of,
    family_name,
)
from radiome.report.methods.imaging import modality_name
from radiome.report.methods.paragraph import Paragraph, joined, listed, open_items

Values = Mapping[str, Any]

#: Units that stand behind a number.
_UNITS = ("HU", "SUV")

#: From settings, and words for the images they are of, to sentences.
Told = Callable[[MeasuredWith, str], str]


def preparation(record: Record) -> Paragraph:
    """Conversion, resampling and re-segmentation."""

    def told(group: MeasuredWith, images: str) -> str:
        return _prepared(group, images, _unit(group, record))

    sentences = [_conversion(record), _order(record), _apart(record, told, _images)]
    sections = (
        "Data conversion",
        "Post-acquisition processing",
        "Image interpolation",
        "Mask interpolation",
        "Re-segmentation",
    )
    return Paragraph("Image preparation", joined([*sentences, open_items(record, *sections)]))


def _apart(record: Record, told: Told, subject: Callable[[tuple[str, ...]], str]) -> str:
    """Sentences of all settings; those that say the same of several modalities only once."""
    found: dict[str, list[MeasuredWith]] = {}
    for group in record.settings:
        found.setdefault(told(group, ""), []).append(group)
    sentences = []
    for groups in found.values():
        names = [name for group in groups for name in group.modalities]
        of = () if len(found) == 1 else tuple(dict.fromkeys(map(modality_name, names)))
        sentences.append(told(groups[0], subject(of)))
    return joined(sentences)


def _images(names: tuple[str, ...]) -> str:
    """``Images``, or ``CT and PET images``."""
    return f"{listed(names)} images" if names else "Images"


def _of(names: tuple[str, ...]) -> str:
    """Nothing, or `` of CT and PET``."""
    return f" of {listed(names)}" if names else ""


def _conversion(record: Record) -> str:
    if "SUVbw" in record.units:
        return "PET activity was converted to standardised uptake values by body weight (SUVbw)."
    return ""


def _order(record: Record) -> str:
    if not record.settings:
        return ""
    filtered = any(group.values.get("filtered_images") for group in record.settings)
    return (
        "Images were prepared in this order: interpolation of image and mask, rounding, "
        f"{'filtering, ' if filtered else ''}re-segmentation of the intensity mask, "
        "discretisation."
    )


def _prepared(group: MeasuredWith, images: str, unit: str) -> str:
    values = group.values
    kept = words.resegmentation(values, unit if unit in _UNITS else "")
    ending = "The intensity mask was not re-segmented."
    if kept:
        ending = (
            f"The intensity mask was re-segmented to {kept}; the morphological mask was kept whole."
        )
    if not words.resampled(values):
        return f"{images} were not resampled. {ending}"
    chosen = values["interpolation"]
    return (
        f"{images} were resampled to {words.spacing(values)} by "
        f"{words.METHODS[chosen['image_method']]} interpolation in {chosen['dimension']}, with "
        "the centres of both grids aligned, dimensions rounded up and the outermost voxel "
        "repeated beyond the image; no anti-aliasing filter was applied. Masks were interpolated "
        f"by the {words.mask_method(values)} method, and a voxel was "
        f"{words.partial_voxels(values)}. {_rounded(values)} {ending}"
    )


def _rounded(values: Values) -> str:
    if words.rounding(values) == "none":
        return "Interpolated intensities were not rounded."
    return f"Interpolated intensities were rounded {words.rounding(values)}."


def discretisation(record: Record) -> Paragraph:
    """Grey levels of histogram, texture and intensity-volume histogram."""

    def told(group: MeasuredWith, images: str) -> str:
        return _levels(group.values, images, _unit(group, record))

    sentences = [_apart(record, told, _images), open_items(record, "Discretisation")]
    return Paragraph("Discretisation", joined(sentences))


def _unit(group: MeasuredWith, record: Record) -> str:
    """Unit of a bin width, as far as it is known."""
    if group.modalities == ("CT",):
        return "HU"
    if group.modalities == ("PT",) and "SUVbw" in record.units:
        return "SUV"
    return "units of the image"


def _levels(values: Values, images: str, unit: str) -> str:
    first = f"{images} were {_binned(values, 'discretisation', unit)}."
    if "intensity_volume_histogram" not in families_of(values):
        return first
    return f"{first} For the intensity-volume histogram they were {_binned(values, 'ivh', unit)}."


def _binned(values: Values, section: str, unit: str) -> str:
    chosen = values[section]
    if chosen["method"] == "none":
        return "not discretised: intensities were taken as they are"
    if chosen["method"] == "fixed_bin_number":
        return (
            f"discretised into {chosen['bin_count']} bins of equal width between the least and "
            "the greatest intensity of the region (fixed bin number)"
        )
    width = f"{words.number(chosen['bin_width'])} {unit}"
    if section == "ivh":
        return f"discretised with a fixed bin size of {width}"
    start = words.first_bin(values)
    if start[-1].isdigit() and unit in _UNITS:
        start = f"{start} {unit}"
    return f"discretised with a fixed bin size of {width}, bin 1 beginning at {start}"


def filters(record: Record) -> Paragraph:
    """Filters, and what was computed from their response maps."""
    sentences = [_apart(record, _filtered, _images), open_items(record, "Image transformation")]
    return Paragraph("Filters", joined(sentences))


def _filtered(group: MeasuredWith, images: str) -> str:
    found = group.values.get("filtered_images", ())
    if not found:
        return f"{images} were not filtered."
    parts = [f"{words.filter_words(each['filter'])}, {_map_levels(each)}" for each in found]
    return (
        f"{images} were filtered after interpolation and rounding: {'; '.join(parts)}. "
        "Re-segmentation was decided on the unfiltered image."
    )


def _map_levels(filtered: Values) -> str:
    """Grey levels and families of the response maps of one filter."""
    told = words.bins(filtered) or "no discretisation"
    return f"each response map with {told} ({_families(filtered['families'])})"


def _families(names: Iterable[str]) -> str:
    return listed(family_name(name) for name in names)


def feature_set(record: Record) -> Paragraph:
    """Features, definitions and how texture was counted."""
    sentences = []
    if record.settings:
        count = "Features were"
        if record.features:
            count = f"{counted(record.features, 'feature')} of each region were"
        sentences = [
            f"{count} computed after the reference manual of the Image Biomarker "
            "Standardisation Initiative (IBSI).",
            _apart(record, _computed, _of),
            _outside(record),
            _apart(record, _texture, _of),
        ]
    sections = ("Features", "Texture parameters")
    return Paragraph("Features", joined([*sentences, open_items(record, *sections)]))


def _computed(group: MeasuredWith, of: str) -> str:
    names = group.values.get("families", ())
    return f"Families from the unfiltered image{of}: {_families(names)}." if names else ""


def _outside(record: Record) -> str:
    names = sorted({name for group in record.settings for name in beyond_standard(group.values)})
    if not names:
        return ""
    told = listed(name.replace("_", " ") for name in names)
    return f"Outside the standard: {told}, defined in the documentation of the software."


def _texture(group: MeasuredWith, of: str) -> str:
    """How matrices were counted; empty without texture."""
    values = group.values
    found = [name for name in TEXTURE if name in families_of(values)]
    if not found:
        return ""
    first = (
        f"Texture matrices{of} were aggregated as: {words.aggregation(values)}; distances were "
        "not weighted."
    )
    return joined([first, *(_counted(name, values) for name in found)])


def _counted(name: str, values: Values) -> str:
    """How the matrices of a family were counted."""
    if name == "glcm":
        return f"Co-occurrence matrices were symmetric, at {words.glcm_distance(values)}."
    if name == "glszm":
        return "Zones of equal grey level were linked at Chebyshev distance 1."
    if name == "gldzm":
        return (
            "Distance zones were linked at Chebyshev distance 1; their distance to the border was "
            "by the Manhattan norm."
        )
    if name == "ngtdm":
        return f"The NGTDM had a neighbourhood of {words.ngtdm_distance(values)}."
    if name == "ngldm":
        return (
            f"The NGLDM had a neighbourhood of {words.ngldm_distance(values)} and coarseness "
            f"{words.ngldm_coarseness(values)}."
        )
    return ""


def software(record: Record) -> Paragraph:
    """Software, version and compliance."""
    if not record.version:
        return Paragraph("Software", "")
    packages = record.software.get("packages") or {}
    told = [f"{name} {packages[name]}" for name in ("numpy", "scipy") if name in packages]
    python = record.software.get("python")
    under = [f"Python {python}", *told] if python else told
    text = (
        f"Features were computed with radiome {record.version}"
        + (f" ({', '.join(under)})" if under else "")
        + ", which is compared with the reference values of IBSI 1 and IBSI 2 by its command "
        "'radiome verify'."
    )
    return Paragraph("Software", text)
