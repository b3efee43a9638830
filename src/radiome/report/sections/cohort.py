"""The cohort: who came in and who left, what the lesions look like, how they were imaged."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from radiome.report.acquisition_facts import Fact, facts_of
from radiome.report.analysis_record import Analysis
from radiome.report.names import MODALITIES
from radiome.report.plain_words import makeup
from radiome.report.reasons import reason_of
from radiome.report.record import Case, Record
from radiome.report.section import Output, Section
from radiome.report.words import counted, listed

_LEFT = {
    "inspect": "could not be read",
    "extract": "could not be measured",
    "join": "left out when tables were joined",
}
_ONE_IS = re.compile(r"^(1 of \d+ features) are")
#: Pictures that a protocol without a word on it shows.
_PICTURES = 60
#: Base64 letters of all pictures in the page, at most.
PICTURE_BUDGET = 3_000_000


def cohort(record: Record, output: Output) -> Section | None:
    """Flow of cases, pictures, facts; nothing if there is no table of cases."""
    if not record.cases:
        return None
    kinds = _by_modality(record)
    pictures = pictures_shown(record)
    content = {
        "flow": _flow(record),
        "analyses": _analyses(record),
        "left": [case for case in record.cases if case.status != "measured"],
        "pictures": pictures,
        "without": sum(case.name in record.pictures for case in record.cases) - len(pictures),
        "kinds": [_facts(name, cases, len(kinds) > 1, output) for name, cases in kinds.items()],
        "modalities": MODALITIES,
        "table": _table(record, output),
    }
    return Section("cohort", "Cohort", content)


def _flow(record: Record) -> list[dict[str, Any]]:
    """Cases that go on after each step, and those that leave at it, by reason."""
    left = [case for case in record.cases if case.status != "measured"]
    remaining = len(record.cases)
    steps: list[dict[str, Any]] = [
        {"words": "cases in the cohort table", "count": remaining, "left": []}
    ]
    for step in dict.fromkeys((*_LEFT, *(case.step for case in left))):
        gone = [case for case in left if case.step == step]
        if not gone:
            continue
        remaining -= len(gone)
        reasons = Counter(_first_line(case.reason) for case in gone).most_common()
        steps[-1]["left"].append(
            {"count": len(gone), "words": _LEFT.get(step, f"left at {step}"), "reasons": reasons}
        )
    steps.append({"words": "cases measured", "count": remaining, "left": []})
    return steps


def _first_line(reason: str) -> str:
    """What is wrong, without the paths that come after it."""
    lines = reason.splitlines()
    return lines[0].partition("; where: ")[0] if lines else "no reason is given"


def _analyses(record: Record) -> list[dict[str, Any]]:
    """What each analysis took of the measured cases."""
    return [
        {
            "name": analysis.name if len(record.analyses) > 1 else "",
            "role": analysis.role,
            "chosen": _chosen(analysis.where),
            "lines": [*_outcomes(analysis), *_notes(record, analysis)],
            **counts,
        }
        for analysis in record.analyses
        if (counts := _counts(analysis)) is not None
    ]


def _chosen(where: Mapping[str, Any]) -> str:
    """By which columns cases were chosen."""
    return ", ".join(
        f"{column.replace('_', ' ')} {_values(value, column)}" for column, value in where.items()
    )


def _values(value: Any, column: str) -> str:
    values = [str(each) for each in (value if isinstance(value, list) else [value])]
    if column == "modality":
        values = [MODALITIES.get(each, each) for each in values]
    return listed(values, "or")


def _counts(analysis: Analysis) -> dict[str, Any] | None:
    """Cases and patients of the analysis; nothing if its tables are not there."""
    if analysis.results:
        return {"rows": analysis.results["rows"], "patients": analysis.results["patients"]}
    table = analysis.features()
    if table is None:
        return None
    column = analysis.patient_column(list(table.frame.columns))
    patients = table.frame[column].nunique() if column in table.frame else len(table)
    return {"rows": len(table), "patients": int(patients)}


def _outcomes(analysis: Analysis) -> list[str]:
    """Patients of every outcome, or why it was not modelled."""
    if not analysis.outcomes and analysis.reason:
        return [f"not modelled: {_why(analysis.reason)}"]
    lines = []
    for outcome in analysis.outcomes:
        if outcome.modelled:
            told = outcome.told["outcome"]
            parts = [counted(told["patients"], "patient"), makeup(told)]
            if told.get("missing"):
                parts.append(f"{told['missing']} more have no value")
            lines.append(f"{outcome.name}: {'; '.join(part for part in parts if part)}")
        else:
            lines.append(f"{outcome.name}: not modelled: {_why(outcome.told.get('reason') or '')}")
    return lines


def _why(reason: str) -> str:
    sentence = reason_of(reason).sentence.removesuffix(".")
    return f"{sentence[0].lower()}{sentence[1:]}"


def _notes(record: Record, analysis: Analysis) -> list[str]:
    """Remarks of the model on its rows, in words of the cohort."""
    return [
        _ONE_IS.sub(r"\1 is", record.coded(note)).replace("in all rows", "in all cases")
        for note in analysis.results.get("notes", [])
    ]


def pictures_shown(record: Record) -> list[tuple[Case, str]]:
    """Cases with their pictures, spread over the cohort, as many as the protocol allows."""
    having = [(case, record.pictures[case.name]) for case in record.cases
              if case.name in record.pictures]  # fmt: skip
    limit = _picture_limit(record.protocol)
    while limit and sum(len(picture) for _, picture in _spread(having, limit)) > PICTURE_BUDGET:
        limit = limit * 9 // 10
    return _spread(having, limit)


def _spread(items: Sequence[Any], limit: int) -> list[Any]:
    """At most `limit` items, at equal distances."""
    if len(items) <= limit:
        return list(items)
    return [items[place * len(items) // limit] for place in range(limit)]


def _picture_limit(protocol: str) -> int:
    try:
        told = yaml.safe_load(protocol) or {}
    except yaml.YAMLError:
        return _PICTURES
    report = told.get("report") if isinstance(told, dict) else None
    limit = report.get("pictures") if isinstance(report, dict) else None
    return limit if isinstance(limit, int) else _PICTURES


def _by_modality(record: Record) -> dict[str, list[Case]]:
    """Measured cases by what they were imaged with; numbers of different ones do not compare."""
    found: dict[str, list[Case]] = {}
    for case in record.cases:
        if case.status == "measured":
            found.setdefault(case.cells.get("modality", ""), []).append(case)
    return dict(sorted(found.items(), key=lambda pair: -len(pair[1])))


def _facts(modality: str, cases: list[Case], several: bool, output: Output) -> dict[str, Any]:
    facts = [fact for fact in facts_of(cases) if not several or fact.column != "modality"]
    return {
        "modality": MODALITIES.get(modality, modality),
        "measured": len(cases),
        "constant": [fact for fact in facts if fact.constant],
        "varied": [_varied(fact, modality, output) for fact in facts if not fact.constant],
    }


def _varied(fact: Fact, modality: str, output: Output) -> dict[str, Any]:
    kind = "".join(letter if letter.isalnum() else "_" for letter in modality)
    name = f"cohort-{kind}-{fact.column}" if kind else f"cohort-{fact.column}"
    if fact.bins:
        file = output.downloads.table(name, ("from", "to", "cases"), fact.bins)
    else:
        rows = [(value, count) for value, count, _ in fact.counts]
        file = output.downloads.table(name, ("value", "cases"), rows)
    return {"fact": fact, "file": file}


def _table(record: Record, output: Output) -> Any:
    """Cases without their names, for the reader who wants all of them."""
    rows = [(case.code, case.status, case.step, _first_line(case.reason) if case.reason else "")
            for case in record.cases]  # fmt: skip
    return output.downloads.table("cohort-flow", ("case", "status", "step", "reason"), rows)
