"""The reporting guideline of the IBSI: 76 numbered items.

Source: IBSI reference manual (arXiv:1612.07003), chapter on reporting guidelines. Numbers and
letters are those of the source, wording is ours. Acquisition is answered from the header facts of
the cohort table, processing from the settings; where a header is silent the author must tell.
"""

from __future__ import annotations

from dataclasses import replace

from radiome.report.checklists import on_cohort as cohort
from radiome.report.checklists import on_features as features
from radiome.report.checklists import on_results as results
from radiome.report.checklists.answers import Item, assisted, auto, manual
from radiome.report.checklists.evidence import on_file
from radiome.report.checklists.ibsi_processing import PROCESSING

_CT, _MR, _PET, _NUCLEAR = ("CT",), ("MR",), ("PT",), ("PT", "NM")


def _header(number: str, section: str, text: str, *keywords: str, of: tuple[str, ...] = ()) -> Item:
    """An item that one of these columns of header facts answers."""
    judge = cohort.acquired(keywords, modalities=of)
    return replace(auto(number, section, text, judge), modalities=of)


def _asked(number: str, section: str, text: str, *, of: tuple[str, ...] = ()) -> Item:
    """An item for the author that concerns some modalities."""
    return replace(manual(number, section, text), modalities=of)


_PATIENT, _SCAN, _RECONSTRUCTION = "Patient", "Acquisition", "Reconstruction"

PATIENT = (
    manual("1", _PATIENT, "Region that is imaged"),
    manual("2a", _PATIENT, "Preparation: instructions before the scan, such as fasting"),
    manual("2b", _PATIENT, "Preparation: drugs"),
    manual("2c", _PATIENT, "Preparation: equipment for comfort"),
    _header("3a", _PATIENT, "Radioactive tracer", "Radiopharmaceutical", "Radionuclide",
            of=_NUCLEAR),
    _asked("3b", _PATIENT, "Radioactive tracer: how given", of=_NUCLEAR),
    _asked("3c", _PATIENT, "Radioactive tracer: activity", of=_NUCLEAR),
    _asked("3d", _PATIENT, "Radioactive tracer: uptake time", of=_NUCLEAR),
    _asked("3e", _PATIENT, "Radioactive tracer: levels of competing substances", of=_NUCLEAR),
    _header("4a", _PATIENT, "Contrast agent", "ContrastBolusAgent"),
    manual("4b", _PATIENT, "Contrast agent: how given"),
    manual("4c", _PATIENT, "Contrast agent: quantity"),
    manual("4d", _PATIENT, "Contrast agent: time before the scan"),
    manual("4e", _PATIENT, "Contrast agent: levels of competing substances"),
    manual("5", _PATIENT, "Comorbidities that affect imaging"),
)  # fmt: skip

SCAN = (
    manual("6", _SCAN, "Standard protocol, and where it is described"),
    auto(
        "7",
        _SCAN,
        "Scanner and vendor",
        cohort.acquired(("Manufacturer",), ("ManufacturerModelName",)),
    ),
    auto("8", _SCAN, "Modality", cohort.modality_stated),
    manual("9a", _SCAN, "Static or dynamic"),
    manual("9b", _SCAN, "Dynamic: time of a frame"),
    manual("9c", _SCAN, "Dynamic: model over time"),
    manual("10", _SCAN, "Calibration of the scanner"),
    manual("11", _SCAN, "Instructions during the scan, such as breath holding"),
    manual("12", _SCAN, "Correction of motion"),
    _header("13", _SCAN, "Duration of the scan or of a bed position", "ActualFrameDuration"),
    _header("14", _SCAN, "Tube voltage", "KVP", of=_CT),
    _header("15", _SCAN, "Tube current", "XRayTubeCurrent", of=_CT),
    _asked("16", _SCAN, "Time of flight", of=_PET),
    _asked("17", _SCAN, "Radio-frequency coil", of=_MR),
    _header("18a", _SCAN, "Sequence", "ScanningSequence", of=_MR),
    _header("18b", _SCAN, "Variant of the sequence", "SequenceVariant", of=_MR),
    _asked("18c", _SCAN, "Scan options, such as gating", of=_MR),
    _header("19", _SCAN, "Repetition time", "RepetitionTime", of=_MR),
    _header("20", _SCAN, "Echo time", "EchoTime", of=_MR),
    _header("21", _SCAN, "Echo train length", "EchoTrainLength", of=_MR),
    _header("22", _SCAN, "Inversion time", "InversionTime", of=_MR),
    _header("23", _SCAN, "Flip angle", "FlipAngle", of=_MR),
    _header("24", _SCAN, "Acquisition in 2D or 3D", "MRAcquisitionType", of=_MR),
    _asked("25", _SCAN, "Path through k-space", of=_MR),
    _header("26", _SCAN, "Number of averages", "NumberOfAverages", of=_MR),
    _header("27", _SCAN, "Field strength", "MagneticFieldStrength", of=_MR),
)

RECONSTRUCTION = (
    _header("28", _RECONSTRUCTION, "In-plane resolution", "spacing_x_mm"),
    _header("29", _RECONSTRUCTION, "Slice thickness", "SliceThickness"),
    _header("30", _RECONSTRUCTION, "Slice spacing", "spacing_z_mm"),
    _header("31a", _RECONSTRUCTION, "Convolution kernel", "ConvolutionKernel", of=_CT),
    _asked("31b", _RECONSTRUCTION, "Settings of iterative reconstruction", of=_CT),
    _header("31c", _RECONSTRUCTION, "Exposure", "Exposure", of=_CT),
    _header("32a", _RECONSTRUCTION, "Method of reconstruction", "ReconstructionMethod", of=_PET),
    _asked("32b", _RECONSTRUCTION, "Iterations", of=_PET),
    _asked("32c", _RECONSTRUCTION, "Subsets", of=_PET),
    _asked("33", _RECONSTRUCTION, "Modelling of the point spread", of=_PET),
    _header("34a", _RECONSTRUCTION, "Correction of attenuation", "AttenuationCorrectionMethod",
            of=_PET),
    _header("34b", _RECONSTRUCTION, "Other corrections", "CorrectedImage",
            "ScatterCorrectionMethod", of=_PET),
    _asked("35a", _RECONSTRUCTION, "Reconstruction from k-space", of=_MR),
    _asked("35b", _RECONSTRUCTION, "Suppression of artefacts", of=_MR),
    _header("36", _RECONSTRUCTION, "b-values of diffusion weighting", "DiffusionBValue", of=_MR),
    manual("37", "Registration", "How images of several modalities were registered"),
)  # fmt: skip

_LEARNING = "Machine learning"

LEARNING = (
    manual("72", _LEARNING, "Modelling: see TRIPOD"),
    auto("73", _LEARNING, "Comparison with known clinical factors", results.clinical_comparison),
    auto("74", _LEARNING, "Correlation between the features", features.collinearity),
    assisted("75", _LEARNING, "Where the model is, with its pre-processing",
             on_file("analyses/*/model/models")),
    manual("76", _LEARNING, "Where the images and their facts are"),
)  # fmt: skip

ITEMS: tuple[Item, ...] = (*PATIENT, *SCAN, *RECONSTRUCTION, *PROCESSING, *LEARNING)
