"""Why something was not made: the parts of a message, without paths and names."""

from __future__ import annotations

import re
from typing import NamedTuple

from radiome.report.names import capitalised

_PARTS = re.compile(r"; (where|expected|got|do): |\s*\n\s*(where|expected|got|do): ")
#: A path, absolute or not, of which the last part alone is told.
_PATH = re.compile(r"(?:(?<=[\s'\"(])|^)(?:[A-Za-z]:)?(?:[^\s'\"(;,]*[\\/])+([^\s'\"();,\\/]+)")


class Reason(NamedTuple):
    """Why something is not there.

    Parameters
    ----------
    sentence : str
        What is wrong.
    expected, got, advice : str
        What was wanted, what was found, what to do; empty where the message does not say.
    """

    sentence: str
    expected: str = ""
    got: str = ""
    advice: str = ""


def reason_of(text: str) -> Reason:
    """The parts of a message as `radiome.base.errors` writes it.

    Where it happened is left out: a path says nothing to a reader and may name a person.

    Examples
    --------
    >>> reason_of("too few patients; where: /a/b.csv; expected: 10; got: 2; do: describe them")
    Reason(sentence='Too few patients.', expected='10', got='2', advice='describe them')
    """
    head, *rest = _PARTS.split(text)
    told = {
        first or second: value.strip()
        for first, second, value in zip(rest[::3], rest[1::3], rest[2::3], strict=True)
    }
    sentence = capitalised(without_paths(head).strip()) or "No reason is given"
    return Reason(
        sentence if sentence.endswith((".", "!", "?")) else f"{sentence}.",
        *(without_paths(told.get(name, "")) for name in ("expected", "got", "do")),
    )


def without_paths(text: str) -> str:
    """A text in which of every path only the last part is left.

    Examples
    --------
    >>> without_paths("no mask in '/home/me/scans/a.nii.gz'; 3 of 4 read")
    "no mask in 'a.nii.gz'; 3 of 4 read"
    """
    return _PATH.sub(r"\1", text)
