"""What every written DICOM object shares: patient, study, identifiers, file form.

Equal inputs give equal bytes: identifiers are hashes of the study's key, and times are
those of the study, never of the clock. The identity is that of a virtual patient.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from radiome.base.version import __version__
from radiome.image.geometry import Geometry

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

#: Written into equipment modules.
MANUFACTURER = "radiome"
MODEL = "virtual scanner"


@dataclass(frozen=True, slots=True)
class Study:
    """A virtual patient and one examination.

    Parameters
    ----------
    key : str
        What all identifiers are made from; another key gives other identifiers.
    patient_id, patient_name : str
        DICOM Patient ID, and Patient's Name such as ``VIRTUAL^001``.
    time : datetime
        Start of the examination.
    weight_kg, height_m : float
        Body weight and height.
    sex : str
        ``"F"``, ``"M"`` or ``"O"``.
    age_years : int
        Age; the birth date stays empty.
    """

    key: str
    patient_id: str
    patient_name: str
    time: datetime = datetime(2024, 1, 15, 9, 0, 0)
    weight_kg: float = 70.0
    height_m: float = 1.72
    sex: str = "O"
    age_years: int = 60

    def uid(self, *parts: object) -> str:
        """A unique identifier that depends on the key and `parts` only."""
        from pydicom.uid import generate_uid

        return str(generate_uid(entropy_srcs=["/".join([self.key, *map(str, parts)])]))

    @property
    def frame_of_reference(self) -> str:
        """Frame of Reference UID shared by all series of the examination."""
        return self.uid("frame of reference")


def date_text(time: datetime) -> str:
    """A DICOM DA value."""
    return time.strftime("%Y%m%d")


def time_text(time: datetime) -> str:
    """A DICOM TM value to the second."""
    return time.strftime("%H%M%S")


def decimal(value: float) -> str:
    """A number as DICOM Decimal String: at most 16 characters (PS3.5 section 6.2)."""
    from pydicom.valuerep import format_number_as_ds

    return format_number_as_ds(float(value))


def decimals(values: Sequence[float]) -> list[str]:
    """Several numbers as Decimal Strings."""
    return [decimal(value) for value in values]


def code_item(value: str, scheme: str, meaning: str) -> Dataset:
    """An item of a code sequence."""
    from pydicom.dataset import Dataset

    item = Dataset()
    item.CodeValue = value
    item.CodingSchemeDesignator = scheme
    item.CodeMeaning = meaning
    return item


def new_object(study: Study, sop_class: str, modality: str) -> Dataset:
    """An object with the modules of patient, study and equipment (PS3.3 C.7.1 to C.7.5).

    `name_object` has to give it its identifier.
    """
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian

    made = Dataset()
    made.SpecificCharacterSet = "ISO_IR 192"
    made.SOPClassUID = sop_class
    made.PatientName = study.patient_name
    made.PatientID = study.patient_id
    made.PatientBirthDate = ""
    made.PatientSex = study.sex
    made.PatientAge = f"{study.age_years:03d}Y"
    made.PatientWeight = decimal(study.weight_kg)
    made.PatientSize = decimal(study.height_m)
    # Says to every reader that this is no person.
    made.QualityControlSubject = "YES"
    made.PatientIdentityRemoved = "YES"
    made.DeidentificationMethod = "virtual patient"
    made.StudyInstanceUID = study.uid("study")
    made.StudyDate, made.StudyTime = date_text(study.time), time_text(study.time)
    made.StudyID = "1"
    made.StudyDescription = "Virtual patient with known truth"
    made.AccessionNumber = ""
    made.ReferringPhysicianName = ""
    made.Modality = modality
    made.Manufacturer = MANUFACTURER
    made.ManufacturerModelName = MODEL
    made.DeviceSerialNumber = "0"
    made.SoftwareVersions = __version__
    made.file_meta = FileMetaDataset()
    made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return made


def name_object(made: Dataset, uid: str) -> None:
    """Set the SOP Instance UID, in the object and for the file."""
    from pydicom.uid import UID

    made.SOPInstanceUID = UID(uid)
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID


def add_series(made: Dataset, study: Study, number: int, description: str) -> None:
    """Add the General Series and Frame of Reference modules (PS3.3 C.7.3.1, C.7.4.1)."""
    made.SeriesInstanceUID = study.uid(made.Modality, number)
    made.SeriesNumber = number
    made.SeriesDescription = description
    made.SeriesDate, made.SeriesTime = date_text(study.time), time_text(study.time)
    made.FrameOfReferenceUID = study.frame_of_reference
    made.PositionReferenceIndicator = ""


def add_acquisition(made: Dataset, time: datetime) -> None:
    """Add the parts of the General Image module that all slices share (PS3.3 C.7.6.1)."""
    made.AcquisitionNumber = 1
    made.AcquisitionDate = made.ContentDate = date_text(time)
    made.AcquisitionTime = made.ContentTime = time_text(time)
    made.BurnedInAnnotation = "NO"
    made.LossyImageCompression = "00"
    made.PatientPosition = "HFS"


def add_plane(made: Dataset, geometry: Geometry, index: int) -> None:
    """Add the Image Plane module of one slice (PS3.3 C.7.6.2)."""
    made.InstanceNumber = index + 1
    made.ImagePositionPatient = decimals(geometry.index_to_world((index, 0, 0)).tolist())
    # Row cosines point along a row, towards growing columns (x); then down a column (y).
    made.ImageOrientationPatient = decimals([*geometry.direction[2], *geometry.direction[1]])
    made.PixelSpacing = decimals(geometry.spacing[1:])
    made.SliceThickness = decimal(geometry.spacing[0])
    normal = np.cross(geometry.direction[2], geometry.direction[1])
    made.SliceLocation = decimal(float(geometry.index_to_world((index, 0, 0)) @ normal))


def add_pixels(made: Dataset, plane: Any) -> None:
    """Add the Image Pixel module of a uint16 slice (rows, columns) (PS3.3 C.7.6.3)."""
    made.SamplesPerPixel = 1
    made.PhotometricInterpretation = "MONOCHROME2"
    made.Rows, made.Columns = plane.shape
    made.BitsAllocated = made.BitsStored = 16
    made.HighBit = 15
    made.PixelRepresentation = 0
    made.PixelData = np.ascontiguousarray(plane, dtype="<u2").tobytes()


def save(made: Dataset, path: Path) -> Path:
    """Write a DICOM file (PS3.10) and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made.save_as(path, enforce_file_format=True)
    return path


def read_headers(files: Sequence[Path]) -> list[Dataset]:
    """Headers of written slices, for objects that refer to them."""
    import pydicom

    return [pydicom.dcmread(file, stop_before_pixels=True) for file in files]
