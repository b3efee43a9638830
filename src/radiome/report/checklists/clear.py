"""CLEAR: checklist for the evaluation of radiomics research, version 1.0.

Source: Kocak et al. 2023, Insights Imaging 14:75. Numbers are those of the source, wording is
ours; "[n/e]" are the two items that the source calls not essential.
"""

from __future__ import annotations

from radiome.report.checklists import on_cohort as cohort
from radiome.report.checklists import on_extraction as extraction
from radiome.report.checklists import on_features as features
from radiome.report.checklists import on_modelling as modelling
from radiome.report.checklists import on_results as results
from radiome.report.checklists import setting_words as words
from radiome.report.checklists.answers import Item, assisted, auto, manual
from radiome.report.checklists.evidence import adherence, on_file

ITEMS: tuple[Item, ...] = (
    manual("1", "Title", "The title names radiomics and its kind"),
    manual("2", "Abstract", "A structured summary of purpose, methods, results, conclusion"),
    manual("3", "Keywords", "Keywords of radiomics"),
    manual("4", "Introduction", "Scientific or clinical background"),
    manual("5", "Introduction", "Why radiomics is used"),
    manual("6", "Introduction", "Objectives"),
    assisted("7", "Study design", "A guideline or checklist was followed", adherence),
    manual("8", "Study design", "Ethics: approval, consent, protection of data"),
    auto("9", "Study design", "Calculation of the sample size", results.sample_size),
    manual("10", "Study design", "Prospective or retrospective, cohort or cases and controls"),
    manual("11", "Study design", "Criteria of inclusion and exclusion"),
    manual("12", "Study design", "Flow chart of the technical steps"),
    manual("13", "Data", "Source of the data, public or private"),
    manual("14", "Data", "Overlap with data of earlier studies"),
    auto(
        "15",
        "Data",
        "How data were split",
        modelling.planned("validation", modelling.split_words),
    ),
    auto("16", "Data", "Imaging protocol with its parameters", cohort.acquisition_reported),
    assisted("17", "Data", "Predictors other than features, defined", cohort.clinical_predictors),
    assisted("18", "Data", "Reference standard or outcome, defined", cohort.reference_standard),
    assisted("19", "Segmentation", "How regions were segmented", cohort.segmentation_told),
    manual("20", "Segmentation", "Who segmented, and their experience"),
    auto("21", "Pre-processing", "Steps before features", extraction.settings_written),
    auto(
        "22",
        "Pre-processing",
        "Resampling and its parameters",
        extraction.stated(
            "interpolation",
            lambda values: (
                f"{words.image_method(values)} to {words.spacing(values)}"
                if words.resampled(values)
                else "images were not resampled"
            ),
        ),
    ),
    auto(
        "23",
        "Pre-processing",
        "Discretisation and its parameters",
        extraction.stated(
            "discretisation",
            lambda values: ", ".join(
                filter(None, (words.discretisation(values), words.bins(values)))
            ),
        ),
    ),
    auto(
        "24",
        "Pre-processing",
        "Types of image: original, filtered",
        extraction.stated("filtered_images", words.image_types),
    ),
    auto("25", "Feature extraction", "Software with its version", extraction.software_named),
    auto("26", "Feature extraction", "Families of features", extraction.families_named),
    auto("27", "Feature extraction", "Number of features", extraction.features_counted),
    auto(
        "28",
        "Feature extraction",
        "Parameters left at their defaults are stated",
        extraction.settings_written,
    ),
    auto(
        "29",
        "Data preparation",
        "Missing data",
        modelling.planned("preparation.missing", modelling.missing_words),
    ),
    auto("30", "Data preparation", "Imbalance of classes", modelling.imbalance),
    assisted("31", "Data preparation", "Reliability of the segmentation", cohort.repeats_given),
    auto(
        "32",
        "Data preparation",
        "Scaling of features",
        modelling.planned("preparation.scale", modelling.scaling_words),
    ),
    auto(
        "33",
        "Data preparation",
        "Reduction of dimension",
        modelling.planned("select", modelling.selection_words),
    ),
    auto("34", "Modelling", "Algorithm", modelling.algorithm),
    auto(
        "35",
        "Modelling",
        "Training and tuning",
        modelling.planned("validation.inner_folds", modelling.tuning_words),
    ),
    auto("36", "Modelling", "Confounders", results.confounders_examined),
    auto(
        "37",
        "Modelling",
        "How the model was chosen",
        modelling.planned("validation.inner_folds", modelling.tuning_words),
    ),
    auto("38", "Evaluation", "Testing, internal or external", results.internal_test),
    assisted("39", "Evaluation", "Figures of performance, and why these", results.errors_counted),
    auto("40", "Evaluation", "Uncertainty", results.uncertainty),
    auto("41", "Evaluation", "Statistical comparison of models", results.comparison_tested),
    auto(
        "42",
        "Evaluation",
        "Comparison with non-radiomic and combined models",
        results.clinical_and_combined,
    ),
    auto("43", "Evaluation", "Interpretability", results.explained),
    assisted("44", "Results", "Characteristics of the patients", results.counted),
    assisted("45", "Results", "Flow of patients by eligibility", cohort.case_flow),
    auto("46", "Results", "Statistics of the features", features.feature_statistics),
    auto("47", "Results", "Performance of the model", results.uncertainty),
    auto(
        "48",
        "Results",
        "Results of non-radiomic and combined models",
        results.clinical_and_combined,
    ),
    manual("49", "Discussion", "Main findings"),
    manual("50", "Discussion", "Earlier work, and what differs"),
    manual("51", "Discussion", "What follows for practice"),
    manual("52", "Discussion", "Strengths and limitations"),
    manual("53", "Open science", "Images and segmentations are shared [n/e]"),
    assisted("54", "Open science", "Features are shared", on_file("extraction/features.parquet")),
    assisted(
        "55",
        "Open science",
        "Scripts or settings of pre-processing are shared",
        on_file("extraction/run.json: settings"),
    ),
    assisted("56", "Open science", "Code of the modelling is shared", on_file("study.yaml")),
    assisted("57", "Open science", "Model files are shared", modelling.models_written),
    manual("58", "Open science", "A system ready to use is shared [n/e]"),
)
