"""The acquisition facts of a series that later steps need, as plain values.

Identity (name, patient number, birth date) is left out on purpose: facts are written
beside every feature table.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from radiome.base.errors import ImageError
from radiome.io.dicom_frames import Frame

_SERIES = """
SOPClassUID StudyInstanceUID SeriesInstanceUID FrameOfReferenceUID Modality ImageType
SeriesDescription ProtocolName BodyPartExamined Laterality PatientPosition
StudyDate SeriesDate SeriesTime AcquisitionDate AcquisitionTime AcquisitionDateTime
TimezoneOffsetFromUTC Manufacturer ManufacturerModelName StationName DeviceSerialNumber
SoftwareVersions InstitutionName MagneticFieldStrength
PatientSex PatientAge PatientWeight PatientSize
"""
_IMAGE = """
PixelSpacing ImagerPixelSpacing SliceThickness SpacingBetweenSlices
ReconstructionDiameter PhotometricInterpretation BitsStored LossyImageCompression
RescaleSlope RescaleIntercept RescaleType PixelPaddingValue BurnedInAnnotation
"""
_CT = """
KVP XRayTubeCurrent Exposure ExposureTime FilterType ConvolutionKernel
GantryDetectorTilt SpiralPitchFactor SingleCollimationWidth TotalCollimationWidth
CTDIvol ReconstructionMethod ContrastBolusAgent ContrastBolusVolume ContrastBolusRoute
"""
_MR = """
ScanningSequence SequenceVariant SequenceName ScanOptions MRAcquisitionType
RepetitionTime EchoTime EffectiveEchoTime InversionTime FlipAngle EchoTrainLength
NumberOfAverages ImagingFrequency PixelBandwidth ReceiveCoilName AcquisitionMatrix
InPlanePhaseEncodingDirection DiffusionBValue PercentSampling PercentPhaseFieldOfView
"""
_NUCLEAR = """
Units SUVType DecayCorrection DecayFactor CorrectedImage SeriesType CountsSource
ScatterCorrectionMethod AttenuationCorrectionMethod RandomsCorrectionMethod
FrameReferenceTime ActualFrameDuration CollimatorType
"""
_ULTRASOUND = "TransducerFrequency TransducerType DepthOfScanField MechanicalIndex"

#: Kept by DICOM keyword when present; a name, number or birth date of the patient never.
FACT_KEYWORDS = tuple(" ".join((_SERIES, _IMAGE, _CT, _MR, _NUCLEAR, _ULTRASOUND)).split())

_TRACER_KEYWORDS = (
    "Radiopharmaceutical",
    "RadiopharmaceuticalStartTime",
    "RadiopharmaceuticalStartDateTime",
    "RadionuclideTotalDose",
    "RadionuclideHalfLife",
    "RadionuclidePositronFraction",
)

#: Settings that should not change within a series, but sometimes do.
_WATCHED = ("ConvolutionKernel", "KVP", "SliceThickness", "RepetitionTime", "EchoTime", "Units")

#: Value representations of numbers.
_NUMBERS = ("DS", "IS", "FD", "FL", "US", "UL", "SS", "SL")
_MALFORMED = object()


def facts_of(frames: Sequence[Frame]) -> dict[str, Any]:
    """Plain values by DICOM keyword, from the first slice of a sorted series.

    ``SOPInstanceCount`` is the number of objects, and ``VaryingAttributes`` names those
    of a few settings that differ between slices. ``UnreadableAttributes`` names those whose
    values are malformed.
    """
    first = frames[0]
    facts = _plain_facts(first)
    facts.update(_tracer_facts(first))
    facts["SOPInstanceCount"] = len({id(frame.dataset) for frame in frames})
    watched = (keyword for keyword in _WATCHED if keyword in facts)
    varying = tuple(k for k in watched if len({str(f.get(k)) for f in frames}) > 1)
    if varying:
        facts["VaryingAttributes"] = varying
    return facts


def _plain_facts(frame: Frame) -> dict[str, Any]:
    from pydicom.datadict import dictionary_VR

    facts: dict[str, Any] = {}
    damaged = []
    for keyword in FACT_KEYWORDS:
        try:
            value = _plain(frame.get(keyword))
        except ImageError:
            value = _MALFORMED
        # pydicom hands a number that it cannot parse on as text.
        if value is _MALFORMED or (isinstance(value, str) and dictionary_VR(keyword) in _NUMBERS):
            # No voxel depends on it here; what does is read, and refused, elsewhere.
            damaged.append(keyword)
        elif value is not None:
            facts[keyword] = value
    if damaged:
        facts["UnreadableAttributes"] = tuple(damaged)
    return facts


def _tracer_facts(frame: Frame) -> dict[str, Any]:
    sequence = frame.get("RadiopharmaceuticalInformationSequence")
    if sequence is None:
        return {}
    item = Frame(frame.file, frame.dataset, frame.number, (sequence[0],))
    facts = {keyword: _plain(item.get(keyword)) for keyword in _TRACER_KEYWORDS}
    codes = item.get("RadionuclideCodeSequence")
    if codes is not None:
        facts["Radionuclide"] = _plain(codes[0].get("CodeMeaning"))
    return {keyword: value for keyword, value in facts.items() if value is not None}


def _plain(value: Any) -> Any:
    """Strip pydicom's types: str, int, float or a tuple of them; None for anything else."""
    if value is None or isinstance(value, bytes):
        return None
    if isinstance(value, str):
        return str(value).strip() or None
    if isinstance(value, int):
        return int(value)
    if hasattr(value, "__float__"):
        return float(value)
    if isinstance(value, Sequence):
        parts = tuple(_plain(part) for part in value)
        return None if any(part is None for part in parts) else parts
    return str(value)
