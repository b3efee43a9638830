"""Fill every checklist from the record of a study."""

from __future__ import annotations

from collections.abc import Sequence

from radiome.report.checklists import clear, ibsi_reporting, metrics, rqs, tripod_ai
from radiome.report.checklists.facts import Record
from radiome.report.checklists.scores import Answered, Checklist, Guideline

#: All checklists, in the order of the report.
GUIDELINES: tuple[Guideline, ...] = (
    Guideline(
        "clear",
        "CLEAR 1.0",
        "Kocak et al. 2023, Insights Imaging 14:75",
        clear.ITEMS,
    ),
    Guideline(
        "metrics",
        "METRICS 1.0",
        "Kocak et al. 2024, Insights Imaging 15:8",
        metrics.ITEMS,
        metrics.score,
    ),
    Guideline(
        "rqs",
        "Radiomics quality score 1.0",
        "Lambin et al. 2017, Nat Rev Clin Oncol 14:749",
        rqs.ITEMS,
        rqs.score,
    ),
    Guideline(
        "tripod_ai",
        "TRIPOD+AI",
        "Collins et al. 2024, BMJ 385:e078378",
        tripod_ai.ITEMS,
    ),
    Guideline(
        "ibsi",
        "IBSI reporting guideline",
        "Zwanenburg et al. 2016, IBSI reference manual, arXiv:1612.07003",
        ibsi_reporting.ITEMS,
    ),
)


def fill(record: Record) -> list[Checklist]:
    """Every checklist with an answer to each item.

    Parameters
    ----------
    record : Record
        What the run folder tells. What it does not tell is for the author, never done.

    Returns
    -------
    list of Checklist
        CLEAR, METRICS, RQS, TRIPOD+AI and the reporting guideline of the IBSI.

    Examples
    --------
    >>> from radiome.report.checklists import Record, fill
    >>> for each in fill(Record()):
    ...     print(each.name, len(each.answers))
    CLEAR 1.0 58
    METRICS 1.0 30
    Radiomics quality score 1.0 22
    TRIPOD+AI 52
    IBSI reporting guideline 104
    """
    return [_filled(guideline, record) for guideline in GUIDELINES]


def _filled(guideline: Guideline, record: Record) -> Checklist:
    answers = tuple(Answered(item, item.answer(record)) for item in guideline.items)
    score = guideline.score(answers) if guideline.score else None
    return Checklist(guideline.key, guideline.name, guideline.source, answers, score)


def checklists_as_rows(checklists: Sequence[Checklist]) -> list[dict[str, str | float | None]]:
    """One row for each item of each checklist, for a table or JSON.

    Parameters
    ----------
    checklists : sequence of Checklist
        Those of `fill`.

    Returns
    -------
    list of dict
        ``checklist``, ``item``, ``section``, ``asked``, ``answer`` in words, ``status``,
        ``mode``, ``evidence``, ``where``; ``verified`` and ``attainable`` points, None in a
        list without a score.
    """
    return [_row(each, checklist) for checklist in checklists for each in checklist.answers]


def _row(each: Answered, checklist: Checklist) -> dict[str, str | float | None]:
    scored = checklist.score is not None
    return {
        "checklist": checklist.key,
        "item": each.item.number,
        "section": each.item.section,
        "asked": each.item.text,
        "answer": each.word,
        "status": str(each.answer.status),
        "mode": str(each.item.mode),
        "evidence": each.answer.evidence,
        "where": each.answer.where,
        "verified": each.verified if scored else None,
        "attainable": each.attainable if scored else None,
    }
