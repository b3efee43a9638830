"""Reporting checklists and quality scores, filled from the record."""

from __future__ import annotations

from collections import Counter
from typing import Any

from radiome.model.gates import Status
from radiome.report.checklists import checklists_as_rows, fill, read_record
from radiome.report.checklists.scores import Checklist, Score
from radiome.report.record import Record
from radiome.report.section import Output, Section
from radiome.report.words import sensible

_MARKS = {
    Status.PASS: "pass",
    Status.FAIL: "fail",
    Status.UNKNOWN: "unknown",
    Status.NOT_APPLICABLE: "absent",
}


def checklists(record: Record, output: Output) -> Section | None:
    """Every checklist with the answer to each item, and where the evidence is."""
    filled = fill(read_record(record.folder))
    rows = checklists_as_rows(filled)
    if not rows:
        return None
    file = output.downloads.table("checklists", list(rows[0]), [list(row.values()) for row in rows])
    lists = [_plain(each) for each in filled]
    content = {"lists": lists, "scored": any(each["score"] for each in lists), "file": file}
    return Section("checklists", "Checklists", content)


def _plain(checklist: Checklist) -> dict[str, Any]:
    counts = Counter(each.answer.status for each in checklist.answers)
    return {
        "name": checklist.name,
        "source": checklist.source,
        "counts": [counts[status] for status in _MARKS],
        "score": _score(checklist.score),
        "entries": [
            {
                "number": each.item.number,
                "asked": each.item.text,
                "word": each.word,
                "mark": _MARKS[each.answer.status],
                "evidence": each.answer.evidence,
                "where": each.answer.where,
            }
            for each in checklist.answers
        ],
    }


def _score(score: Score | None) -> str:
    """Both totals: what the record cannot tell counts as no, and as yes."""
    if score is None:
        return ""
    low, high = (sensible(total) for total in (score.verified, score.attainable))
    unit = f" {score.unit}" if score.unit == "%" else f" of {sensible(score.highest)} {score.unit}"
    text = f"{low} to {high}{unit}" if low != high else f"{low}{unit}"
    bands = list(dict.fromkeys(band for band in score.bands if band))
    return f"{text}, {' to '.join(bands)}" if bands else text
