"""A paragraph, and marks where the author must complete it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from radiome.model.gates import Status
from radiome.report.checklists.facts import Record
from radiome.report.checklists.ibsi_reporting import ITEMS

#: How a gap begins; the report finds and shows gaps by it.
GAP = "[to be completed: "


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A part of the methods section.

    Parameters
    ----------
    heading : str
        What it is about.
    text : str
        Sentences in the past tense; what is not on record stands as ``[to be completed: ...]``.
    """

    heading: str
    text: str


def gap(what: str) -> str:
    """A mark for what the author must add."""
    return f"{GAP}{what}]"


def open_items(record: Record, *sections: str) -> str:
    """A mark for the items of the IBSI guideline that the record leaves open; empty if none.

    Parameters
    ----------
    record : Record
        What is known.
    *sections : str
        Sections of the guideline.
    """
    told = [
        f"{item.text[0].lower()}{item.text[1:]} (IBSI {item.number})"
        for item in ITEMS
        if item.section in sections and item.answer(record).status is Status.UNKNOWN
    ]
    return gap("; ".join(told)) if told else ""


def joined(sentences: Iterable[str]) -> str:
    """Sentences that are not empty, one after the other."""
    return " ".join(sentence for sentence in sentences if sentence)


def listed(names: Iterable[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    *first, last = list(names)
    return f"{', '.join(first)} and {last}" if first else last
