"""The cohort: who came in and who left, what the lesions look like, how they were imaged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import yaml

from radiome.report.acquisition_facts import Fact, facts_of
from radiome.report.record import Case, Record
from radiome.report.section import Output, Section
from radiome.report.words import counted, typeset

_LEFT = {
    "inspect": "could not be read",
    "extract": "could not be measured",
    "join": "left out when tables were joined",
}
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
    found = []
    for analysis in record.analyses:
        told = analysis.results
        if not told:
            continue
        chosen = ", ".join(f"{column} {_values(value)}" for column, value in analysis.where.items())
        outcomes = []
        for outcome in analysis.outcomes:
            if outcome.modelled:
                summary = outcome.told["outcome"]
                without = summary.get("missing", 0)
                words = f"{outcome.name}: {counted(summary['patients'], 'patient')}"
                outcomes.append(words + (f", {without} without a value" if without else ""))
            else:
                outcomes.append(f"{outcome.name}: not modelled")
        found.append(
            {
                "name": analysis.name,
                "role": analysis.role,
                "chosen": chosen,
                "rows": told["rows"],
                "patients": told["patients"],
                "notes": [typeset(record.coded(note)) for note in told.get("notes", [])],
                "outcomes": outcomes,
            }
        )
    return found


def _values(value: Any) -> str:
    return " or ".join(str(each) for each in value) if isinstance(value, list) else str(value)


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
        "modality": modality,
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
