"""TRIPOD+AI: reporting of prediction models, 27 items.

Source: Collins et al. 2024, BMJ 385:e078378. Numbers are those of the source, wording is ours.
A study of radiome develops models and evaluates them out of fold, so items on the updating of
an existing model do not apply.
"""

from __future__ import annotations

from radiome.report.checklists import on_cohort as cohort
from radiome.report.checklists import on_extraction as extraction
from radiome.report.checklists import on_modelling as modelling
from radiome.report.checklists import on_results as results
from radiome.report.checklists.answers import Item, assisted, auto, manual
from radiome.report.checklists.evidence import on_file

_INTRO, _METHODS, _OPEN = "Introduction", "Methods", "Open science"
_RESULTS, _DISCUSSION = "Results", "Discussion"

ITEMS: tuple[Item, ...] = (
    manual("1", "Title", "Development or evaluation of a model, population, outcome"),
    manual("2", "Abstract", "An abstract after TRIPOD+AI for Abstracts"),
    manual("3a", _INTRO, "Context of care, diagnostic or prognostic, and existing models"),
    manual("3b", _INTRO, "Target population, purpose in the pathway of care, users"),
    manual("3c", _INTRO, "Known inequalities of health between groups"),
    manual("4", _INTRO, "Objectives: development, evaluation or both"),
    manual("5a", _METHODS, "Sources of data, why these, how representative"),
    manual("5b", _METHODS, "Dates of accrual and of the end of follow-up"),
    assisted("6a", _METHODS, "Setting, number and place of centres", cohort.several_sites),
    manual("6b", _METHODS, "Criteria of eligibility"),
    manual("6c", _METHODS, "Treatments, and how they were handled"),
    auto("7", _METHODS, "Preparation and checks of the data", extraction.settings_written),
    assisted(
        "8a",
        _METHODS,
        "Outcome and horizon, how and when assessed",
        cohort.reference_standard,
    ),
    manual("8b", _METHODS, "Assessors of an outcome that needs judgement"),
    manual("8c", _METHODS, "Blinding of the assessment of the outcome"),
    assisted(
        "9a", _METHODS, "Choice of the first predictors, and any preselection",
        extraction.features_counted,
    ),
    auto("9b", _METHODS, "Predictors defined, how and when measured",
         modelling.predictors_defined),
    assisted("9c", _METHODS, "Assessors of predictors that need judgement",
             cohort.segmentation_told),
    assisted("10", _METHODS, "How the sample size came about, and why it is enough",
             results.sample_size),
    auto("11", _METHODS, "Missing data",
         modelling.planned("preparation.missing", modelling.missing_words)),
    auto("12a", _METHODS, "How data were used and split",
         modelling.planned("validation", modelling.split_words)),
    auto("12b", _METHODS, "How predictors were handled",
         modelling.planned("preparation.scale", modelling.scaling_words)),
    auto("12c", _METHODS, "Type of model, steps, tuning, internal validation",
         modelling.whole_procedure),
    auto("12d", _METHODS, "Heterogeneity between centres", results.heterogeneity),
    auto("12e", _METHODS, "Figures and plots of performance", results.errors_counted),
    auto("12f", _METHODS, "Updating of a model", modelling.no_updating),
    auto("12g", _METHODS, "How predictions were calculated", modelling.models_written),
    auto("13", _METHODS, "Imbalance of classes", modelling.imbalance),
    manual("14", _METHODS, "Fairness"),
    auto("15", _METHODS, "Output of the model, and thresholds", results.output_and_threshold),
    auto("16", _METHODS, "Differences between development and evaluation",
         modelling.same_patients),
    manual("17", _METHODS, "Ethical approval and consent"),
    manual("18a", _OPEN, "Funding"),
    manual("18b", _OPEN, "Conflicts of interest"),
    assisted("18c", _OPEN, "Where the protocol is", modelling.plan_locked),
    manual("18d", _OPEN, "Registration"),
    assisted("18e", _OPEN, "Availability of the data", on_file("extraction/features.parquet")),
    assisted("18f", _OPEN, "Availability of the code", on_file("study.yaml")),
    manual("19", "Patient and public involvement", "Involvement of patients and public, or none"),
    assisted("20a", _RESULTS, "Flow of participants, with and without the outcome",
             cohort.case_flow),
    assisted("20b", _RESULTS, "Characteristics of the participants", results.counted),
    auto("20c", _RESULTS, "Comparison with the data of the development",
         modelling.same_patients),
    auto("21", _RESULTS, "Participants and events of each analysis", results.counted),
    auto("22", _RESULTS, "The full model", modelling.models_written),
    auto("23a", _RESULTS, "Performance with intervals", results.uncertainty),
    auto("23b", _RESULTS, "Heterogeneity of performance between centres",
         results.heterogeneity),
    auto("24", _RESULTS, "Results of updating", modelling.no_updating),
    manual("25", _DISCUSSION, "Interpretation, fairness included"),
    manual("26", _DISCUSSION, "Limitations"),
    assisted("27a", _DISCUSSION, "Input of poor quality or missing, when the model is used",
             modelling.planned("preparation.missing", modelling.missing_words)),
    manual("27b", _DISCUSSION, "What users must do and know"),
    manual("27c", _DISCUSSION, "Next steps of research"),
)  # fmt: skip
