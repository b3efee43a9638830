"""METRICS: methodological radiomics score, version 1.0.

Source: Kocak et al. 2024, Insights Imaging 15:8. Numbers and weights are those of the source,
wording is ours. Its conditions: without segmentation 8 to 10, without a fully automatic one 9,
without hand-crafted features 12, without a table of features 14 to 16 and without an end-to-end
network 17 do not apply. A study of radiome has regions, hand-crafted features and a table.
"""

from __future__ import annotations

from collections.abc import Sequence

from radiome.report.checklists import on_cohort as cohort
from radiome.report.checklists import on_extraction as extraction
from radiome.report.checklists import on_features as features
from radiome.report.checklists import on_modelling as modelling
from radiome.report.checklists import on_results as results
from radiome.report.checklists.answers import Item, Judge, Mode
from radiome.report.checklists.evidence import adherence
from radiome.report.checklists.scores import Answered, Score, counting

#: Bands of the score in percent: below the limit.
BANDS = ((20, "very low"), (40, "low"), (60, "moderate"), (80, "good"))


def _item(
    number: int,
    weight: float,
    section: str,
    text: str,
    mode: Mode = Mode.MANUAL,
    judge: Judge | None = None,
) -> Item:
    return Item(str(number), section, text, mode, judge, (0.0, weight))


_DESIGN, _IMAGING, _REGION = "Study design", "Imaging data", "Segmentation"
_EXTRACTION, _FEATURES = "Image processing and feature extraction", "Feature processing"
_PREPARATION, _COMPARISON = "Preparation for modelling", "Metrics and comparison"
_TESTING, _OPEN = "Testing", "Open science"
_AUTO, _ASSISTED = Mode.AUTO, Mode.ASSISTED

ITEMS: tuple[Item, ...] = (
    _item(1, 0.0368, _DESIGN, "A radiomics checklist was followed", _ASSISTED, adherence),
    _item(
        2, 0.0735, _DESIGN, "Eligibility that gives representative patients",
        _ASSISTED, cohort.case_flow,
    ),
    _item(
        3, 0.0919, _DESIGN, "Reference standard of high quality, clearly defined",
        _ASSISTED, cohort.reference_standard,
    ),
    _item(4, 0.0438, _IMAGING, "More than one centre", _AUTO, cohort.several_sites),
    _item(5, 0.0292, _IMAGING, "Images of a source that can be used in practice"),
    _item(
        6, 0.0438, _IMAGING, "Protocol with parameters of acquisition",
        _AUTO, cohort.acquisition_reported,
    ),
    _item(7, 0.0292, _IMAGING, "Interval between imaging and reference standard"),
    _item(
        8, 0.0337, _REGION, "Segmentation, transparently described",
        _ASSISTED, cohort.segmentation_told,
    ),
    _item(
        9, 0.0225, _REGION, "Automatic segmentation, formally evaluated",
        _ASSISTED, cohort.automatic_segmentation,
    ),
    _item(10, 0.0112, _REGION, "Masks of the test set by one reader or tool"),
    _item(
        11, 0.0622, _EXTRACTION, "Preparation of images, suitable and described",
        _AUTO, extraction.preparation_sound,
    ),
    _item(
        12, 0.0311, _EXTRACTION, "Standardised software",
        _AUTO, extraction.standardised_software,
    ),
    _item(
        13, 0.0415, _EXTRACTION, "Parameters of the extraction, defaults included",
        _AUTO, extraction.settings_written,
    ),
    _item(
        14, 0.0200, _FEATURES, "Features that are not robust left out",
        _AUTO, features.robust_features,
    ),
    _item(
        15, 0.0200, _FEATURES, "Redundant features left out", _AUTO, modelling.redundancy_removed
    ),
    _item(
        16, 0.0300, _FEATURES, "Number of features that suits the number of patients",
        _AUTO, results.dimension_suits_size,
    ),
    _item(
        17, 0.0200, _FEATURES, "Robustness of an end-to-end network",
        _AUTO, modelling.handcrafted,
    ),
    _item(18, 0.0599, _PREPARATION, "Proper partition", _AUTO, results.partition_proper),
    _item(
        19, 0.0300, _PREPARATION, "Confounders handled", _AUTO, results.confounders_handled
    ),
    _item(
        20, 0.0352, _COMPARISON, "Figures of performance that suit the task",
        _AUTO, results.errors_counted,
    ),
    _item(21, 0.0234, _COMPARISON, "Uncertainty", _AUTO, results.uncertainty),
    _item(22, 0.0176, _COMPARISON, "Calibration", _AUTO, results.calibration),
    _item(
        23, 0.0117, _COMPARISON, "One kind of image, or proof that one is inferior",
        _AUTO, cohort.single_image,
    ),
    _item(
        24, 0.0293, _COMPARISON, "Comparison with a non-radiomic approach",
        _AUTO, results.clinical_comparison,
    ),
    _item(
        25, 0.0176, _COMPARISON, "Comparison with a simple baseline",
        _AUTO, results.simple_baseline,
    ),
    _item(26, 0.0375, _TESTING, "Internal testing", _AUTO, results.internal_test),
    _item(27, 0.0749, _TESTING, "External testing", _AUTO, results.external_test),
    _item(28, 0.0075, _OPEN, "Data are available"),
    _item(29, 0.0075, _OPEN, "Code is available"),
    _item(30, 0.0075, _OPEN, "The model is available", _ASSISTED, modelling.models_written),
)  # fmt: skip


def score(answers: Sequence[Answered]) -> Score:
    """Percent of the weight of the items that apply.

    Parameters
    ----------
    answers : sequence of Answered
        One for each item.
    """
    counted = counting(answers)
    whole = sum(each.item.points[1] for each in counted)
    verified = 100 * sum(each.verified for each in counted) / whole
    attainable = 100 * sum(each.attainable for each in counted) / whole
    return Score(verified, attainable, 0.0, 100.0, "%", (band(verified), band(attainable)), whole)


def band(percent: float) -> str:
    """What the source calls a score."""
    return next((name for limit, name in BANDS if percent < limit), "excellent")
