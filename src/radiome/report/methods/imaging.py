"""Patients, images and regions."""

from __future__ import annotations

from radiome.base.counting import counted
from radiome.model.gates import Status
from radiome.report.checklists.facts import Record
from radiome.report.checklists.ibsi_reporting import ITEMS
from radiome.report.checklists.setting_words import number
from radiome.report.methods.paragraph import Paragraph, gap, joined, listed, open_items

#: Columns of header facts in words.
_ACQUISITION = ("Patient", "Acquisition", "Reconstruction", "Registration")

#: Items that sentences of their own tell of.
_TOLD = ("8", "28", "30")

_LEFT = {
    "inspect": "could not be read",
    "extract": "could not be measured",
    "join": "could not be joined with the other tables",
}

_NAMES = {"CT": "CT", "MR": "MR", "PT": "PET", "NM": "scintigraphy or SPECT", "US": "ultrasound"}

#: What a mask file of this ending holds.
_FORMATS = {
    "dcm": "DICOM structure sets or segmentation objects",
    "": "DICOM folders",
    "gz": "NIfTI label images",
    "nii": "NIfTI label images",
    "nrrd": "NRRD label images",
}


def modality_name(name: str) -> str:
    """A DICOM modality in words."""
    return _NAMES.get(name, name)


def patients(record: Record) -> Paragraph:
    """Who was studied, and where they left."""
    text = joined(
        [
            _flow(record),
            _analysed(record),
            gap(
                "ethical approval and consent; period of accrual; criteria of inclusion and "
                "exclusion; source of the data"
            ),
        ]
    )
    return Paragraph("Patients", text)


def _flow(record: Record) -> str:
    if record.cases is None or record.measured is None:
        return gap("number of cases, and where and why some were left out")
    left = [
        f"{count} {_LEFT.get(step, f'left at {step}')}" for step, count in record.reasons.items()
    ]
    were = "was" if record.measured == 1 else "were"
    told = f"Of {counted(record.cases, 'case')}, {record.measured} {were} measured"
    return told + (f"; {listed(left)}." if left else ".")


def _analysed(record: Record) -> str:
    if record.patients is None:
        return gap("number of patients analysed")
    were = "was" if record.patients == 1 else "were"
    told = f"{counted(record.patients, 'patient')} {were} analysed"
    if record.where:
        told = f"The analysis took cases by {_where(record)}: {counted(record.patients, 'patient')}"
    if record.sites is not None:
        return f"{told}, from {counted(record.sites, 'site')}."
    return f"{told}. {gap('number of centres')}"


def _where(record: Record) -> str:
    """``modality PET``."""
    parts = []
    for column, values in record.where.items():
        given = [str(each) for each in (values if isinstance(values, list | tuple) else [values])]
        names = map(modality_name, given) if column == "modality" else given
        parts.append(f"{column.replace('_', ' ')} {' or '.join(names)}")
    return listed(parts)


def acquisition(record: Record) -> Paragraph:
    """Modality, scanner, protocol and reconstruction."""
    sentences = [_modalities(record), _spacing(record), _on_file(record)]
    return Paragraph("Image acquisition", joined([*sentences, open_items(record, *_ACQUISITION)]))


def _modalities(record: Record) -> str:
    if not record.modalities:
        return ""
    told = [
        f"{modality_name(name)} ({counted(n, 'case')})" for name, n in record.modalities.items()
    ]
    return f"Images were {listed(told)}."


def _spacing(record: Record) -> str:
    if record.spacing_mm is None:
        return ""
    z, y, x = (_range(span) for span in record.spacing_mm)
    within = f"{y} mm" if y == x else f"{y} by {x} mm"
    return f"Voxels were spaced {z} mm across slices and {within} within them."


def _range(span: tuple[float, float]) -> str:
    low, high = (float(f"{value:.3g}") for value in span)
    return number(low) if low == high else f"{number(low)} to {number(high)}"


def _on_file(record: Record) -> str:
    """Header facts that every case has, with their values."""
    answered = [
        (f"{item.text[0].lower()}{item.text[1:]}", item.answer(record))
        for item in ITEMS
        if item.section in _ACQUISITION and item.number not in _TOLD
    ]
    known = [
        f"{what} ({answer.evidence})" for what, answer in answered if answer.status is Status.PASS
    ]
    return f"According to the headers of all cases: {'; '.join(known)}." if known else ""


def segmentation(record: Record) -> Paragraph:
    """Regions and how they became masks."""
    sentences = []
    if record.segmentation:
        sentences.append(f"Segmentation was {record.segmentation}.")
    if record.mask_formats:
        kinds = dict.fromkeys(_FORMATS.get(each, f"{each} files") for each in record.mask_formats)
        sentences.append(f"Regions came as {listed(kinds)}.")
        if {"dcm", ""} & set(record.mask_formats):
            sentences.append(
                "A voxel belonged to a contoured region where its centre lay inside, by the "
                "even-odd rule over all contours of the slice."
            )
    if record.extraction.get("fill_gaps"):
        sentences.append("Slices that contours skipped were interpolated.")
    if record.extraction.get("resample_mask"):
        sentences.append("Masks of another grid were put on the grid of the image.")
    return Paragraph("Segmentation", joined([*sentences, open_items(record, "Segmentation")]))
