"""Features under the names of pyradiomics, with the values of the IBSI definitions.

Parameters become settings of radiome, `extract_case` measures, and the columns get their names
of pyradiomics.
"""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from radiome.base.errors import RegionError
from radiome.compat.pyradiomics import preparation
from radiome.compat.pyradiomics.diagnostics import Diagnostics
from radiome.compat.pyradiomics.ibsi_plan import Classes, Plan, plan_extraction
from radiome.extraction.case import extract_case
from radiome.image.mask import Mask
from radiome.image.volume import Volume


@dataclass(frozen=True, slots=True)
class Measured:
    """Values by key (None where not applicable), the reasons, and the records."""

    values: dict[str, float | None]
    reasons: dict[str, str]
    records: tuple[dict[str, Any], ...]


def extract(
    volume: Volume,
    mask: Mask,
    settings: Mapping[str, Any],
    image_types: Mapping[str, Mapping[str, Any]],
    classes: Classes,
    info: Diagnostics | None = None,
) -> OrderedDict[str, Any]:
    """Measure one region.

    Parameters
    ----------
    volume, mask : Volume, Mask
        Image and region as they were read.
    settings, image_types, classes : mapping
        As the extractor of pyradiomics holds them.
    info : Diagnostics, optional
        Gets entries that say what was measured.

    Returns
    -------
    OrderedDict
        Diagnostics, then features; NaN where a feature is not applicable, with the reason in
        the diagnostics.

    Raises
    ------
    SettingsError
        For parameters that the IBSI definitions have no counterpart for.
    """
    plan = plan_extraction(settings, image_types, classes, volume.geometry.spacing)
    volume = preparation.normalised(volume, settings)
    mask = preparation.on_image(volume, mask, settings, info)
    preparation.check(mask, settings)
    found = measure(plan, volume, mask)
    _check_size(found, settings)
    _report(plan, found, info)
    values = {key: np.nan if value is None else value for key, value in found.values.items()}
    arrays = {key: np.array(value) for key, value in values.items()}
    return OrderedDict({**(info.entries if info else {}), **arrays})


def measure(plan: Plan, volume: Volume, mask: Mask) -> Measured:
    """Run the extractions of a plan, and name what they give."""
    rows = [extract_case(volume, mask, settings) for settings in plan.extractions]
    values = {column.key: rows[column.extraction][column.tag] for column in plan.columns}
    reasons = {
        column.key: rows[column.extraction].reasons[column.tag]
        for column in plan.columns
        if values[column.key] is None
    }
    return Measured(values, reasons, tuple(row.record for row in rows))


def _check_size(found: Measured, settings: Mapping[str, Any]) -> None:
    """Refuse a region with too few voxels after interpolation and re-segmentation."""
    least = settings.get("minimumROISize")
    sizes = [record["voxels_intensity"] for record in found.records]
    if least is not None and sizes and min(sizes) <= least:
        raise RegionError(
            "the region has too few voxels",
            expected=f"more than {least}",
            got=str(min(sizes)),
            do="lower minimumROISize or leave the case out",
        )


def _report(plan: Plan, found: Measured, info: Diagnostics | None) -> None:
    """Say what was measured, what was left out and what is not applicable.

    In entries of the diagnostics, or without these in one warning.
    """
    if info is None:
        missing = [*plan.left_out, *(f"{key} ({why})" for key, why in found.reasons.items())]
        if missing:
            text = "no value by the IBSI definitions: " + ", ".join(missing)
            warnings.warn(text, UserWarning, stacklevel=5)
        return
    info.add(
        Configuration_IBSI=[settings.model_dump(mode="json") for settings in plan.extractions],
        Configuration_WithoutIBSI=list(plan.left_out),
    )
    for record in found.records[:1]:
        spacing = tuple(reversed(record["interpolated_spacing_zyx_mm"]))
        info.add(
            **{
                "Mask-interpolated_Spacing": spacing,
                "Mask-interpolated_VoxelNum": record["voxels_morphological"],
                "Mask-resegmented_VoxelNum": record["voxels_intensity"],
            }
        )
    said = [text for record in found.records for text in record["warnings"]]
    info.add(NotApplicable=dict(found.reasons), Warnings=list(dict.fromkeys(said)))
