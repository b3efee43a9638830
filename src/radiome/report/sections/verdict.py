"""The statement of every outcome, and how often such a statement is wrong."""

from __future__ import annotations

from collections import Counter
from typing import Any

from radiome.report.analysis_record import Analysis, OutcomeFound
from radiome.report.charts import interval
from radiome.report.record import Record
from radiome.report.section import Output, Section
from radiome.report.words import bounded, counted, p_value, spoken

WORDS = {"evidence": "Evidence", "weak": "Weak evidence", "none": "No evidence"}

#: How often the method claims what is not there, counted by `benchmarks/verdict_calibration.py`
#: on cohorts made from a real table; the page on modelling tells how.
ERROR_RATE = {
    "claims": 1,
    "cohorts": 410,
    "percent": "0.2 %",
    "interval": "0.0 to 1.4 %",
    "naive": "66 %",
    "found": "8 of 12",
}


def verdict(record: Record, output: Output) -> Section | None:
    """Statements of all analyses, the primary one first; nothing if none was tried."""
    claims = [claim for analysis in record.analyses for claim in _claims(analysis)]
    if not claims:
        return None
    many = len(record.analyses) > 1
    content = {
        "claims": claims,
        "many": many,
        "rate": ERROR_RATE,
        "modelled": any(claim["word"] for claim in claims),
        "adjusted": any(len(analysis.outcomes) > 1 for analysis in record.analyses),
    }
    return Section("verdict", "Verdict", content)


def _claims(analysis: Analysis) -> list[dict[str, Any]]:
    named = {"analysis": analysis.name, "role": analysis.role, "word": "", "figures": []}
    if not analysis.outcomes:
        reason = analysis.reason or "the model of this analysis is not in the run folder"
        return [{**named, "outcome": "", "sentence": reason}]
    return [{**named, **_claim(outcome)} for outcome in analysis.outcomes]


def _claim(outcome: OutcomeFound) -> dict[str, Any]:
    if not outcome.modelled:
        reason = outcome.told.get("reason") or "not modelled"
        return {"outcome": outcome.name, "sentence": reason}
    word = str(outcome.told["verdict"])
    found = bounded(outcome.figures["concordance"]["features"])
    statuses = Counter(gate["status"] for gate in outcome.told["gates"])
    return {
        "outcome": outcome.name,
        "word": word,
        "headline": WORDS.get(word, word),
        "sentence": outcome.told["sentence"],
        "figures": _figures(outcome),
        "drawing": interval(found) if found else "",
        "gates": [
            (statuses[status], words)
            for status, words in (
                ("PASS", "passed"),
                ("FAIL", "failed"),
                ("UNKNOWN", "not known"),
            )
            if statuses[status]
        ],
    }


def _figures(outcome: OutcomeFound) -> list[tuple[str, str, str]]:
    """Label, figure and remark, the most telling first."""
    told, null = outcome.told["outcome"], outcome.told["null"]
    rows = []
    found = bounded(outcome.figures["concordance"]["features"])
    if found:
        rows.append(("Concordance", spoken(found), "95 % interval; 0.5 is chance"))
    p = next(
        (gate["figures"].get("p") for gate in outcome.told["gates"] if gate["gate"] == 4), None
    )
    rows.append(
        (
            "Permutation test",
            p_value(null["p"] if p is None else p),
            f"{counted(null['permutations'], 'permutation')} of the whole pipeline",
        )
    )
    rows.append(("Patients", str(told["patients"]), _makeup(told)))
    return rows


def _makeup(told: dict[str, Any]) -> str:
    if "events" in told:
        return counted(told["events"], "event")
    classes = told.get("classes") or {}
    if told["kind"] == "binary" and len(classes) == 2:
        return f"{list(classes.values())[1]} positive"
    return ", ".join(f"{count} {name}" for name, count in classes.items())
