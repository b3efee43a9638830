"""Write a mask as RTSTRUCT or as DICOM SEG, referring to the series it was drawn on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from radiome.base.errors import GeometryError, RegionError
from radiome.base.version import __version__
from radiome.image.mask import Mask
from radiome.io.dicom_writer import (
    MANUFACTURER,
    MODEL,
    Study,
    add_series,
    date_text,
    decimal,
    name_object,
    new_object,
    read_headers,
    save,
    time_text,
)
from radiome.io.outline_tracer import is_hole, trace_outlines

if TYPE_CHECKING:
    from highdicom.seg import SegmentDescription
    from pydicom.dataset import Dataset

_RTSTRUCT_STORAGE = "1.2.840.10008.5.1.4.1.1.481.3"
#: Decimals of contour points in mm: far below half a pixel, short enough to read.
_POINT_DECIMALS = 4
_COLOUR = (230, 60, 40)


def write_rtstruct(
    path: Path, mask: Mask, series: Sequence[Path], study: Study, *, series_number: int = 11
) -> Path:
    """Write one region as an RT Structure Set.

    Contours run along pixel borders, so that filling them gives back the mask exactly.
    Where the region has holes all its contours are ``CLOSEDPLANAR_XOR``, otherwise
    ``CLOSED_PLANAR`` (PS3.3 C.8.8.6.3).

    Parameters
    ----------
    path : Path
        File to write.
    mask : Mask
        The region; its name becomes the ROI Name.
    series : sequence of Path
        Files of the image series, in the order of the first axis of `mask`.
    study : Study
        Patient and examination of that series.
    series_number : int
        Number of the new series in the study.

    Raises
    ------
    RegionError
        If the mask is empty.
    GeometryError
        If there is not one image file per slice of the mask.
    """
    _check(mask, series, path)
    images = read_headers(series)
    made = new_object(study, _RTSTRUCT_STORAGE, "RTSTRUCT")
    name_object(made, study.uid("RTSTRUCT", series_number, "object"))
    add_series(made, study, series_number, "Regions")
    made.OperatorsName = ""
    made.InstanceNumber = 1
    made.StructureSetLabel = "Regions"
    made.StructureSetName = "Regions"
    made.StructureSetDate, made.StructureSetTime = date_text(study.time), time_text(study.time)
    made.ApprovalStatus = "UNAPPROVED"
    made.ReferencedFrameOfReferenceSequence = [_referenced_frame(images)]
    _add_roi(made, mask, images)
    return save(made, path)


def write_segmentation(
    path: Path, mask: Mask, series: Sequence[Path], study: Study, *, series_number: int = 12
) -> Path:
    """Write one region as a binary DICOM SEG with highdicom; empty slices are left out.

    Parameters and errors are those of `write_rtstruct`; the mask's name becomes the
    Segment Label.
    """
    from highdicom.seg import Segmentation

    _check(mask, series, path)
    made = Segmentation(
        source_images=read_headers(series),
        pixel_array=np.asarray(mask.voxels),
        segmentation_type="BINARY",
        segment_descriptions=[_segment(mask, study.uid("SEG", series_number, "lesion"))],
        series_instance_uid=study.uid("SEG", series_number),
        series_number=series_number,
        sop_instance_uid=study.uid("SEG", series_number, "object"),
        instance_number=1,
        manufacturer=MANUFACTURER,
        manufacturer_model_name=MODEL,
        software_versions=__version__,
        device_serial_number="0",
        content_label="LESION",
        series_description="Regions",
    )
    _fix_clock(made, study, series_number)
    return save(made, path)


def _check(mask: Mask, series: Sequence[Path], path: Path) -> None:
    if not mask.voxels.any():
        raise RegionError(
            "an empty region cannot be written",
            where=str(path),
            expected="at least one voxel",
            got="none",
            do="leave the region out",
        )
    if len(series) != mask.geometry.shape[0]:
        raise GeometryError(
            "the mask does not belong to the image series",
            where=str(path),
            expected=f"{mask.geometry.shape[0]} slices, as the mask has",
            got=f"{len(series)} image files",
            do="give all files of the series that the mask was drawn on",
        )


def _referenced_frame(images: Sequence[Dataset]) -> Dataset:
    """The frame of reference, study, series and images that the contours belong to."""
    from pydicom.dataset import Dataset

    series = Dataset()
    series.SeriesInstanceUID = images[0].SeriesInstanceUID
    series.ContourImageSequence = [_referenced_image(image) for image in images]
    study = Dataset()
    # Detached Study Management: retired as a service, still what the attribute asks for.
    study.ReferencedSOPClassUID = "1.2.840.10008.3.1.2.3.1"
    study.ReferencedSOPInstanceUID = images[0].StudyInstanceUID
    study.RTReferencedSeriesSequence = [series]
    frame = Dataset()
    frame.FrameOfReferenceUID = images[0].FrameOfReferenceUID
    frame.RTReferencedStudySequence = [study]
    return frame


def _referenced_image(image: Dataset) -> Dataset:
    from pydicom.dataset import Dataset

    item = Dataset()
    item.ReferencedSOPClassUID = image.SOPClassUID
    item.ReferencedSOPInstanceUID = image.SOPInstanceUID
    return item


def _add_roi(made: Dataset, mask: Mask, images: Sequence[Dataset]) -> None:
    """The region in its three places: name, contours, meaning (PS3.3 C.8.8.5, .6, .8)."""
    from pydicom.dataset import Dataset

    roi = Dataset()
    roi.ROINumber = 1
    roi.ReferencedFrameOfReferenceUID = images[0].FrameOfReferenceUID
    roi.ROIName = mask.name
    roi.ROIGenerationAlgorithm = "AUTOMATIC"
    made.StructureSetROISequence = [roi]
    drawn = Dataset()
    drawn.ReferencedROINumber = 1
    drawn.ROIDisplayColor = list(_COLOUR)
    drawn.ContourSequence = _contours(mask, images)
    made.ROIContourSequence = [drawn]
    observed = Dataset()
    observed.ObservationNumber = 1
    observed.ReferencedROINumber = 1
    observed.RTROIInterpretedType = "GTV"
    observed.ROIInterpreter = ""
    made.RTROIObservationsSequence = [observed]


def _contours(mask: Mask, images: Sequence[Dataset]) -> list[Dataset]:
    from pydicom.dataset import Dataset

    outlines = [
        (index, outline)
        for index, plane in enumerate(mask.voxels)
        for outline in trace_outlines(plane)
    ]
    kind = "CLOSEDPLANAR_XOR" if any(is_hole(o) for _, o in outlines) else "CLOSED_PLANAR"
    contours = []
    for number, (index, outline) in enumerate(outlines, start=1):
        corners = np.insert(outline, 0, float(index), axis=1)
        points = np.round(mask.geometry.index_to_world(corners), _POINT_DECIMALS)
        item = Dataset()
        item.ContourImageSequence = [_referenced_image(images[index])]
        item.ContourGeometricType = kind
        item.NumberOfContourPoints = len(points)
        item.ContourNumber = number
        item.ContourData = [decimal(value) for value in points.ravel().tolist()]
        contours.append(item)
    return contours


def _segment(mask: Mask, tracking_uid: str) -> SegmentDescription:
    from highdicom.content import AlgorithmIdentificationSequence
    from highdicom.seg import SegmentDescription
    from highdicom.sr.coding import CodedConcept
    from pydicom.sr.codedict import codes

    algorithm = AlgorithmIdentificationSequence(
        name=MANUFACTURER,
        family=CodedConcept("known", "99RADIOME", "Known by construction"),
        version=__version__,
    )
    return SegmentDescription(
        segment_number=1,
        segment_label=mask.name,
        segmented_property_category=codes.SCT.MorphologicallyAbnormalStructure,
        segmented_property_type=codes.SCT.Lesion,
        algorithm_type="AUTOMATIC",
        algorithm_identification=algorithm,
        tracking_id=mask.name,
        tracking_uid=tracking_uid,
    )


def _fix_clock(made: Dataset, study: Study, series_number: int) -> None:
    """Replace what was taken from the clock or drawn at random, so that bytes repeat."""
    made.ContentDate = made.SeriesDate = date_text(study.time)
    made.ContentTime = made.SeriesTime = time_text(study.time)
    for keyword in ("InstanceCreationDate", "InstanceCreationTime"):
        if keyword in made:
            delattr(made, keyword)
    for equipment in made.get("ContributingEquipmentSequence") or ():
        equipment.ContributionDateTime = date_text(study.time) + time_text(study.time)
    organisation = study.uid("SEG", series_number, "dimensions")
    for item in made.DimensionOrganizationSequence:
        item.DimensionOrganizationUID = organisation
    for item in made.DimensionIndexSequence:
        item.DimensionOrganizationUID = organisation
