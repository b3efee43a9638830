"""Every judge says yes to a record, and something else to one that differs in one fact."""

from dataclasses import replace

import pytest

from radiome.report.checklists import GUIDELINES, Record
from radiome.report.checklists import on_cohort as cohort
from radiome.report.checklists import on_extraction as extraction
from radiome.report.checklists import on_features as features
from radiome.report.checklists import on_modelling as modelling
from radiome.report.checklists import on_results as results
from unit.report.checklists.full_record import (
    full_record,
    measured_with,
    outcome,
    plan,
    protocol_of,
)

ITEMS = {(each.key, item.number): item for each in GUIDELINES for item in each.items}


def judge(key, number):
    return ITEMS[key, number].judge


def with_outcome(**changes):
    return {"outcomes": (outcome(**changes),)}


def gates(**statuses):
    told = dict.fromkeys(range(1, 13), "PASS")
    return with_outcome(gates=told | {int(name[1:]): value for name, value in statuses.items()})


def lacking(*names, modality="CT"):
    return {"known": {modality: protocol_of(modality) | dict.fromkeys(names, 0.5)}}


def settings(modality="CT", **changes):
    return {"settings": (measured_with(modality, **changes),)}


BIN_SIZE = {"method": "fixed_bin_size", "bin_width": 25.0, "bin_count": None, "anchor": None}
LOG = {
    "filter": {"name": "laplacian_of_gaussian", "sigma": 3.0},
    "families": ["glcm"],
}

CASES = [
    (cohort.several_sites, {}, "PASS"),
    (cohort.several_sites, {"sites": 1}, "FAIL"),
    (cohort.several_sites, {"sites": None}, "UNKNOWN"),
    (cohort.acquisition_reported, {}, "PASS"),
    (cohort.acquisition_reported, lacking("KVP"), "UNKNOWN"),
    (cohort.acquisition_reported, lacking("Exposure"), "PASS"),
    (cohort.acquisition_reported, lacking("Exposure", "XRayTubeCurrent"), "UNKNOWN"),
    (cohort.acquisition_reported, {"modalities": {"US": 60}}, "UNKNOWN"),
    (cohort.modality_stated, {}, "PASS"),
    (cohort.modality_stated, {"modalities": {}}, "UNKNOWN"),
    (cohort.single_image, {}, "PASS"),
    (cohort.single_image, {"modalities": {"CT": 120}}, "UNKNOWN"),
    (cohort.single_image, {"modalities": {"CT": 30, "PT": 30}}, "UNKNOWN"),
    (cohort.case_flow, {}, "PASS"),
    (cohort.case_flow, {"measured": None}, "UNKNOWN"),
    (cohort.reference_standard, {}, "PASS"),
    (cohort.reference_standard, with_outcome(reference_standard="not_stated"), "UNKNOWN"),
    (cohort.clinical_predictors, {}, "PASS"),
    (cohort.clinical_predictors, {"plan": plan(columns={})}, "NOT_APPLICABLE"),
    (cohort.segmentation_told, {}, "PASS"),
    (cohort.segmentation_told, {"mask_formats": ()}, "UNKNOWN"),
    (cohort.automatic_segmentation, {}, "NOT_APPLICABLE"),
    (cohort.automatic_segmentation, {"segmentation": "automatic"}, "UNKNOWN"),
    (cohort.automatic_segmentation, {"segmentation": ""}, "UNKNOWN"),
    (cohort.repeats_given, {}, "PASS"),
    (cohort.repeats_given, {"repeatable": 0}, "FAIL"),
    (cohort.repeats_given, {"repeatable": None}, "UNKNOWN"),
    (extraction.settings_written, {}, "PASS"),
    (extraction.settings_written, {"settings": ()}, "UNKNOWN"),
    (extraction.software_named, {}, "PASS"),
    (extraction.software_named, {"version": ""}, "UNKNOWN"),
    (extraction.standardised_software, {}, "PASS"),
    (extraction.standardised_software, {"version": ""}, "UNKNOWN"),
    (extraction.families_named, {}, "PASS"),
    (extraction.families_named, {"families": ()}, "UNKNOWN"),
    (extraction.features_counted, {}, "PASS"),
    (extraction.features_counted, {"features": None}, "UNKNOWN"),
    (extraction.preparation_sound, {}, "PASS"),
    (extraction.preparation_sound, settings(interpolation={"spacing": None}), "FAIL"),
    (extraction.preparation_sound, settings(interpolation={"spacing": [3.0, 1.0, 1.0]}), "FAIL"),
    (
        extraction.preparation_sound,
        settings(interpolation={"spacing": [3.0, 1.0, 1.0], "dimension": "2D"}),
        "PASS",
    ),
    (extraction.preparation_sound, settings("MR", discretisation=BIN_SIZE), "UNKNOWN"),
    (extraction.preparation_sound, settings("MR"), "PASS"),
    (extraction.preparation_sound, settings("PT") | {"units": ("SUVbw",)}, "PASS"),
    (extraction.preparation_sound, settings("PT") | {"units": ("",)}, "UNKNOWN"),
    (modelling.algorithm, {}, "PASS"),
    (modelling.algorithm, {"plan": {}}, "UNKNOWN"),
    (modelling.whole_procedure, {}, "PASS"),
    (modelling.whole_procedure, with_outcome(modelled=False), "UNKNOWN"),
    (modelling.redundancy_removed, {}, "PASS"),
    (modelling.redundancy_removed, {"plan": plan(select="univariate")}, "FAIL"),
    (modelling.redundancy_removed, {"plan": plan(select="mrmr")}, "PASS"),
    (modelling.reduced_or_adjusted, {}, "PASS"),
    (modelling.reduced_or_adjusted, {"plan": plan(select=[])}, "FAIL"),
    (modelling.imbalance, {}, "PASS"),
    (modelling.imbalance, with_outcome(kind="continuous"), "NOT_APPLICABLE"),
    (modelling.imbalance, with_outcome(classes={}), "UNKNOWN"),
    (modelling.predictors_defined, {"plan": plan(columns={})}, "PASS"),
    (modelling.predictors_defined, {}, "UNKNOWN"),
    (modelling.models_written, {}, "PASS"),
    (modelling.models_written, {"models": 0}, "FAIL"),
    (modelling.models_written, {"models": None}, "UNKNOWN"),
    (modelling.no_updating, {}, "NOT_APPLICABLE"),
    (modelling.no_updating, {"outcomes": ()}, "UNKNOWN"),
    (modelling.same_patients, {"external_sites": None}, "NOT_APPLICABLE"),
    (modelling.same_patients, {}, "UNKNOWN"),
    (modelling.handcrafted, {}, "NOT_APPLICABLE"),
    (modelling.handcrafted, {"features": None}, "UNKNOWN"),
    (modelling.plan_locked, {}, "PASS"),
    (modelling.plan_locked, {"locked": ""}, "UNKNOWN"),
    (results.partition_proper, {}, "PASS"),
    (results.partition_proper, gates(g1="FAIL"), "FAIL"),
    (results.partition_proper, gates(g1="UNKNOWN"), "UNKNOWN"),
    (results.dimension_suits_size, {}, "PASS"),
    (results.dimension_suits_size, gates(g9="FAIL"), "FAIL"),
    (results.dimension_suits_size, gates(g9="NOT_APPLICABLE"), "UNKNOWN"),
    (results.confounders_handled, {}, "PASS"),
    (results.confounders_handled, gates(g3="FAIL"), "FAIL"),
    (results.confounders_handled, gates(g5="UNKNOWN"), "UNKNOWN"),
    (results.confounders_examined, gates(g3="FAIL"), "PASS"),
    (results.confounders_examined, gates(g3="UNKNOWN"), "UNKNOWN"),
    (results.sample_size, {}, "PASS"),
    (results.sample_size, with_outcome(needed=None), "FAIL"),
    (results.discrimination, {}, "PASS"),
    (results.discrimination, with_outcome(permutations=None), "FAIL"),
    (results.uncertainty, {}, "PASS"),
    (results.uncertainty, with_outcome(compared=frozenset()), "FAIL"),
    (results.errors_counted, {}, "PASS"),
    (results.errors_counted, with_outcome(defined=frozenset({"calibration"})), "FAIL"),
    (results.calibration, {}, "PASS"),
    (results.calibration, with_outcome(defined=frozenset({"decision_curve"})), "FAIL"),
    (results.utility, {}, "PASS"),
    (results.utility, with_outcome(defined=frozenset({"calibration"})), "FAIL"),
    (results.clinical_comparison, {}, "PASS"),
    (results.clinical_comparison, with_outcome(compared=frozenset({"features"})), "FAIL"),
    (results.combined_model, {}, "PASS"),
    (results.combined_model, with_outcome(compared=frozenset({"clinical"})), "FAIL"),
    (results.clinical_and_combined, {}, "PASS"),
    (results.clinical_and_combined, with_outcome(compared=frozenset({"clinical"})), "FAIL"),
    (results.simple_baseline, {}, "PASS"),
    (results.simple_baseline, with_outcome(compared=frozenset({"clinical"})), "FAIL"),
    (results.comparison_tested, {}, "PASS"),
    (results.comparison_tested, with_outcome(gains=frozenset()), "FAIL"),
    (results.explained, {}, "PASS"),
    (results.explained, with_outcome(explained=frozenset()), "FAIL"),
    (results.counted, {}, "PASS"),
    (results.counted, with_outcome(patients=None), "FAIL"),
    (results.output_and_threshold, {}, "PASS"),
    (results.output_and_threshold, with_outcome(defined=frozenset()), "UNKNOWN"),
    (results.heterogeneity, {}, "PASS"),
    (results.heterogeneity, with_outcome(left_out_sites=None), "FAIL"),
    (results.heterogeneity, {"sites": 1}, "NOT_APPLICABLE"),
    (results.heterogeneity, {"sites": None}, "UNKNOWN"),
    (results.risks_on_file, {}, "PASS"),
    (results.risks_on_file, {"predictions": False}, "FAIL"),
    (results.internal_test, {}, "PASS"),
    (results.internal_test, {"plan": {}}, "UNKNOWN"),
    (results.internal_test, gates(g1="FAIL"), "FAIL"),
    (results.external_test, {}, "PASS"),
    (results.external_test, {"external_sites": 0}, "FAIL"),
    (results.external_test, {"external_sites": None}, "UNKNOWN"),
    (features.robust_features, {}, "PASS"),
    (features.robust_features, {"repeatable": 0}, "FAIL"),
    (features.robust_features, gates(g7="FAIL"), "FAIL"),
    (features.robust_features, gates(g7="UNKNOWN"), "UNKNOWN"),
    (features.robustness_assessed, {}, "PASS"),
    (features.robustness_assessed, {"repeatable": 0}, "FAIL"),
    (features.collinearity, {}, "PASS"),
    (features.collinearity, {"clusters": None}, "UNKNOWN"),
    (features.feature_statistics, {}, "PASS"),
    (features.feature_statistics, {"repeatable": None}, "UNKNOWN"),
    (judge("rqs", "9b"), {}, "PASS"),
    (judge("rqs", "10b"), with_outcome(defined=frozenset()), "FAIL"),
    (judge("ibsi", "7"), lacking("Manufacturer"), "UNKNOWN"),
    (judge("ibsi", "50a"), {}, "PASS"),
    (judge("ibsi", "50a"), settings(interpolation={"spacing": None}), "NOT_APPLICABLE"),
    (judge("ibsi", "55"), {}, "PASS"),
    (judge("ibsi", "55"), settings(resegmentation={"range": None}), "NOT_APPLICABLE"),
    (judge("ibsi", "56c"), {}, "PASS"),
    (judge("ibsi", "56c"), settings("MR"), "NOT_APPLICABLE"),
    (judge("ibsi", "57"), settings(filtered_images=[LOG]), "PASS"),
    (judge("ibsi", "57"), {}, "NOT_APPLICABLE"),
    (judge("ibsi", "65"), settings(families=["morphology"]), "NOT_APPLICABLE"),
    (judge("ibsi", "65"), settings(families=["morphology"], filtered_images=[LOG]), "PASS"),
    (judge("ibsi", "38"), {"units": ("SUVbw",)}, "PASS"),
    (judge("ibsi", "38"), {"units": ("",)}, "UNKNOWN"),
    (judge("ibsi", "49"), {"mask_formats": ("gz",)}, "NOT_APPLICABLE"),
    (judge("ibsi", "49"), {"mask_formats": ("dcm",)}, "PASS"),
    (judge("ibsi", "49"), {"mask_formats": ()}, "UNKNOWN"),
]


@pytest.mark.parametrize(("judged", "changes", "status"), CASES)
def test_judge(judged, changes, status):
    assert judged(full_record(**changes)).status == status


BASES = {
    "CT": full_record(),
    "MR": full_record("MR"),
    "PT": full_record("PT"),
    "filtered": full_record(**settings(filtered_images=[LOG])),
    "features alone": full_record(plan=plan(columns={})),
    "not stated": full_record(external_sites=None),
}

#: One fact at a time that is not known any more, or that says no.
CHANGES = [
    {name: getattr(Record(), name)}
    for name in Record.__dataclass_fields__
    if name not in ("title", "steps", "deviations", "software", "where", "values")
]


def test_every_item_that_is_judged_depends_on_the_record():
    for (key, number), item in ITEMS.items():
        if item.judge is None or item.judge.__qualname__.startswith(("on_file", "adherence")):
            continue
        yes, turned = False, False
        for base in BASES.values():
            status = item.judge(base).status
            if status not in ("PASS", "NOT_APPLICABLE"):
                continue
            yes = True
            turned |= any(item.judge(replace(base, **c)).status != status for c in CHANGES)
        if item.judge.__qualname__.startswith("nothing_before"):
            continue  # Radiome cannot know: never a yes.
        assert yes, (key, number)
        assert turned, (key, number)


def test_items_of_other_modalities_do_not_apply():
    kvp, echo, suv = ITEMS["ibsi", "14"], ITEMS["ibsi", "20"], ITEMS["ibsi", "38"]
    for modality, applies in (("CT", kvp), ("MR", echo), ("PT", suv)):
        record = full_record(modality)
        for item in (kvp, echo, suv):
            expected = "PASS" if item is applies else "NOT_APPLICABLE"
            assert item.answer(record).status == expected


def test_header_facts_are_told_with_their_values_by_modality():
    both = {
        "modalities": {"CT": 30, "PT": 30},
        "known": {"CT": protocol_of("CT"), "PT": protocol_of("PT")},
        "values": {"CT": {"SliceThickness": "3 mm"}, "PT": {"SliceThickness": "4 mm"}},
    }
    assert judge("ibsi", "29")(full_record(**both)).evidence == "CT: 3 mm; PT: 4 mm"
    both["values"]["PT"] = both["values"]["CT"]
    assert judge("ibsi", "29")(full_record(**both)).evidence == "3 mm"
    one = full_record(values={"CT": {"Manufacturer": "A", "ManufacturerModelName": "B"}})
    assert judge("ibsi", "7")(one).evidence == "A, B"


def test_one_outcome_of_two_that_lacks_a_figure_is_named():
    second = outcome(name="MGMT", defined=frozenset())
    found = results.calibration(full_record(outcomes=(outcome(), second)))
    assert found.status == "FAIL"
    assert found.evidence.endswith("MGMT")


def test_settings_of_two_modalities_are_told_apart():
    both = {"settings": (measured_with("CT"), measured_with("PT"))}
    told = judge("ibsi", "51")(full_record(**both)).evidence
    assert told == "CT: 1 × 1 × 1 mm (z, y, x); PT: 3 × 3 × 3 mm (z, y, x)"


def test_evidence_is_in_words():
    told = judge("metrics", "16")(full_record()).evidence
    assert told in ("gate 9: passed", "gate 9: failed", "gate 9: not known")
    masks = judge("clear", "19")(full_record(mask_formats=("dcm", "nii", "gz"))).evidence
    assert masks.startswith("masks as DICOM, NIfTI;")
    families = judge("clear", "26")(full_record(families=("glcm", "intensity_volume_histogram")))
    assert families.evidence == "GLCM, intensity-volume histogram"
    unknown = judge("ibsi", "15")(full_record("CT", known={})).evidence
    assert unknown == "not known of every case: X-ray tube current (CT, known in 0 %)"
