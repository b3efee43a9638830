"""The methods text says what the settings and the plan say, and marks what nothing tells."""

import re
from dataclasses import replace

import pytest

from radiome.extraction.settings import load_settings
from radiome.report.checklists import MeasuredWith, Record
from radiome.report.checklists.ibsi_reporting import ITEMS
from radiome.report.methods_text import gaps, methods_paragraphs, methods_text
from unit.report.checklists.full_record import full_record, measured_with, outcome, plan


def paragraph(record, heading):
    (found,) = [each.text for each in methods_paragraphs(record) if each.heading == heading]
    return found


def with_settings(modality="CT", **sections):
    """A record of images measured with these sections of the settings."""
    values = load_settings(sections).model_dump(mode="json")
    return full_record(modality, settings=(MeasuredWith(values, (modality,), 60),))


def without_gaps(text):
    return re.sub(r"\[to be completed: [^\]]*\]", "", text)


def test_resampling_in_space():
    told = paragraph(full_record(), "Image preparation")
    assert "resampled to 1 × 1 × 1 mm (z, y, x) by cubic B-spline interpolation in 3D" in told
    assert "interpolated by the linear method" in told
    assert "at least 0.5" in told
    assert "rounded to the nearest integer" in told
    assert "intensities in [-1000, 400]" in told


def test_resampling_within_slices():
    chosen = {"spacing": 0.75, "dimension": "2D", "image_method": "linear", "mask_threshold": 0.4}
    told = paragraph(with_settings(interpolation=chosen), "Image preparation")
    assert "0.75 × 0.75 mm within slices (y, x) by linear interpolation in 2D" in told
    assert "at least 0.4" in told
    assert "were not rounded" in told


def test_no_resampling_and_no_resegmentation():
    told = paragraph(with_settings(), "Image preparation")
    assert "Images were not resampled. The intensity mask was not re-segmented." in told
    assert "B-spline" not in told


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"range": [None, 400.0]}, "intensities in (-∞, 400]"),
        ({"range": [0.0, None]}, "intensities in [0, ∞)"),
        ({"outlier_sigma": 3.0}, "within 3 standard deviations of the mean"),
        (
            {"range": [-10.0, 10.0], "outlier_sigma": 2.5},
            "intensities in [-10, 10] HU and within 2.5 standard deviations of the mean",
        ),
    ],
)
def test_resegmentation(chosen, said):
    assert f"re-segmented to {said}" in paragraph(
        with_settings(resegmentation=chosen), "Image preparation"
    )


@pytest.mark.parametrize(
    ("modality", "chosen", "said"),
    [
        ("MR", {"method": "fixed_bin_number", "bin_count": 64}, "into 64 bins of equal width"),
        (
            "CT",
            {"method": "fixed_bin_size", "bin_width": 12.5},
            "fixed bin size of 12.5 HU, bin 1 beginning at the minimum of the region",
        ),
        (
            "PT",
            {"method": "fixed_bin_size", "bin_width": 0.25, "anchor": 0.5},
            "fixed bin size of 0.25 SUV, bin 1 beginning at 0.5",
        ),
        (
            "MR",
            {"method": "fixed_bin_size", "bin_width": 5.0},
            "fixed bin size of 5 units of the image",
        ),
        ("CT", {"method": "none"}, "Images were not discretised: intensities were taken as they"),
    ],
)
def test_discretisation(modality, chosen, said):
    assert said in paragraph(with_settings(modality, discretisation=chosen), "Discretisation")


def test_header_facts_with_their_values():
    values = {"CT": {"KVP": "120 to 140 kV", "ConvolutionKernel": "B30f (40), SOFT (20)"}}
    told = paragraph(full_record(values=values), "Image acquisition")
    assert "tube voltage (120 to 140 kV)" in told
    assert "convolution kernel (B30f (40), SOFT (20))" in told
    # A fact that some case lacks is a gap, not a value.
    some = full_record(values=values, known={"CT": {"KVP": 0.9}})
    told = paragraph(some, "Image acquisition")
    assert "120 to 140" not in told
    assert "tube voltage (IBSI 14)" in told


def test_a_unit_that_is_not_on_record_is_not_told():
    chosen = {"method": "fixed_bin_size", "bin_width": 0.25}
    record = replace(with_settings("PT", discretisation=chosen), units=("",))
    assert "0.25 units of the image" in paragraph(record, "Discretisation")


def test_flow_and_choice_of_cases():
    told = paragraph(full_record(where={"modality": ["CT"], "arm": 1}), "Patients")
    assert "Of 62 cases, 60 were measured; 2 could not be read." in told
    assert "The analysis took cases by modality CT and arm 1: 60 patients, from 2 sites." in told
    assert "60 patients were analysed, from 2 sites." in paragraph(full_record(), "Patients")


def test_the_intensity_volume_histogram_has_its_own_bins():
    record = with_settings(ivh={"method": "fixed_bin_size", "bin_width": 2.5})
    told = paragraph(record, "Discretisation")
    assert "For the intensity-volume histogram they were discretised with a fixed bin size" in told
    without = with_settings(families=["glcm"])
    assert "intensity-volume" not in paragraph(without, "Discretisation")


def test_filters_with_options_levels_and_families():
    log = {"name": "laplacian_of_gaussian", "sigma": 3.0}
    images = [
        {"filter": log, "families": ["glcm", "intensity_statistics"]},
        {"filter": {"name": "gradient"}, "discretisation": {"bin_count": 16}},
    ]
    record = with_settings(filtered_images=images)
    told = paragraph(record, "Filters")
    assert "laplacian of gaussian (boundary mirror, sigma 3, cutoff 4" in told
    assert "each response map with 32 bins (GLCM and intensity statistics)" in told
    assert "gradient" in told
    assert "each response map with 16 bins" in told
    assert "filtering" in paragraph(record, "Image preparation")
    # A gradient is no filter of the standard, and the text says so.
    assert "Outside the standard: gradient" in paragraph(record, "Features")
    assert paragraph(with_settings(), "Filters") == "Images were not filtered."


def test_texture_parameters():
    record = with_settings(
        texture={
            "aggregations": ["2D_comb", "2_5D_avg"],
            "glcm_distance": 2,
            "ngtdm_distance": 3,
            "ngldm_distance": 4,
            "ngldm_alpha": 5,
        }
    )
    told = paragraph(record, "Features")
    assert "2D, slice-merged; 2.5D, direction-merged" in told
    assert "symmetric, at Chebyshev distance 2" in told
    assert "NGTDM had a neighbourhood of Chebyshev distance 3" in told
    assert "NGLDM had a neighbourhood of Chebyshev distance 4 and coarseness 5" in told


def test_families_that_are_not_computed_are_not_told():
    told = paragraph(with_settings(families=["morphology", "glszm"]), "Features")
    assert "morphology and GLSZM" in told
    assert "Co-occurrence" not in told
    assert "Texture" not in paragraph(with_settings(families=["morphology"]), "Features")


def test_two_modalities_are_told_apart_only_where_they_differ():
    record = full_record("PT", settings=(measured_with("CT"), measured_with("PT")))
    told = paragraph(record, "Image preparation")
    assert "CT images were resampled to 1 × 1 × 1 mm" in told
    assert "PET images were resampled to 3 × 3 × 3 mm" in told
    assert paragraph(record, "Features").count("Co-occurrence") == 1
    assert "SUVbw" in told


def test_software():
    told = paragraph(
        full_record(software={"python": "3.12.1", "packages": {"numpy": "2.1"}}), "Software"
    )
    assert told.startswith("Features were computed with radiome 1.0 (Python 3.12.1, numpy 2.1)")


def test_redundancy_and_repeats():
    record = full_record(trust={"cluster_threshold": 0.9, "linkage": "complete"})
    told = paragraph(record, "Redundancy and robustness")
    assert "at a correlation of 0.9 (complete linkage)" in told
    assert "intraclass correlation" in told
    none = paragraph(full_record(repeatable=0), "Redundancy and robustness")
    assert "Robustness of features was not assessed" in none


def test_outcomes_and_their_standards():
    told = paragraph(full_record(), "Outcomes")
    assert "'IDH' was binary, with sequencing as reference standard" in told
    silent = full_record(outcomes=(outcome(reference_standard="not_stated"),))
    assert "its reference standard" in paragraph(silent, "Outcomes")
    few = outcome(modelled=False, reason="too few patients")
    assert "It was not modelled: too few patients." in paragraph(
        full_record(outcomes=(few,)), "Outcomes"
    )


def test_harmonisation():
    assert "were not harmonised" in paragraph(full_record(), "Preparation of features")
    batch = {"batch": "scanner", "covariates": ["age"], "mean_only": True, "parametric": False}
    told = paragraph(full_record(plan=plan(harmonise=batch)), "Preparation of features")
    assert "harmonised over 'scanner' by ComBat, keeping the effect of age" in told
    assert "non-parametric priors, on means alone; a batch without training patients" in told


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"scale": "power"}, "transformed after Yeo and Johnson"),
        ({"scale": "none"}, "the others were not scaled"),
        ({"missing": "refuse"}, "Cases with missing features were refused."),
    ],
)
def test_preparation_of_features(options, said):
    assert said in paragraph(full_record(plan=plan(preparation=options)), "Preparation of features")


def test_selection_learner_and_tuning():
    chosen = plan(
        select=[{"name": "mrmr", "options": {"top": [5, 10]}}],
        learner={"name": "random_forest", "options": {"trees": 200}},
        validation={"folds": 4, "repeats": 3, "inner_folds": 2, "bootstrap": 500},
    )
    record = full_record(plan=chosen)
    told = paragraph(record, "Selection and learning")
    assert "selected by 'mrmr' with top 5 or 10 (relevant and not redundant, greedily)" in told
    assert "learned by 'random forest' with trees 200 (trees on bootstrap samples" in told
    assert "Breiman 2001" in told
    assert "tuned in 2 inner folds" in told
    assert "4 outer folds, in 3 repeats" in paragraph(record, "Validation")
    assert "500 bootstrap samples" in paragraph(record, "Performance")
    none = paragraph(full_record(plan=plan(select=[])), "Selection and learning")
    assert "No features were selected" in none


def test_survival():
    found = outcome(
        name="death", kind="survival", classes={}, events=20, defined=frozenset({"uno", "harrell"})
    )
    survival = {"name": "death", "kind": "survival", "time": "t", "event": "e"}
    record = full_record(outcomes=(found,), plan=plan(outcomes=survival))
    assert "'death' was a time to event" in paragraph(record, "Outcomes")
    assert "'death' was learned by 'cox' (proportional hazards" in paragraph(
        record, "Selection and learning"
    )
    told = paragraph(record, "Performance")
    assert "concordance (Harrell's C)" in told
    assert "Harrell's C and Uno's C" in told
    assert "ROC" not in told


def test_null_baselines_and_control_images():
    told = paragraph(full_record(), "Null and controls")
    assert "permuted over patients within sites, at most 999 times" in told
    assert "volume alone, clinical facts alone" in told
    assert "Negative control images were measured and modelled in the same way: shuffled" in told
    bare = full_record(
        controls=(),
        plan=plan(columns={}, null={"permutations": 99, "level": 0.01}),
        outcomes=(outcome(compared=frozenset({"features"})),),
    )
    told = paragraph(bare, "Null and controls")
    assert "within sites" not in told
    assert "at most 99 times" in told
    assert "the level was 0.01" in told
    assert "not compared with clinical facts" in told
    assert "No negative control images" in told


def test_several_outcomes_are_adjusted_for():
    two = full_record(outcomes=(outcome(), outcome(name="MGMT")))
    assert "Benjamini and Hochberg" in paragraph(two, "Null and controls")
    assert "Benjamini" not in paragraph(full_record(), "Null and controls")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "by their hashes on 2026-01-31, and were not changed afterwards."),
        ({"deviations": 2}, "2 deviations are listed in the report."),
        ({"locked": ""}, "The plan was not locked beforehand."),
        ({"external_sites": 0}, "There was no external validation."),
        ({"external_sites": None}, "[to be completed: external validation"),
    ],
)
def test_lock_and_external_validation(changes, said):
    assert said in paragraph(full_record(**changes), "Validation")


def test_the_text_of_nothing_is_nothing_but_gaps():
    for each in methods_paragraphs(Record()):
        assert not without_gaps(each.text).strip(), each.heading
    assert gaps(Record()) > 10


@pytest.mark.parametrize(
    "record",
    [Record(), full_record(), full_record("MR"), full_record("PT", known={}), with_settings()],
    ids=["nothing", "CT", "MR", "PET without headers", "defaults"],
)
def test_every_item_of_the_guideline_that_is_open_is_marked(record):
    text = methods_text(record)
    for item in ITEMS:
        marked = f"(IBSI {item.number})" in text
        assert marked == (item.answer(record).status == "UNKNOWN"), item.number


def test_every_setting_is_told():
    """Changing any option that decides a number changes the text."""
    log = {"filter": {"name": "laplacian_of_gaussian", "sigma": 3.0}}
    base = {
        "interpolation": {"spacing": 1.0},
        "discretisation": {"method": "fixed_bin_size", "bin_width": 25.0, "anchor": 0.0},
        "filtered_images": [log],
    }
    changes = [
        ("interpolation", {"spacing": 2.0}),
        ("interpolation", {"dimension": "2D"}),
        ("interpolation", {"image_method": "linear"}),
        ("interpolation", {"mask_method": "nearest"}),
        ("interpolation", {"mask_threshold": 0.6}),
        ("interpolation", {"rounding": "nearest_integer"}),
        ("resegmentation", {"range": [0.0, 1.0]}),
        ("resegmentation", {"outlier_sigma": 3.0}),
        ("discretisation", {"bin_width": 10.0}),
        ("discretisation", {"anchor": 1.0}),
        ("ivh", {"method": "none"}),
        ("texture", {"aggregations": ["2D_avg"]}),
        ("texture", {"glcm_distance": 2}),
        ("texture", {"ngtdm_distance": 2}),
        ("texture", {"ngldm_distance": 2}),
        ("texture", {"ngldm_alpha": 1}),
    ]
    first = methods_text(with_settings(**base))
    for section, change in changes:
        other = base | {section: base.get(section, {}) | change}
        assert methods_text(with_settings(**other)) != first, (section, change)
    fewer = base | {"families": ["morphology"]}
    assert methods_text(with_settings(**fewer)) != first
    sigma = base | {"filtered_images": [{"filter": log["filter"] | {"sigma": 4.0}}]}
    assert methods_text(with_settings(**sigma)) != first


def test_no_sentence_is_in_the_present_tense():
    record = replace(full_record("PT"), plan=plan(harmonise={"batch": "scanner"}))
    told = without_gaps(methods_text(record))
    # What the software or the report does today may stand in the present.
    for allowed in ("Intervals are of 95 %", "which is compared with",
                    "can predict new patients"):  # fmt: skip
        told = told.replace(allowed, "")
    assert not re.search(r"\b(is|are|has|have|uses|computes)\b", told)
