"""Write a volume as a CT or PET series, one file per slice."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import ImageError
from radiome.image.volume import Volume
from radiome.io.dicom_nuclides import HALF_LIVES_S
from radiome.io.dicom_writer import (
    Study,
    add_acquisition,
    add_pixels,
    add_plane,
    add_series,
    code_item,
    date_text,
    decimal,
    name_object,
    new_object,
    save,
    time_text,
)

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_CT_STORAGE = "1.2.840.10008.5.1.4.1.1.2"
_PET_STORAGE = "1.2.840.10008.5.1.4.1.1.128"

#: Half-life of fluorine-18 in s.
_HALF_LIFE_S = HALF_LIVES_S["F18"]
#: Stored CT values are HU plus this, so that they are not negative.
_CT_OFFSET = 1024
_LARGEST_STORED = 65535


@dataclass(frozen=True, slots=True)
class Injection:
    """How much fluorodeoxyglucose (F-18) was injected for a PET scan, and when.

    Parameters
    ----------
    dose_bq : float
        Activity at the time of injection.
    uptake : timedelta
        Time from injection to the start of the scan.
    scan : timedelta
        Duration of the scan.
    """

    dose_bq: float = 3.0e8
    uptake: timedelta = timedelta(minutes=60)
    scan: timedelta = timedelta(minutes=3)

    def activity_per_suv(self, weight_kg: float) -> float:
        """Bq/mL at the start of the scan that correspond to an SUVbw of 1.

        ``D 2^(-dt / T) / W`` with dose D, uptake time dt, half-life T and weight W in g.
        """
        left = math.pow(2.0, -self.uptake.total_seconds() / _HALF_LIFE_S)
        return self.dose_bq * left / (1000.0 * weight_kg)


def write_ct_series(
    folder: Path,
    volume: Volume,
    study: Study,
    *,
    kernel: str = "SOFT",
    contrast_agent: str = "",
    series_number: int = 1,
) -> list[Path]:
    """Write CT Image Storage objects that give back the same HU.

    Parameters
    ----------
    folder : Path
        Made if absent; files are called ``CT0001.dcm`` and so on.
    volume : Volume
        Whole HU of an integer type, -1024 or more.
    study : Study
        Patient and examination.
    kernel : str
        Convolution Kernel.
    contrast_agent : str
        Contrast/Bolus Agent; none if empty.
    series_number : int
        Number of the series in the study.

    Returns
    -------
    list of Path
        In the order of the first axis of `volume`.

    Raises
    ------
    ImageError
        If the values cannot be stored without loss.
    """
    voxels = volume.voxels
    low, high = int(voxels.min()), int(voxels.max())
    if voxels.dtype.kind not in "iu" or low < -_CT_OFFSET or high > _LARGEST_STORED - _CT_OFFSET:
        raise ImageError(
            "the volume cannot be written as CT",
            where=volume.source or None,
            expected=f"whole HU from {-_CT_OFFSET} to {_LARGEST_STORED - _CT_OFFSET}",
            got=f"{voxels.dtype} from {low} to {high}",
            do="round and clip the values first",
        )
    # One object is filled in anew for every slice: most of it is the same in all.
    made = new_object(study, _CT_STORAGE, "CT")
    add_series(made, study, series_number, "CT")
    add_acquisition(made, study.time)
    made.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    made.RescaleIntercept, made.RescaleSlope = decimal(-_CT_OFFSET), decimal(1)
    made.RescaleType = "HU"
    made.KVP = decimal(120)
    made.ConvolutionKernel = kernel
    if contrast_agent:
        made.ContrastBolusAgent = contrast_agent
    files = []
    for index, plane in enumerate(voxels.astype(np.int32) + _CT_OFFSET):
        name_object(made, study.uid("CT", series_number, index))
        add_plane(made, volume.geometry, index)
        add_pixels(made, plane)
        files.append(save(made, folder / f"CT{index + 1:04d}.dcm"))
    return files


def write_pet_series(
    folder: Path,
    volume: Volume,
    study: Study,
    *,
    injection: Injection | None = None,
    kernel: str = "",
    series_number: int = 2,
) -> list[Path]:
    """Write Positron Emission Tomography Image Storage objects in Bq/mL.

    Every slice has the rescale slope that makes the best use of 16 bits; read back, a
    value differs by at most half the slope. Activities are decay-corrected to the start
    of the scan, which is the study time.

    Parameters
    ----------
    folder : Path
        Made if absent; files are called ``PT0001.dcm`` and so on.
    volume : Volume
        SUVbw, 0 or more.
    study : Study
        Patient, with the body weight, and examination.
    injection : Injection, optional
        Dose and times; typical ones by default.
    kernel : str
        Convolution Kernel.
    series_number : int
        Number of the series in the study.

    Returns
    -------
    list of Path
        In the order of the first axis of `volume`.

    Raises
    ------
    ImageError
        If a value is negative or not finite.
    """
    injection = injection if injection is not None else Injection()
    _check_uptake(volume)
    made = new_object(study, _PET_STORAGE, "PT")
    add_series(made, study, series_number, "PET")
    add_acquisition(made, study.time)
    _add_pet_series(made, volume.geometry.shape[0], kernel)
    _add_pet_isotope(made, study, injection)
    _add_pet_image(made, injection)
    files = []
    activity = volume.voxels.astype(np.float64) * injection.activity_per_suv(study.weight_kg)
    for index, (stored, slope) in enumerate(_quantised(activity)):
        name_object(made, study.uid("PT", series_number, index))
        add_plane(made, volume.geometry, index)
        made.ImageIndex = index + 1
        made.RescaleIntercept, made.RescaleSlope = decimal(0), slope
        add_pixels(made, stored)
        files.append(save(made, folder / f"PT{index + 1:04d}.dcm"))
    return files


def _check_uptake(volume: Volume) -> None:
    lowest = float(volume.voxels.min())
    if not (np.isfinite(volume.voxels).all() and lowest >= 0.0):
        raise ImageError(
            "the volume cannot be written as PET",
            where=volume.source or None,
            expected="finite SUVbw of 0 or more",
            got=f"a lowest value of {lowest:g}, or values that are not finite",
            do="clip the values first",
        )


def _quantised(activity: NDArray[np.float64]) -> Iterator[tuple[NDArray[Any], str]]:
    """Stored values and rescale slope of each slice."""
    for plane in activity:
        # Rounded up: the largest value must not exceed the largest stored one.
        slope = decimal(float(plane.max()) / _LARGEST_STORED * (1.0 + 1e-9))
        if float(slope) == 0.0:
            slope = decimal(1)
        yield np.rint(plane / float(slope)).astype(np.uint16), slope


def _add_pet_series(made: Dataset, slices: int, kernel: str) -> None:
    """PET Series module, PS3.3 C.8.9.1."""
    made.Units = "BQML"
    made.CountsSource = "EMISSION"
    made.SeriesType = ["STATIC", "IMAGE"]
    made.NumberOfSlices = slices
    made.CorrectedImage = ["NORM", "DTIM", "ATTN", "SCAT", "DECY", "RAN"]
    made.DecayCorrection = "START"
    made.RandomsCorrectionMethod = "DLYD"
    made.AttenuationCorrectionMethod = "virtual"
    made.ScatterCorrectionMethod = "virtual"
    made.CollimatorType = "NONE"
    if kernel:
        made.ConvolutionKernel = kernel


def _add_pet_isotope(made: Dataset, study: Study, injection: Injection) -> None:
    """PET Isotope and NM/PET Patient Orientation modules, PS3.3 C.8.9.2 and C.8.4.6."""
    from pydicom.dataset import Dataset

    injected = study.time - injection.uptake
    item = Dataset()
    item.RadionuclideCodeSequence = [code_item("77004003", "SCT", "^18^Fluorine")]
    item.Radiopharmaceutical = "Fluorodeoxyglucose"
    item.RadiopharmaceuticalCodeSequence = [
        code_item("35321007", "SCT", "Fluorodeoxyglucose F^18^")
    ]
    item.RadiopharmaceuticalStartTime = time_text(injected)
    item.RadiopharmaceuticalStartDateTime = date_text(injected) + time_text(injected)
    item.RadionuclideTotalDose = decimal(injection.dose_bq)
    item.RadionuclideHalfLife = decimal(_HALF_LIFE_S)
    item.RadionuclidePositronFraction = decimal(0.967)
    made.RadiopharmaceuticalInformationSequence = [item]
    recumbent = code_item("102538003", "SCT", "recumbent")
    recumbent.PatientOrientationModifierCodeSequence = [code_item("40199007", "SCT", "supine")]
    made.PatientOrientationCodeSequence = [recumbent]
    made.PatientGantryRelationshipCodeSequence = [code_item("102540008", "SCT", "headfirst")]


def _add_pet_image(made: Dataset, injection: Injection) -> None:
    """PET Image module, PS3.3 C.8.9.4: one bed position that starts with the series."""
    length = injection.scan.total_seconds()
    decay = math.log(2.0) / _HALF_LIFE_S
    # The moment at which the activity equals its mean over the frame.
    mean_time = math.log(decay * length / -math.expm1(-decay * length)) / decay
    made.ImageType = ["ORIGINAL", "PRIMARY"]
    made.FrameReferenceTime = decimal(1000.0 * mean_time)
    made.ActualFrameDuration = round(1000.0 * length)
    made.DecayFactor = decimal(math.exp(decay * mean_time))
    made.DoseCalibrationFactor = decimal(1)
