"""Answers with what they earn, and two totals: verified and attainable."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from radiome.model.gates import Status
from radiome.report.checklists.answers import WORDS, Answer, Item


@dataclass(frozen=True, slots=True)
class Answered:
    """An item and its answer.

    Parameters
    ----------
    item : Item
        What is asked.
    answer : Answer
        What the record says.
    """

    item: Item
    answer: Answer

    @property
    def word(self) -> str:
        """``done``, ``not done``, ``for the author`` or ``not applicable``."""
        return WORDS[self.answer.status]

    @property
    def verified(self) -> float:
        """Points where everything that the record cannot tell counts as no."""
        if self.answer.points is not None:
            return self.answer.points
        return self.item.points[self.answer.status is Status.PASS]

    @property
    def attainable(self) -> float:
        """Points where everything that the record cannot tell counts as yes."""
        if self.answer.status is Status.UNKNOWN:
            return self.item.points[1]
        return self.verified


@dataclass(frozen=True, slots=True)
class Score:
    """Two totals of a list.

    Parameters
    ----------
    verified, attainable : float
        What the record cannot tell counts as no, and as yes.
    lowest, highest : float
        Ends of the scale.
    unit : str
        ``%`` or ``points``.
    bands : (str, str)
        What the source calls the two totals; empty where it has no names.
    whole : float
        Sum of the weights that apply, for a weighted score; else the highest.
    """

    verified: float
    attainable: float
    lowest: float
    highest: float
    unit: str
    bands: tuple[str, str]
    whole: float


@dataclass(frozen=True, slots=True)
class Guideline:
    """A checklist before it is filled.

    Parameters
    ----------
    key, name, source : str
        Short name, title with version, and where it was published.
    items : tuple of Item
        In the order of the source.
    score : callable, optional
        From answers to totals, for a list that has a score.
    """

    key: str
    name: str
    source: str
    items: tuple[Item, ...]
    score: Callable[[Sequence[Answered]], Score] | None = None


@dataclass(frozen=True, slots=True)
class Checklist:
    """A checklist filled from a record.

    Parameters
    ----------
    key, name, source : str
        As of the guideline.
    answers : tuple of Answered
        In the order of the source.
    score : Score or None
        Totals, for a list that has a score.
    """

    key: str
    name: str
    source: str
    answers: tuple[Answered, ...]
    score: Score | None

    def count(self, status: Status) -> int:
        """How many items have this answer."""
        return sum(each.answer.status is status for each in self.answers)


def counting(answers: Sequence[Answered]) -> list[Answered]:
    """The items that apply."""
    return [each for each in answers if each.answer.status is not Status.NOT_APPLICABLE]
