"""What else could explain it: the gates with their evidence, and other explanations tried."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from radiome.model.ladder import LADDER
from radiome.model.verdict import DECISIVE, LIMITING
from radiome.report.analysis_record import OutcomeFound
from radiome.report.names import model_words, named
from radiome.report.record import Record
from radiome.report.section import Output, Section
from radiome.report.words import bounded, listed, p_value, signed, spoken

_SHOWN = {
    "PASS": ("pass", "Passed"),
    "FAIL": ("fail", "Failed"),
    "UNKNOWN": ("unknown", "Not known"),
    "NOT_APPLICABLE": ("absent", "Does not apply"),
}
_P = re.compile(r"\bp = (0\.\d+|1)(?![\d.])")
#: What the features are compared together with, where that is not the features alone.
_TOGETHER = {"clinical": "gain of clinical facts and features together"}


def explanations(record: Record, output: Output) -> Section | None:
    """Gates and alternatives of every outcome; nothing if nothing was modelled."""
    parts: list[dict[str, Any]] = []
    for analysis in record.analyses:
        for outcome in analysis.outcomes:
            if outcome.modelled:
                parts.append(
                    {
                        "key": f"{analysis.name}-{outcome.stem}",
                        "analysis": analysis.name,
                        "outcome": outcome.name,
                        "gates": [_gate(gate) for gate in outcome.told["gates"]],
                        "alternatives": _alternatives(outcome),
                    }
                )
    if not parts:
        return None
    content = {
        "parts": parts,
        "many": len(record.analyses) > 1,
        "decisive": listed([str(number) for number in DECISIVE]),
        "limiting": listed([str(number) for number in LIMITING]),
    }
    return Section("explanations", "What else could explain it", content)


def _gate(gate: Mapping[str, Any]) -> dict[str, Any]:
    mark, word = _SHOWN[gate["status"]]
    return {**gate, "mark": mark, "word": word, "evidence": evidence_words(gate["evidence"])}


def evidence_words(text: str) -> str:
    """The evidence of a gate with names in words and p-values as everywhere else.

    Examples
    --------
    >>> evidence_words("p = 0.0298 from 336 permutations of the outcome, level 0.05")
    'p = 0.03 from 336 permutations of the outcome, level 0.05'
    """
    return _P.sub(lambda found: p_value(float(found[1])), named(text))


def _alternatives(outcome: OutcomeFound) -> list[dict[str, str]]:
    """Name, concordance, gain of the features and remark of each, the strongest first."""
    reached, gains = outcome.figures["concordance"], outcome.figures.get("gain") or {}
    known = [name for name in gains if bounded(reached.get(name))]
    known.sort(key=lambda name: -reached[name]["value"])
    return [
        {
            "name": model_words(name),
            "concordance": spoken(concordance),
            "gain": _gain(gains[name]),
            "remark": _TOGETHER.get(name, "") or _network(name, outcome),
        }
        for name in known
        if (concordance := bounded(reached[name])) is not None
    ]


def _gain(told: Any) -> str:
    found = bounded(told)
    if found is None:
        return ""
    return f"{signed(found.value)} ({signed(found.lower)} to {signed(found.upper)})"


def _network(name: str, outcome: OutcomeFound) -> str:
    """What the results say of a network beyond its concordance."""
    begin = f"{LADDER.get(name, name)} reaches "
    told = next((text for text in outcome.told["alternatives"] if text.startswith(begin)), "")
    return told.partition("difference of the features to it ")[2].partition(": ")[2]
