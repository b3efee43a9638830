"""Evidence for items that the author answers: what can be shared, and what was filled in."""

from __future__ import annotations

from radiome.report.checklists.answers import Answer, Judge, for_author
from radiome.report.checklists.facts import Record


def adherence(record: Record) -> Answer:
    """A guideline was followed: these lists are filled as far as the record goes."""
    if not record.version:
        return for_author()
    return for_author("checklists filled from the record; the rest is the author's", "report.html")


def on_file(path: str) -> Judge:
    """A judge: the run folder has it; whether and where it is public, the author says.

    Parameters
    ----------
    path : str
        File of the run folder, and key.
    """

    def judge(record: Record) -> Answer:
        if not record.version:
            return for_author()
        return for_author("in the run folder; say where it is public", path)

    return judge
