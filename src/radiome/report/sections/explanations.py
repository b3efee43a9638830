"""What else could explain it: the gates with their evidence, and other explanations tried."""

from __future__ import annotations

from typing import Any

from radiome.report.record import Record
from radiome.report.section import Output, Section

_SHOWN = {
    "PASS": ("pass", "Passed"),
    "FAIL": ("fail", "Failed"),
    "UNKNOWN": ("unknown", "Not known"),
    "NOT_APPLICABLE": ("absent", "Does not apply"),
}


def explanations(record: Record, output: Output) -> Section | None:
    """Gates and alternatives of every outcome; nothing if nothing was modelled."""
    parts: list[dict[str, Any]] = []
    for analysis in record.analyses:
        for outcome in analysis.outcomes:
            if outcome.modelled:
                gates = [
                    {**gate, "mark": _SHOWN[gate["status"]][0], "word": _SHOWN[gate["status"]][1]}
                    for gate in outcome.told["gates"]
                ]
                alternatives = [_split(text) for text in outcome.told["alternatives"]]
                parts.append(
                    {
                        "key": f"{analysis.name}-{outcome.stem}",
                        "analysis": analysis.name,
                        "outcome": outcome.name,
                        "gates": gates,
                        "alternatives": alternatives,
                    }
                )
    if not parts:
        return None
    content = {"parts": parts, "many": len(record.analyses) > 1}
    return Section("explanations", "What else could explain it", content)


def _split(text: str) -> tuple[str, str]:
    """An alternative and its figures."""
    name, _, figures = text.partition(": ")
    words = name.replace("_", " ")
    return f"{words[0].upper()}{words[1:]}", figures
