"""Items of a checklist, and answers to them that say where the evidence is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from radiome.model.gates import Status
from radiome.report.checklists.facts import Record

#: The answer as a reader sees it.
WORDS = {
    Status.PASS: "done",
    Status.FAIL: "not done",
    Status.UNKNOWN: "for the author",
    Status.NOT_APPLICABLE: "not applicable",
}


class Mode(StrEnum):
    """Who can answer an item.

    ``auto``: the record alone. ``assisted``: the record gives a part of the evidence, or can
    tell that it was not done; that it was done is for the author to say. ``manual``: the
    author alone.
    """

    AUTO = "auto"
    ASSISTED = "assisted"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the record says to an item.

    Parameters
    ----------
    status : Status
        The answer.
    evidence : str
        What it rests on, in a sentence.
    where : str
        File of the run folder and key.
    points : float or None
        What it earns, where an item has more than two grades.
    """

    status: Status
    evidence: str = ""
    where: str = ""
    points: float | None = None


Judge = Callable[[Record], Answer]


def done(evidence: str, where: str) -> Answer:
    """The record shows that it was done."""
    return Answer(Status.PASS, evidence, where)


def not_done(evidence: str, where: str) -> Answer:
    """The record shows that it was not done."""
    return Answer(Status.FAIL, evidence, where)


def for_author(evidence: str = "", where: str = "") -> Answer:
    """The record cannot tell."""
    return Answer(Status.UNKNOWN, evidence, where)


def not_applicable(evidence: str, where: str = "") -> Answer:
    """The item does not concern this study."""
    return Answer(Status.NOT_APPLICABLE, evidence, where)


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a checklist.

    Parameters
    ----------
    number : str
        As in the source, such as ``12a``.
    section : str
        Section of the source.
    text : str
        What is asked, in our words.
    mode : Mode
        Who can answer.
    judge : callable, optional
        From a record to an answer; a manual item has none.
    points : (float, float)
        What "no" and "yes" earn.
    modalities : tuple of str
        DICOM modalities that the item concerns; empty for all.
    """

    number: str
    section: str
    text: str
    mode: Mode = Mode.MANUAL
    judge: Judge | None = None
    points: tuple[float, float] = (0.0, 0.0)
    modalities: tuple[str, ...] = ()

    def answer(self, record: Record) -> Answer:
        """The answer of a record; one that is for the author to say is never "done"."""
        if self.modalities and record.modalities:
            here = set(record.modalities)
            if not here & set(self.modalities):
                return not_applicable(f"no image of {' or '.join(self.modalities)}", "cohort.csv")
        if self.judge is None:
            return for_author()
        found = self.judge(record)
        if self.mode is not Mode.AUTO and found.status is Status.PASS:
            return for_author(found.evidence, found.where)
        return found


def auto(number: str, section: str, text: str, judge: Judge) -> Item:
    """An item that the record answers."""
    return Item(number, section, text, Mode.AUTO, judge)


def assisted(number: str, section: str, text: str, judge: Judge) -> Item:
    """An item for which the record has evidence."""
    return Item(number, section, text, Mode.ASSISTED, judge)


def manual(number: str, section: str, text: str) -> Item:
    """An item for the author."""
    return Item(number, section, text)
