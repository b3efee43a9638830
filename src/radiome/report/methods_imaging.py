"""Image processing in sentences, in the order of the IBSI reporting guideline, past tense."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from radiome.report.record import Record
from radiome.report.words import counted, family_words, listed, sensible

_METHODS = {
    "cubic": "cubic spline interpolation",
    "linear": "trilinear interpolation",
    "nearest": "nearest neighbour interpolation",
}
_AGGREGATIONS = {
    "2D_avg": "by slice, averaged over directions and slices",
    "2D_comb": "by slice, merged over directions and averaged over slices",
    "2_5D_avg": "by direction, merged over slices and averaged",
    "2_5D_comb": "merged over all slices and directions",
    "3D_avg": "in 3D, averaged over directions",
    "3D_comb": "in 3D, merged over directions",
}


def imaging_paragraphs(record: Record) -> list[tuple[str, str]]:
    """Heading and text of each step from image to feature table; empty without an extraction."""
    settings = record.extraction.get("settings") or {}
    if not settings:
        return []
    paragraphs = [("Images and regions", _images(record))]
    for digest, told in settings.items():
        name = _cases_of(record, digest) if len(settings) > 1 else ""
        suffix = f", {name}" if name else ""
        paragraphs.append((f"Image processing{suffix}", _processing(told)))
        paragraphs.append((f"Features{suffix}", _features(told)))
    return paragraphs


def _cases_of(record: Record, digest: str) -> str:
    """The modalities of the cases that these settings were used for."""
    names = {each["case"] for each in record.extraction.get("cases", [])
             if each.get("settings") == digest}  # fmt: skip
    found = Counter(case.cells.get("modality", "") for case in record.cases if case.name in names)
    return listed([name for name in found if name])


def _images(record: Record) -> str:
    measured = [case for case in record.cases if case.status == "measured"]
    kinds = Counter(case.cells.get("modality") or "image" for case in measured)
    text = listed([f"{count} {name}" for name, count in kinds.most_common()])
    sentences = [f"Radiomic features were computed from {text} images with one region of interest each."]
    makers = Counter(_model(case.cells) for case in measured if case.cells.get("Manufacturer"))
    if makers:
        sentences.append(f"Scanners were {listed([f'{name} ({n})' for name, n in makers.most_common()])}.")
    options = record.extraction.get("options") or {}
    if options.get("resample_mask"):
        sentences.append("Masks on another grid were put on that of the image.")
    if options.get("fill_gaps"):
        sentences.append("Slices that a contoured region skipped were interpolated.")
    return " ".join(sentences)


def _model(cells: Mapping[str, str]) -> str:
    return " ".join(part for part in (cells["Manufacturer"], cells.get("ManufacturerModelName", "")) if part)


def _processing(told: Mapping[str, Any]) -> str:
    parts = (_interpolation, _resegmentation, _discretisation, _filters)
    return " ".join(text for part in parts if (text := part(told)))


def _interpolation(told: Mapping[str, Any]) -> str:
    found = told.get("interpolation") or {}
    if not found.get("spacing"):
        return "Images were not resampled."
    spacing = [sensible(step) for step in found["spacing"]]
    grid = f"{spacing[0]} mm isotropic voxels" if len(set(spacing)) == 1 else (
        f"voxels of {' × '.join(spacing)} mm (z, y, x)")  # fmt: skip
    if found.get("dimension") == "2D":
        grid = f"pixels of {' × '.join(spacing[-2:])} mm within slices"
    method = _METHODS.get(found["image_method"], f"{found['image_method']} interpolation")
    mask = _METHODS.get(found["mask_method"], found["mask_method"])
    text = (
        f"Images were resampled to {grid} by {method}, grids aligned by centre; masks by {mask} with a "
        f"threshold of {found['mask_threshold']:g} of partial volume."
    )
    if found.get("rounding") == "nearest_integer":
        text += " Interpolated intensities were rounded to whole numbers."
    return text


def _resegmentation(told: Mapping[str, Any]) -> str:
    found = told.get("resegmentation") or {}
    parts = []
    if found.get("range"):
        low, high = found["range"]
        ends = (f"between {sensible(low)} and {sensible(high)}" if low is not None and high is not None
                else f"of {sensible(low)} and more" if low is not None else f"up to {sensible(high)}")
        parts.append(f"voxels {ends}")
    if found.get("outlier_sigma"):
        parts.append(f"voxels within {sensible(found['outlier_sigma'])} standard deviations of the mean")
    if not parts:
        return "Regions were not re-segmented."
    return f"For intensity features, regions were re-segmented to {listed(parts)}."


def _discretisation(told: Mapping[str, Any]) -> str:
    found = told.get("discretisation") or {}
    if found.get("method") == "fixed_bin_size":
        anchor = found.get("anchor")
        start = f" from {sensible(anchor)}" if anchor is not None else ""
        text = f"Intensities were discretised with a fixed bin size of {sensible(found['bin_width'])}{start}"
    elif found.get("method") == "fixed_bin_number":
        text = f"Intensities were discretised into {found['bin_count']} bins over the range of the region"
    else:
        text = "Intensities were not discretised"
    ivh = told.get("ivh") or {}
    if ivh.get("method") == "fixed_bin_size":
        text += f", for the intensity-volume histogram with a bin size of {sensible(ivh['bin_width'])}"
    elif ivh.get("method") == "fixed_bin_number":
        text += f", for the intensity-volume histogram into {ivh['bin_count']} bins"
    return f"{text}."


def _filters(told: Mapping[str, Any]) -> str:
    images = told.get("filtered_images") or []
    if not images:
        return "No image filters were used."
    named = Counter(str((each.get("filter") or each).get("name", "filter")) for each in images)
    text = listed([f"{name.replace('_', ' ')} ({counted(n, 'response map')})" for name, n in named.items()])
    return f"Features were also computed from filtered images: {text}."


def _features(told: Mapping[str, Any]) -> str:
    families = listed([_lower(family_words(name)) for name in told.get("families", [])])
    texture = told.get("texture") or {}
    ways = listed([_AGGREGATIONS.get(name, name) for name in texture.get("aggregations", [])])
    text = f"Feature families were {families}, as defined by the Image Biomarker Standardisation Initiative."
    if ways:
        text += (
            f" Texture matrices were aggregated {ways}, at a Chebyshev distance of "
            f"{texture.get('glcm_distance', 1)} for co-occurrence, {texture.get('ngtdm_distance', 1)} for "
            f"tone differences and {texture.get('ngldm_distance', 1)} for dependence with a coarseness of "
            f"{sensible(texture.get('ngldm_alpha', 0))}."
        )
    return text


def _lower(words: str) -> str:
    return words if words.isupper() else f"{words[0].lower()}{words[1:]}"
