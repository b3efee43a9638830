"""Items 38 to 71 of the reporting guideline of the IBSI: processing and features.

Source: IBSI reference manual (arXiv:1612.07003), chapter on reporting guidelines. What radiome
does the same way for all settings stands here once; see docs/definitions.md.
"""

from __future__ import annotations

from dataclasses import replace

from radiome.report.checklists import on_cohort as cohort
from radiome.report.checklists import on_extraction as extraction
from radiome.report.checklists import on_features as features
from radiome.report.checklists import setting_words as words
from radiome.report.checklists.answers import (
    Answer,
    Item,
    Judge,
    assisted,
    auto,
    done,
    for_author,
    manual,
    not_applicable,
)
from radiome.report.checklists.facts import Record

_CONVERSION, _POST, _REGION = "Data conversion", "Post-acquisition processing", "Segmentation"
_IMAGE, _MASK = "Image interpolation", "Mask interpolation"
_COMPUTATION, _TEXTURE = "Features", "Texture parameters"

_KEPT = "images were not resampled"


def _resampling(told: extraction.Told) -> Judge:
    return extraction.stated("interpolation", told, absent=_KEPT)


def suv(record: Record) -> Answer:
    """How PET intensities were normalised."""
    where = "cohort.csv: unit"
    if "SUVbw" in record.units:
        return done("standardised uptake value by body weight (SUVbw)", where)
    return for_author("no unit of uptake on record", where)


def nothing_before(record: Record) -> Answer:
    """Radiome does none of it; whether it was done before is for the author."""
    if not record.settings:
        return for_author()
    return for_author("none by radiome; say what was done before", extraction.RUN)


def mask_conversion(record: Record) -> Answer:
    """How contours became masks."""
    where = "cohort.csv: mask"
    if not record.mask_formats:
        return for_author("", where)
    if "dcm" in record.mask_formats or "" in record.mask_formats:
        told = "contours: a voxel is inside where its centre is, by the even-odd rule"
        return done(told + "; segmentation objects are masks already", where)
    return not_applicable("masks came as voxels", where)


PROCESSING: tuple[Item, ...] = (
    replace(auto("38", _CONVERSION, "Normalisation of uptake", suv), modalities=("PT",)),
    replace(manual("39", _CONVERSION, "Computation of diffusion coefficients"),
            modalities=("MR",)),
    manual("40", _CONVERSION, "Other conversions, such as perfusion maps"),
    auto("41", _POST, "Anti-aliasing on resampling to larger voxels",
         _resampling(words.if_resampled("no anti-aliasing filter"))),
    assisted("42", _POST, "Suppression of noise", nothing_before),
    replace(manual("43", _POST, "Width of the smoothing after reconstruction"),
            modalities=("PT",)),
    replace(assisted("44", _POST, "Skull stripping", nothing_before), modalities=("MR",)),
    replace(assisted("45", _POST, "Correction of non-uniformity", nothing_before),
            modalities=("MR",)),
    assisted("46", _POST, "Normalisation of intensities", nothing_before),
    assisted("47", _POST, "Other processing", nothing_before),
    assisted("48a", _REGION, "How regions were segmented", cohort.segmentation_told),
    manual("48b", _REGION, "Experts, their experience and how they agreed"),
    manual("48c", _REGION, "Settings of automatic or semi-automatic segmentation"),
    manual("48d", _REGION, "Image that regions were drawn on, with several modalities"),
    auto("49", _REGION, "From contours to masks", mask_conversion),
    auto("50a", _IMAGE, "Method", _resampling(words.image_method)),
    auto("50b", _IMAGE, "Position of the grid",
         _resampling(words.if_resampled("centres of the grids aligned"))),
    auto("50c", _IMAGE, "Dimensions of the grid",
         _resampling(words.if_resampled("rounded up"))),
    auto("50d", _IMAGE, "Beyond the image",
         _resampling(words.if_resampled("value of the outermost voxel"))),
    auto("51", _IMAGE, "Voxel size", _resampling(words.spacing)),
    replace(auto("52", _IMAGE, "Rounding of Hounsfield units", _resampling(words.rounding)),
            modalities=("CT",)),
    auto("53", _MASK, "Method", _resampling(words.mask_method)),
    auto("54", _MASK, "Voxels that are partly inside", _resampling(words.partial_voxels)),
    auto("55", "Re-segmentation", "Methods and settings",
         extraction.stated("resegmentation", words.resegmentation,
                           absent="the intensity mask was not re-segmented")),
    auto("56a", "Discretisation", "Method",
         extraction.stated("discretisation.method", words.discretisation)),
    auto("56b", "Discretisation", "Number or width of bins",
         extraction.stated("discretisation", words.bins, absent="no bins")),
    auto("56c", "Discretisation", "Lowest intensity of the first bin, for a fixed width",
         extraction.stated("discretisation.anchor", words.first_bin, absent="no fixed width")),
    auto("57", "Image transformation", "Filters and settings",
         extraction.stated("filtered_images", words.filters, absent="no filter")),
    auto("58", _COMPUTATION, "Set of features and their definitions", extraction.families_named),
    auto("59", _COMPUTATION, "Compliance of the software with the IBSI",
         extraction.standardised_software),
    auto("60", _COMPUTATION, "How robustness was assessed", features.robustness_assessed),
    auto("61", _COMPUTATION, "Software and version", extraction.software_named),
    auto("62", _TEXTURE, "Aggregation of matrices",
         extraction.of_families(extraction.TEXTURE, "texture.aggregations", words.aggregation)),
    auto("63", _TEXTURE, "Weighting by distance",
         extraction.of_families(("glcm", "glrlm", "ngtdm", "ngldm"), "texture",
                                lambda _: "no weighting")),
    auto("64", _TEXTURE, "Symmetry of co-occurrence",
         extraction.of_families(("glcm",), "texture", lambda _: "symmetric")),
    auto("65", _TEXTURE, "Distance of co-occurrence",
         extraction.of_families(("glcm",), "texture.glcm_distance", words.glcm_distance)),
    auto("66", _TEXTURE, "Linkage of size zones",
         extraction.of_families(("glszm",), "texture", lambda _: "Chebyshev distance 1")),
    auto("67", _TEXTURE, "Linkage of distance zones",
         extraction.of_families(("gldzm",), "texture", lambda _: "Chebyshev distance 1")),
    auto("68", _TEXTURE, "Distance of zones to the border",
         extraction.of_families(("gldzm",), "texture", lambda _: "Manhattan distance")),
    auto("69", _TEXTURE, "Neighbourhood of the NGTDM",
         extraction.of_families(("ngtdm",), "texture.ngtdm_distance", words.ngtdm_distance)),
    auto("70", _TEXTURE, "Neighbourhood of the NGLDM",
         extraction.of_families(("ngldm",), "texture.ngldm_distance", words.ngldm_distance)),
    auto("71", _TEXTURE, "Coarseness of the NGLDM",
         extraction.of_families(("ngldm",), "texture.ngldm_alpha", words.ngldm_coarseness)),
)  # fmt: skip
