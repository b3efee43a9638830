"""Write a small virtual cohort as the files a hospital would give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from radiome.base.errors import SettingsError
from radiome.io.dicom_image_writer import write_ct_series, write_pet_series
from radiome.io.dicom_region_writer import write_rtstruct, write_segmentation
from radiome.io.dicom_writer import Study
from radiome.io.nifti import write_nifti
from radiome.phantoms.lesion import Lesion, make_lesion
from radiome.phantoms.parameters import MODALITIES, LesionParameters
from radiome.tables.files import write_records

COLUMNS = (
    "case", "image", "mask", "roi", "modality", "patient", "shape", "kernel",
    "true_volume_ml", "true_sphericity", "true_max_diameter_mm", "true_mean",
    "true_tissue_mean", "true_texture_mm", "true_noise",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a patient has: the outline, the texture, and what only the CT shows."""

    outline: Mapping[str, Any]
    texture: float
    kernel: str = "soft"
    ct: Mapping[str, Any] = field(default_factory=dict)


#: The patients, in turn: one of every shape, with coarse and fine texture.
_PLANS = (
    _Plan(MappingProxyType({"shape": "ellipsoid", "volume_ml": 14.0}), texture=1.0),
    _Plan(
        MappingProxyType(
            {
                "shape": "lobulated",
                "volume_ml": 18.0,
                "irregularity": 0.4,
                "axis_ratios": (1.2, 1.0, 0.8),
            }
        ),
        texture=1.6,
        ct=MappingProxyType({"enhancement": 30.0}),
    ),
    _Plan(
        MappingProxyType({"shape": "spiculated", "volume_ml": 9.0, "irregularity": 0.6}),
        texture=0.7,
        kernel="sharp",
        # A solid nodule in the lung has the density of soft tissue.
        ct=MappingProxyType({"site": "lung", "contrast": 870.0}),
    ),
)


def write_demo_cohort(folder: Path, *, patients: int = 3, seed: int = 2024) -> Path:
    """Write a CT with RTSTRUCT, a PET with SEG and a T1 MR with mask for every patient.

    The three scans of a patient show the same outline. Equal arguments give equal bytes.

    Parameters
    ----------
    folder : Path
        Made if absent; files of an earlier demo are replaced.
    patients : int
        Number of patients; their lesions differ in shape, size and texture.
    seed : int
        Of all that is random.

    Returns
    -------
    Path
        The cohort table. Besides what a run needs it holds what is true of each lesion:
        volume, sphericity and largest diameter of the outline, mean of the scan over the
        mask without noise (``true_mean``) and of the tissue before the blur of the scanner
        (``true_tissue_mean``), correlation length of the texture, and noise.
    """
    if patients < 1:
        raise SettingsError("a cohort needs patients", expected="1 or more", got=str(patients))
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    rows = [row for number in range(patients) for row in _write_patient(folder, number, seed)]
    table = folder / "cohort.csv"
    write_records(table, rows, COLUMNS)
    return table


def _write_patient(folder: Path, number: int, seed: int) -> list[dict[str, str]]:
    """Write the three scans of a patient and return their rows of the cohort table."""
    plan = _PLANS[number % len(_PLANS)]
    patient = f"VIRTUAL-{number + 1:03d}"
    study = Study(
        key=f"radiome demo/{seed}/{patient}",
        patient_id=patient,
        patient_name=f"VIRTUAL^{number + 1:03d}",
        time=datetime(2024, 1, 15, 9, 0) + timedelta(days=number),
        weight_kg=62.0 + 9.0 * (number % 4),
    )
    source = np.random.SeedSequence(seed, spawn_key=(number,))
    rows = []
    for modality in MODALITIES:
        parameters = _parameters(plan, modality, int(source.generate_state(1)[0]))
        lesion = make_lesion(parameters)
        image, mask, roi = _WRITERS[modality](folder / patient, lesion, study)
        files = {
            "image": image.relative_to(folder).as_posix(),
            "mask": mask.relative_to(folder).as_posix(),
            "roi": roi,
        }
        case = {"case": f"{patient}_{modality}", "modality": modality, "patient": patient}
        rows.append({**case, **files, **_truth_cells(lesion)})
    return rows


def _parameters(plan: _Plan, modality: str, seed: int) -> LesionParameters:
    typical = LesionParameters.typical(modality)
    changes: dict[str, Any] = {
        "seed": seed,
        "kernel": plan.kernel,
        "texture_mm": typical.texture_mm * plan.texture,
        **plan.outline,
        **(plan.ct if modality == "CT" else {}),
    }
    return LesionParameters.typical(modality, **changes)


def _write_ct(folder: Path, lesion: Lesion, study: Study) -> tuple[Path, Path, str]:
    agent = "Virtual contrast agent" if lesion.parameters.enhancement > 0 else ""
    kernel = lesion.parameters.kernel.upper()
    files = write_ct_series(
        folder / "CT", lesion.volume, study, kernel=kernel, contrast_agent=agent
    )
    mask = write_rtstruct(folder / "CT_regions_RTSTRUCT.dcm", lesion.mask, files, study)
    return folder / "CT", mask, lesion.mask.name


def _write_pet(folder: Path, lesion: Lesion, study: Study) -> tuple[Path, Path, str]:
    kernel = lesion.parameters.kernel.upper()
    files = write_pet_series(folder / "PET", lesion.volume, study, kernel=kernel)
    mask = write_segmentation(folder / "PET_regions_SEG.dcm", lesion.mask, files, study)
    return folder / "PET", mask, lesion.mask.name


def _write_mr(folder: Path, lesion: Lesion, study: Study) -> tuple[Path, Path, str]:
    folder.mkdir(parents=True, exist_ok=True)
    image, mask = folder / "T1_image.nii.gz", folder / "T1_mask.nii.gz"
    write_nifti(image, lesion.volume)
    write_nifti(mask, lesion.mask)
    return image, mask, "1"


_WRITERS = {"CT": _write_ct, "PT": _write_pet, "MR": _write_mr}


def _truth_cells(lesion: Lesion) -> dict[str, str]:
    """The columns that say what is true, to six digits."""
    numbers = {
        "true_volume_ml": "volume_ml",
        "true_sphericity": "sphericity",
        "true_max_diameter_mm": "max_diameter_mm",
        "true_mean": "scan_mean",
        "true_tissue_mean": "tissue_mean",
        "true_texture_mm": "texture_mm",
        "true_noise": "noise_sigma",
    }
    cells = {column: f"{lesion.truth[name]:.6g}" for column, name in numbers.items()}
    return {"shape": lesion.parameters.shape, "kernel": lesion.parameters.kernel, **cells}
