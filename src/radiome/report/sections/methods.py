"""Methods in words that can be pasted into a paper, with the places that the author completes."""

from __future__ import annotations

import re

from radiome.report.checklists import read_record
from radiome.report.methods_text import gaps, methods_paragraphs
from radiome.report.record import Record
from radiome.report.section import Output, Section
from radiome.report.words import typeset

_GAP = re.compile(r"(\[to be completed: [^\]]*\])")


def methods(record: Record, output: Output) -> Section | None:
    """Paragraphs with headings; nothing if neither images nor models are on record."""
    if not record.extraction and not any(analysis.results for analysis in record.analyses):
        return None
    facts = read_record(record.folder)
    paragraphs = [
        (each.heading, [typeset(part) for part in _GAP.split(each.text)])
        for each in methods_paragraphs(facts)
    ]
    content = {
        "paragraphs": paragraphs,
        "gaps": gaps(facts),
        "about": record.analyses[0].name if len(record.analyses) > 1 else "",
    }
    return Section("methods", "Methods text", content)
