"""A record in which everything is known and done, to take one fact away from."""

from dataclasses import replace

from radiome.extraction.settings import load_settings
from radiome.model.plan import make_plan
from radiome.report.checklists import MeasuredWith, OutcomeFacts, Record
from radiome.report.checklists.on_cohort import PROTOCOL_FACTS

PLAN = {
    "outcomes": {"name": "IDH", "kind": "binary", "reference_standard": "sequence"},
    "columns": {"site": "hospital", "clinical": ["age"], "acquisition": ["KVP"]},
    "select": ["cluster_representatives", {"name": "univariate", "options": {"top": 5}}],
}

HEADERS = (
    "spacing_x_mm", "spacing_z_mm", "ContrastBolusAgent", "ActualFrameDuration",
    "SequenceVariant", "EchoTrainLength", "InversionTime", "MRAcquisitionType",
    "NumberOfAverages", "DiffusionBValue", "XRayTubeCurrent", "Exposure", "CorrectedImage",
    "AttenuationCorrectionMethod",
)  # fmt: skip


def plan(**changes):
    return make_plan(PLAN | changes).model_dump(mode="json")


def measured_with(modality="CT", **changes):
    settings = load_settings({"CT": "ct", "MR": "mr", "PT": "pet"}[modality])
    values = settings.model_dump(mode="json")
    for section, options in changes.items():
        values[section] = values[section] | options if isinstance(options, dict) else options
    return MeasuredWith(values, (modality,), 60)


def protocol_of(modality="CT"):
    """Every header fact that a checklist asks for, known of every case."""
    names = [name for group in PROTOCOL_FACTS[modality] for name in group]
    return dict.fromkeys([*names, *HEADERS], 1.0)


def outcome(**changes):
    facts = OutcomeFacts(
        name="IDH",
        kind="binary",
        reference_standard="sequence",
        modelled=True,
        patients=60,
        missing=0,
        classes={"wild": 40, "mutant": 20},
        gates=dict.fromkeys(range(1, 13), "PASS"),
        compared=frozenset({"features", "volume", "clinical", "clinical_and_features"}),
        gains=frozenset({"volume", "clinical"}),
        defined=frozenset({"training_threshold", "calibration", "decision_curve"}),
        explained=frozenset({"importance"}),
        needed=50,
        left_out_sites=2,
        permutations=999,
    )
    return replace(facts, **changes)


def full_record(modality="CT", **changes):
    """Images of 60 patients at two sites; everything is there."""
    record = Record(
        title="A study",
        version="1.0",
        steps={"inspect": "done"},
        locked="2026-01-31T12:00:00+00:00",
        deviations=0,
        analysis="main",
        cases=62,
        measured=60,
        patients=60,
        sites=2,
        reasons={"inspect": 2},
        modalities={modality: 60},
        units=({"CT": "HU", "PT": "SUVbw", "MR": ""}[modality],),
        known={modality: protocol_of(modality)},
        spacing_mm=((1.0, 5.0), (0.7, 0.9), (0.7, 0.9)),
        mask_formats=("dcm",),
        settings=(measured_with(modality),),
        features=100,
        families=("morphology", "glcm"),
        clusters=12,
        repeatable=100,
        plan=plan(),
        controls=("shuffled_roi",),
        outcomes=(outcome(),),
        models=1,
        predictions=True,
        segmentation="manual",
        external_sites=3,
    )
    return replace(record, **changes)
