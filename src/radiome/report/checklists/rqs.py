"""RQS: radiomics quality score, version 1.0, from -8 to 36 points.

Source: Lambin et al. 2017, Nat Rev Clin Oncol 14:749. Numbers and points are those of the
source, wording is ours; an item with several points has a part for each, by letter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from radiome.report.checklists import on_cohort as cohort
from radiome.report.checklists import on_modelling as modelling
from radiome.report.checklists import on_results as results
from radiome.report.checklists.answers import Answer, Item, Judge, Mode
from radiome.report.checklists.evidence import on_file
from radiome.report.checklists.facts import Record
from radiome.report.checklists.scores import Answered, Score, counting

_AUTO, _ASSISTED = Mode.AUTO, Mode.ASSISTED


def _item(
    number: str,
    points: tuple[int, int],
    text: str,
    mode: Mode = Mode.MANUAL,
    judge: Judge | None = None,
) -> Item:
    return Item(number, "", text, mode, judge, (float(points[0]), float(points[1])))


def graded_validation(record: Record) -> Answer:
    """Validation without retraining, with the points of the institutes that it was made at."""
    found = results.external_test(record)
    if not record.external_sites:
        return found
    return replace(found, points={1: 3.0, 2: 4.0}.get(record.external_sites, 5.0))


ITEMS: tuple[Item, ...] = (
    _item("1a", (0, 1), "Protocol well documented", _AUTO, cohort.acquisition_reported),
    _item("1b", (0, 1), "Protocol public"),
    _item("2", (0, 1), "Several segmentations", _ASSISTED, cohort.repeats_given),
    _item("3", (0, 1), "Phantom study on all scanners"),
    _item("4", (0, 1), "Images at several times", _ASSISTED, cohort.repeats_given),
    _item(
        "5", (-3, 3), "Features reduced or tests adjusted for their number",
        _AUTO, modelling.reduced_or_adjusted,
    ),
    _item(
        "6", (0, 1), "Multivariable analysis with other predictors",
        _AUTO, results.combined_model,
    ),
    _item("7", (0, 1), "Biological correlates"),
    _item("8", (0, 1), "Cut-offs, or a continuous risk", _AUTO, results.risks_on_file),
    _item("9a", (0, 1), "Discrimination and its significance", _AUTO, results.discrimination),
    _item("9b", (0, 1), "Discrimination by resampling", _AUTO,
          results.resampled(results.discrimination)),
    _item("10a", (0, 1), "Calibration and its significance", _AUTO, results.calibration),
    _item("10b", (0, 1), "Calibration by resampling", _AUTO,
          results.resampled(results.calibration)),
    _item("11", (0, 7), "Prospective, in a trial database"),
    _item(
        "12", (-5, 5), "Validation without retraining: none -5, same institute 2, another 3, two "
        "others or of a published signature 4, three or more 5",
        _AUTO, graded_validation,
    ),
    _item("13", (0, 2), "Comparison with the gold standard", _ASSISTED,
          results.clinical_comparison),
    _item("14", (0, 2), "Clinical utility, such as a decision curve", _AUTO, results.utility),
    _item("15", (0, 1), "Cost-effectiveness"),
    _item("16a", (0, 1), "Scans are open"),
    _item("16b", (0, 1), "Regions are open"),
    _item("16c", (0, 1), "Code is open", _ASSISTED, on_file("study.yaml")),
    _item("16d", (0, 1), "Features of representative regions are open", _ASSISTED,
          on_file("extraction/features.parquet")),
)  # fmt: skip

LOWEST, HIGHEST = -8.0, 36.0


def score(answers: Sequence[Answered]) -> Score:
    """Sum of the points.

    Parameters
    ----------
    answers : sequence of Answered
        One for each item.
    """
    counted = counting(answers)
    verified = sum(each.verified for each in counted)
    attainable = sum(each.attainable for each in counted)
    return Score(verified, attainable, LOWEST, HIGHEST, "points", ("", ""), HIGHEST)
