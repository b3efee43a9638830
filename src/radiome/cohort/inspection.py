"""Look at every case before anything is measured: can it be read, what is it, a picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from radiome.cohort.engine import RunResult, run_cohort
from radiome.cohort.lesion_picture import lesion_picture
from radiome.cohort.manifest import Manifest
from radiome.cohort.store import RunFolder
from radiome.cohort.worker import read_result
from radiome.extraction.row import Row
from radiome.image.mask import Mask
from radiome.image.volume import Volume
from radiome.io.readers import check_pair, read_mask, read_volume

_FUNCTION = f"{__name__}:inspect_case"

#: Facts of scanner and protocol that are told, by DICOM keyword: no dates, no numbers of
#: devices or series, and nothing about the patient.
ACQUISITION_FACTS = (
    "Manufacturer", "ManufacturerModelName", "MagneticFieldStrength", "SliceThickness",
    "KVP", "XRayTubeCurrent", "Exposure", "ConvolutionKernel", "ReconstructionMethod",
    "ContrastBolusAgent", "ScanningSequence", "SequenceVariant", "MRAcquisitionType",
    "RepetitionTime", "EchoTime", "InversionTime", "FlipAngle", "EchoTrainLength",
    "NumberOfAverages", "DiffusionBValue", "Radiopharmaceutical", "Radionuclide", "Units",
    "DecayCorrection", "CorrectedImage", "ScatterCorrectionMethod",
    "AttenuationCorrectionMethod", "ActualFrameDuration", "TransducerFrequency",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Inspected:
    """What was seen of one case.

    Parameters
    ----------
    case : str
        Its name.
    status, reason : str
        As of a run: ``ok``, or why the case cannot be measured.
    facts : mapping
        ``modality``, ``unit``, ``shape``, ``spacing_zyx_mm``, ``voxels``, ``volume_ml``,
        ``slices``, ``minimum``, ``median``, ``maximum`` of the region, and the acquisition
        facts by DICOM keyword.
    picture : str
        PNG of the largest slice with the region's outline, base64.
    """

    case: str
    status: str
    reason: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    picture: str = ""


def inspect_cohort(
    cohort: str | Path | Manifest, out: str | Path, **options: Any
) -> tuple[RunResult, list[Inspected]]:
    """Read every case of a cohort and tell what it is.

    Parameters
    ----------
    cohort : path or Manifest
        As for `run_cohort`.
    out : path
        Folder that keeps what was seen; cases that did not change are not read again.
    **options
        Those of `run_cohort`.

    Returns
    -------
    result : RunResult
        How each case ended.
    seen : list of Inspected
        One per case, in cohort order.
    """
    result = run_cohort(cohort, out, case_function=_FUNCTION, **options)
    return result, list(_seen(result))


def _seen(result: RunResult) -> Iterator[Inspected]:
    folder = RunFolder(result.folder).cases
    for outcome in result.outcomes:
        stored = read_result(folder, outcome.answer["key"]) if outcome.status == "ok" else None
        told = (stored or {}).get("record", {})
        yield Inspected(
            outcome.case,
            outcome.status,
            outcome.reason,
            told.get("facts", {}),
            told.get("picture", ""),
        )


def inspect_case(
    image: Any,
    mask: Any,
    settings: Any = None,
    *,
    roi: str | int | None = None,
    modality: str | None = None,
    resample_mask: bool = False,
    fill_gaps: bool = False,
    threads: int | None = None,
) -> Row:
    """Read one case and tell what it is; called like `radiome.extract`."""
    volume = read_volume(image, modality=modality)
    region = read_mask(mask, volume, roi=roi, resample=resample_mask, fill_gaps=fill_gaps)
    check_pair(volume, region)
    facts = _facts(volume, region)
    return Row.build({}, {"facts": facts, "picture": lesion_picture(volume, region)})


def _facts(volume: Volume, mask: Mask) -> dict[str, Any]:
    inside = volume.voxels[mask.voxels]
    voxel_ml = float(np.prod(volume.geometry.spacing)) / 1000
    acquisition = {name: volume.facts[name] for name in ACQUISITION_FACTS if name in volume.facts}
    return {
        "modality": volume.modality,
        "unit": volume.unit,
        "shape_zyx": list(volume.geometry.shape),
        "spacing_zyx_mm": list(volume.geometry.spacing),
        "voxels": int(inside.size),
        "volume_ml": inside.size * voxel_ml,
        "slices": int(mask.voxels.any(axis=(1, 2)).sum()),
        "minimum": float(inside.min()),
        "median": float(np.median(inside)),
        "maximum": float(inside.max()),
        **acquisition,
    }
