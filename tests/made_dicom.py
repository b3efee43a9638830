"""Tiny DICOM objects written for tests: image series, enhanced objects, RTSTRUCT."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

CT = "1.2.840.10008.5.1.4.1.1.2"
MR = "1.2.840.10008.5.1.4.1.1.4"
PT = "1.2.840.10008.5.1.4.1.1.128"
NM = "1.2.840.10008.5.1.4.1.1.20"
ENHANCED_CT = "1.2.840.10008.5.1.4.1.1.2.1"
ENHANCED_PT = "1.2.840.10008.5.1.4.1.1.130"
RTSTRUCT = "1.2.840.10008.5.1.4.1.1.481.3"
CLASSES = {"CT": CT, "MR": MR, "PT": PT, "NM": NM, "RTSTRUCT": RTSTRUCT}

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
FRAME = generate_uid(entropy_srcs=["frame"])
SERIES = generate_uid(entropy_srcs=["series"])
STUDY = generate_uid(entropy_srcs=["study"])

Edit = Callable[[Dataset, int], None]


def uid(*parts: object) -> str:
    return generate_uid(entropy_srcs=[str(part) for part in parts])


def new_object(modality: str, sop_class: str | None = None, name: object = "") -> Dataset:
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID = sop_class or CLASSES[modality]
    dataset.SOPInstanceUID = uid(modality, name)
    dataset.Modality = modality
    dataset.PatientName = "Doe^Jane"
    dataset.PatientID = "P1"
    dataset.StudyInstanceUID = STUDY
    dataset.SeriesInstanceUID = SERIES
    dataset.FrameOfReferenceUID = FRAME
    return dataset


def set_pixels(dataset: Dataset, stored: np.ndarray) -> None:
    """Store (rows, columns) or (frames, rows, columns) of an integer type."""
    dataset.Rows, dataset.Columns = stored.shape[-2:]
    if stored.ndim == 3:
        dataset.NumberOfFrames = stored.shape[0]
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 8 * stored.dtype.itemsize
    dataset.HighBit = dataset.BitsStored - 1
    dataset.PixelRepresentation = int(stored.dtype.kind == "i")
    dataset.PixelData = stored.astype(stored.dtype.newbyteorder("<")).tobytes()


def save(dataset: Dataset, path: Path) -> Path:
    dataset.save_as(path, enforce_file_format=True)
    return path


def slice_object(modality: str, stored: np.ndarray, position: Sequence[float], n: int) -> Dataset:
    dataset = new_object(modality, name=n)
    dataset.InstanceNumber = n + 1
    dataset.ImagePositionPatient = [float(p) for p in position]
    dataset.ImageOrientationPatient = list(AXIAL)
    dataset.PixelSpacing = [2.0, 1.5]
    dataset.SliceThickness = 3.0
    dataset.RescaleSlope, dataset.RescaleIntercept = 1, 0
    set_pixels(dataset, stored)
    return dataset


def some_voxels(shape: tuple[int, int, int] = (5, 6, 7), dtype: Any = np.int16) -> np.ndarray:
    return np.arange(np.prod(shape)).reshape(shape).astype(dtype)


def write_series(
    folder: Path,
    modality: str = "CT",
    *,
    voxels: np.ndarray | None = None,
    edit: Edit | None = None,
    skip: Sequence[int] = (),
) -> Path:
    """Write slices at z = 10, 13, 16, ... mm with shuffled names; `edit` changes slice n."""
    folder.mkdir(exist_ok=True)
    voxels = some_voxels() if voxels is None else voxels
    for n, plane in enumerate(voxels):
        if n in skip:
            continue
        dataset = slice_object(modality, plane, (-5.0, -6.0, 10.0 + 3.0 * n), n)
        if modality == "PT":
            add_pet(dataset)
        if edit is not None:
            edit(dataset, n)
        save(dataset, folder / f"{(n * 7) % 11:02d}.dcm")
    return folder


def add_pet(dataset: Dataset) -> None:
    """FDG with an uptake of one half-life: 70 kg, 350 MBq, 6600 s."""
    dataset.Units = "BQML"
    dataset.DecayCorrection = "START"
    dataset.CorrectedImage = ["DECY", "ATTN"]
    dataset.PatientWeight = 70.0
    dataset.SeriesDate = dataset.AcquisitionDate = "20240102"
    dataset.SeriesTime = dataset.AcquisitionTime = "120000"
    tracer = Dataset()
    tracer.RadiopharmaceuticalStartTime = "101000"
    tracer.RadionuclideTotalDose = 350e6
    tracer.RadionuclideHalfLife = 6600.0
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "C-111A1", "SRT", "^18^Fluorine"
    tracer.RadionuclideCodeSequence = [code]
    dataset.RadiopharmaceuticalInformationSequence = [tracer]


def item(**values: Any) -> Dataset:
    dataset = Dataset()
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    return dataset


def write_enhanced(
    path: Path,
    voxels: np.ndarray,
    *,
    modality: str = "CT",
    order: Sequence[int] | None = None,
    edit: Callable[[Dataset], None] | None = None,
) -> Path:
    """Write slices at z = 10, 13, ... mm as one enhanced object, frames in `order`."""
    order = list(range(len(voxels))) if order is None else list(order)
    dataset = new_object(modality, ENHANCED_CT if modality == "CT" else ENHANCED_PT)
    set_pixels(dataset, voxels[order])
    transform = item(RescaleSlope=2.0, RescaleIntercept=-100.0, RescaleType="HU")
    dataset.SharedFunctionalGroupsSequence = [
        item(
            PlaneOrientationSequence=[item(ImageOrientationPatient=list(AXIAL))],
            PixelMeasuresSequence=[item(PixelSpacing=[2.0, 1.5], SliceThickness=3.0)],
            PixelValueTransformationSequence=[transform],
        )
    ]
    dataset.PerFrameFunctionalGroupsSequence = [
        item(
            PlanePositionSequence=[item(ImagePositionPatient=[-5.0, -6.0, 10.0 + 3.0 * n])],
            FrameContentSequence=[item(TemporalPositionIndex=1, InStackPositionNumber=n + 1)],
        )
        for n in order
    ]
    if edit is not None:
        edit(dataset)
    return save(dataset, path)


def contour(points: Any, kind: str = "CLOSED_PLANAR") -> Dataset:
    data = np.asarray(points, dtype=float)
    return item(
        ContourGeometricType=kind,
        NumberOfContourPoints=len(data),
        ContourData=[f"{v:.10g}" for v in data.ravel()],
    )


def write_rtstruct(
    path: Path,
    rois: Sequence[tuple[str, Sequence[Dataset]]],
    *,
    frame: str = FRAME,
    edit: Callable[[Dataset], None] | None = None,
) -> Path:
    """Write regions as (name, contours); numbers start at 1."""
    dataset = new_object("RTSTRUCT", name=path)
    dataset.SeriesInstanceUID = uid("structures")
    del dataset.FrameOfReferenceUID
    dataset.ReferencedFrameOfReferenceSequence = [
        item(
            FrameOfReferenceUID=frame,
            RTReferencedStudySequence=[
                item(
                    RTReferencedSeriesSequence=[
                        item(
                            SeriesInstanceUID=SERIES,
                            ContourImageSequence=[item(ReferencedSOPInstanceUID=uid("CT", 0))],
                        )
                    ]
                )
            ],
        )
    ]
    dataset.StructureSetROISequence = [
        item(ROINumber=n, ROIName=name, ReferencedFrameOfReferenceUID=frame)
        for n, (name, _) in enumerate(rois, start=1)
    ]
    dataset.ROIContourSequence = [
        item(ReferencedROINumber=n, ContourSequence=list(contours))
        for n, (_, contours) in enumerate(rois, start=1)
    ]
    if edit is not None:
        edit(dataset)
    return save(dataset, path)
