"""The statement of every outcome, and how often such a statement is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from radiome.model.concordance import Bounded
from radiome.model.verdict import NOT_KNOWN
from radiome.report.analysis_record import Analysis, OutcomeFound
from radiome.report.charts import interval
from radiome.report.feature_maps import without_names
from radiome.report.names import named
from radiome.report.plain_words import makeup, measure_words, pairs_sentence
from radiome.report.reasons import Reason, reason_of
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
    claims = [claim for analysis in record.analyses for claim in _claims(record, analysis)]
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


def _claims(record: Record, analysis: Analysis) -> list[dict[str, Any]]:
    named = {"analysis": analysis.name, "role": analysis.role, "word": "", "figures": []}
    if not analysis.outcomes:
        reason = analysis.reason or "the model of this analysis is not in the run folder"
        return [{**named, "outcome": "", "reason": _reason(record, analysis, reason)}]
    return [{**named, **_claim(record, analysis, outcome)} for outcome in analysis.outcomes]


def _reason(record: Record, analysis: Analysis, text: str) -> Reason:
    return reason_of(without_names(record, analysis, text))


def _claim(record: Record, analysis: Analysis, outcome: OutcomeFound) -> dict[str, Any]:
    if not outcome.modelled:
        reason = str(outcome.told.get("reason") or "not modelled")
        return {"outcome": outcome.name, "reason": _reason(record, analysis, reason)}
    word = str(outcome.told["verdict"])
    found = bounded(outcome.figures["concordance"]["features"])
    kind = outcome.told["outcome"]["kind"]
    return {
        "outcome": outcome.name,
        "word": word,
        "headline": WORDS.get(word, word),
        "sentence": _statement(outcome.told["sentence"]),
        "pairs": pairs_sentence(kind, found.value) if found else "",
        "figures": [*_figures(outcome, found), *_earlier(analysis)],
        "drawing": interval(found) if found else "",
        "gates": _gates(outcome.told["gates"]),
    }


def _statement(sentence: str) -> str:
    """The statement; what is not known stands beside it, gate by gate."""
    return named(sentence.partition(NOT_KNOWN)[0])


def _gates(gates: Sequence[Mapping[str, Any]]) -> list[tuple[int, str, list[str]]]:
    """How many gates passed, failed or are not known, and the names of all but the first."""
    found = []
    for status, words in (("PASS", "passed"), ("FAIL", "failed"), ("UNKNOWN", "not known")):
        names = [gate["name"] for gate in gates if gate["status"] == status]
        if names:
            found.append((len(names), words, names if status != "PASS" else []))
    return found


def _earlier(analysis: Analysis) -> list[tuple[str, str, str]]:
    """How often the question was put before, where it was."""
    kept = [path for path in (analysis.folder / "model/earlier").glob("*") if path.is_dir()]
    if not kept:
        return []
    remark = "with another plan or other tables, kept in model/earlier: a choice among several"
    return [("Earlier results", str(len(kept)), remark)]


def _figures(outcome: OutcomeFound, found: Bounded | None) -> list[tuple[str, str, str]]:
    """Label, figure and remark, the most telling first."""
    told, null = outcome.told["outcome"], outcome.told["null"]
    rows = []
    if found:
        remark = f"{measure_words(told['kind'])}; 95 % interval, 0.5 is chance"
        rows.append(("Concordance", spoken(found), remark))
    p = next(
        (gate["figures"].get("p") for gate in outcome.told["gates"] if gate["gate"] == 4), None
    )
    remark = f"{counted(null['permutations'], 'permutation')} of the whole pipeline"
    if p is not None and p != null["p"]:
        remark += f"; {p_value(null['p'])} before adjusting over the outcomes"
    rows.append(("Permutation test", p_value(null["p"] if p is None else p), remark))
    rows.append(("Patients", str(told["patients"]), makeup(told)))
    return rows
