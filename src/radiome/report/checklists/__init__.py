"""Reporting checklists and quality scores, filled from the record of a study."""

from radiome.report.checklists.facts import MeasuredWith, OutcomeFacts, Record
from radiome.report.checklists.fill import GUIDELINES, checklists_as_rows, fill
from radiome.report.checklists.record import read_record

__all__ = [
    "GUIDELINES",
    "MeasuredWith",
    "OutcomeFacts",
    "Record",
    "checklists_as_rows",
    "fill",
    "read_record",
]
