"""Methods text of a study, ready to paste: past tense, after the IBSI reporting guideline.

Each sentence comes from the settings of the extraction or from the plan. What no file tells is
marked ``[to be completed: ...]``, with the number of the item where the guideline asks for it.
"""

from __future__ import annotations

from radiome.report.checklists.facts import Record
from radiome.report.methods import imaging, learning, measuring, proof
from radiome.report.methods.paragraph import GAP, Paragraph

_PARTS = (
    imaging.patients,
    imaging.acquisition,
    imaging.segmentation,
    measuring.preparation,
    measuring.discretisation,
    measuring.filters,
    measuring.feature_set,
    measuring.software,
    learning.redundancy,
    learning.outcomes,
    learning.preparation,
    learning.modelling,
    learning.validation,
    proof.performance,
    proof.controls,
    proof.availability,
)


def methods_paragraphs(record: Record) -> tuple[Paragraph, ...]:
    """Paragraphs of the methods section, in the order of a paper; none is empty.

    Parameters
    ----------
    record : Record
        What is known of the study; see `radiome.report.checklists.read_record`.
    """
    return tuple(paragraph for part in _PARTS if (paragraph := part(record)).text)


def methods_text(record: Record) -> str:
    """The methods section as plain text, a heading above each paragraph.

    Parameters
    ----------
    record : Record
        What is known of the study.

    Examples
    --------
    >>> from radiome.report.checklists import Record
    >>> print(methods_text(Record(version="1.0")).partition("Software")[2].strip()[:40])
    Features were computed with radiome 1.0,
    """
    return "\n\n".join(f"{each.heading}\n{each.text}" for each in methods_paragraphs(record)) + "\n"


def gaps(record: Record) -> int:
    """How many places of the text the author must complete."""
    return methods_text(record).count(GAP)
