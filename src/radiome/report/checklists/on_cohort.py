"""What the record tells of patients, sites, scanners and reference standards."""

from __future__ import annotations

from radiome.report.acquisition_facts import fact_words, within_sentence
from radiome.report.checklists.answers import (
    Answer,
    Judge,
    done,
    for_author,
    not_applicable,
    not_done,
)
from radiome.report.checklists.facts import Record
from radiome.report.words import percent

COHORT = "cohort.csv"

#: Columns of which one will do, and of such groups all that are needed.
Groups = tuple[tuple[str, ...], ...]

#: What a protocol must tell of each modality, one of each group; DICOM keywords.
PROTOCOL_FACTS: dict[str, Groups] = {
    "CT": (
        ("Manufacturer",),
        ("ManufacturerModelName",),
        ("KVP",),
        ("XRayTubeCurrent", "Exposure"),
        ("SliceThickness",),
        ("ConvolutionKernel",),
    ),
    "MR": (
        ("Manufacturer",),
        ("ManufacturerModelName",),
        ("MagneticFieldStrength",),
        ("ScanningSequence",),
        ("RepetitionTime",),
        ("EchoTime",),
        ("FlipAngle",),
        ("SliceThickness",),
    ),
    "PT": (
        ("Manufacturer",),
        ("ManufacturerModelName",),
        ("Radiopharmaceutical", "Radionuclide"),
        ("ReconstructionMethod",),
        ("AttenuationCorrectionMethod", "CorrectedImage"),
        ("SliceThickness",),
    ),
}


#: What a mask file of this ending is.
_FORMATS = {"dcm": "DICOM", "": "DICOM folders", "gz": "NIfTI", "nii": "NIfTI", "nrrd": "NRRD"}


def several_sites(record: Record) -> Answer:
    """More than one institution gave images."""
    where = f"{record.results}: plan.columns.site"
    if record.sites is None:
        return for_author("no column names the site", where)
    if record.sites > 1:
        return done(f"{record.sites} sites in {_site_column(record)}", where)
    return not_done(f"one site in {_site_column(record)}", where)


def _site_column(record: Record) -> str:
    return ", ".join(f"'{name}'" for name in record.columns("site")) or "the table"


def acquisition_reported(record: Record) -> Answer:
    """Scanner and protocol of every case are on record."""
    if not record.modalities:
        return for_author("no modality on record", COHORT)
    unlisted = [name for name in record.modalities if name not in PROTOCOL_FACTS]
    if unlisted:
        return for_author(f"no list of what a protocol of {unlisted[0]} must tell", COHORT)
    missing = [
        text for name in record.modalities for text in _missing(record, name, PROTOCOL_FACTS[name])
    ]
    if missing:
        return for_author("not known of every case: " + "; ".join(missing), COHORT)
    named = ", ".join(record.modalities)
    return done(f"scanner and protocol ({named}) known of every case", COHORT)


def _missing(record: Record, modality: str, groups: Groups) -> list[str]:
    """Facts that some case lacks, with the share of cases that have them."""
    known, lacking = record.known.get(modality, {}), []
    for keywords in groups:
        share = max(known.get(keyword, 0.0) for keyword in keywords)
        if share < 1:
            names = " or ".join(within_sentence(fact_words(keyword)) for keyword in keywords)
            lacking.append(f"{names} ({modality}, known in {percent(share)})")
    return lacking


def acquired(*groups: tuple[str, ...], modalities: tuple[str, ...] = ()) -> Judge:
    """A judge: of each group one column has a value for every case.

    Parameters
    ----------
    *groups : tuple of str
        Columns of the cohort table, such as ``("KVP",)``.
    modalities : tuple of str
        Only cases of these count; empty for all.
    """
    where = f"{COHORT}: {', '.join(name for group in groups for name in group)}"

    def judge(record: Record) -> Answer:
        counted = [m for m in record.modalities if not modalities or m in modalities]
        if not counted:
            return for_author("no modality on record", where)
        missing = [text for name in counted for text in _missing(record, name, groups)]
        if missing:
            return for_author("not known of every case: " + "; ".join(missing), where)
        return done(_told(record, counted, groups) or "known of every case", where)

    return judge


def _told(record: Record, modalities: list[str], groups: Groups) -> str:
    """The values of each group, told apart by modality where they differ."""
    found = {}
    for name in modalities:
        values, known = record.values.get(name, {}), record.known.get(name, {})
        whole = [next((k for k in group if known.get(k) == 1), "") for group in groups]
        found[name] = ", ".join(values[keyword] for keyword in whole if keyword in values)
    if len(set(found.values())) == 1:
        return found[modalities[0]]
    return "; ".join(f"{name}: {text}" for name, text in found.items() if text)


def modality_stated(record: Record) -> Answer:
    """The imaging modality."""
    if not record.modalities:
        return for_author("no modality on record", f"{COHORT}: modality")
    told = ", ".join(f"{name} ({count} cases)" for name, count in record.modalities.items())
    return done(told, f"{COHORT}: modality")


def single_image(record: Record) -> Answer:
    """One modality and one image of each patient, or proof that more are not better."""
    where = f"{COHORT}: modality"
    if not record.modalities or record.patients is None:
        return for_author("images of each patient are not on record", where)
    images = sum(record.modalities.values())
    if len(record.modalities) == 1 and images == record.patients:
        return done(f"{next(iter(record.modalities))} alone, one image of each patient", where)
    return for_author(
        f"{images} images ({', '.join(record.modalities)}) of {record.patients} patients: say "
        "whether one alone was compared",
        where,
    )


def case_flow(record: Record) -> Answer:
    """How many cases came in, and where the others left."""
    if record.cases is None or record.measured is None:
        return for_author()
    left = ", ".join(f"{count} at {step}" for step, count in record.reasons.items())
    told = f"{record.cases} cases, {record.measured} measured"
    return done(told + (f"; left: {left}" if left else ""), f"{COHORT}: status, step, reason")


def reference_standard(record: Record) -> Answer:
    """What says which patients have each outcome."""
    if not record.outcomes:
        return for_author()
    where = f"{record.results}: plan.outcomes[].reference_standard"
    silent = [o.name for o in record.outcomes if o.reference_standard in ("", "not_stated")]
    if silent:
        return for_author("not stated for " + ", ".join(silent), where)
    told = "; ".join(f"{o.name}: {o.reference_standard}" for o in record.outcomes)
    return done(told.replace("_", " "), where)


def clinical_predictors(record: Record) -> Answer:
    """Predictors that are no image features, and what they are."""
    where = f"{record.results}: plan.columns.clinical"
    if not record.plan:
        return for_author()
    names = record.columns("clinical")
    if not names:
        return not_applicable("no clinical facts in the plan", where)
    return done(", ".join(names), where)


def segmentation_told(record: Record) -> Answer:
    """How regions were drawn and how they came in."""
    if not record.mask_formats:
        return for_author()
    drawn = record.segmentation or "how they were drawn is not on record"
    kinds = dict.fromkeys(_FORMATS.get(each, each) for each in record.mask_formats)
    return done(f"masks as {', '.join(kinds)}; {drawn}", f"{COHORT}: mask")


def automatic_segmentation(record: Record) -> Answer:
    """Whether a fully automatic segmentation was evaluated: of no concern for any other."""
    if record.segmentation in ("manual", "semi-automatic"):
        return not_applicable(f"segmentation is {record.segmentation}", "stated by the author")
    return for_author()


def repeats_given(record: Record) -> Answer:
    """Repeated segmentations or scans: that there are any, and of what, the author says."""
    where = f"analyses/{record.analysis}/trust.csv: repeatability_icc"
    if record.repeatable is None:
        return for_author()
    if record.repeatable:
        repeated = record.trust.get("repeated")
        what = f"repeated: {repeated}" if repeated else "say of what the repeats are"
        return done(f"repeatability of {record.repeatable} features; {what}", where)
    return not_done("no repeated measurements in the study", where)
