"""Maps of features for their cards: by code of the case, or why there are none."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from radiome.report.analysis_record import Analysis
from radiome.report.record import Record
from radiome.report.trust_rows import TrustRow
from radiome.report.words import with_unit

#: Room for maps in the page, in bytes of base64; the default number takes a fifth of it.
MAP_BUDGET = 1_000_000


def map_values(
    record: Record, analysis: Analysis, rows: Sequence[TrustRow], room: int = MAP_BUDGET
) -> dict[str, dict[str, Any]]:
    """What the card of each mapped feature shows, as plain values.

    Parameters
    ----------
    record : Record
        Whose codes stand for the cases.
    analysis : Analysis
        Whose ``maps.json`` is read.
    rows : sequence of TrustRow
        Its features.
    room : int
        Bytes of pictures; the features selected most often come first.

    Returns
    -------
    dict of str to dict
        ``pictures`` by code, ``low`` and ``high`` with unit, or ``reason``, by feature.
    """
    codes = {case.name: case.code for case in record.cases}
    units = {row.tag: row.unit for row in rows}
    reasons = analysis.maps.get("reasons", {})
    found = {
        tag: {"reason": without_names(record, analysis, text)} for tag, text in reasons.items()
    }
    for tag, pair in analysis.maps.get("features", {}).items():
        size = sum(len(each["picture"]) for each in pair)
        if size > room:
            found[tag] = {"reason": "the page has no room for more; maps.json has it"}
            continue
        room -= size
        found[tag] = _shown(pair, codes, units.get(tag, ""))
    return {tag: told for tag, told in found.items() if tag in units}


def _shown(
    pair: Sequence[Mapping[str, Any]], codes: Mapping[str, str], unit: str
) -> dict[str, Any]:
    # A case that the cohort does not know has no code, and its name stays out of the page.
    known = [each for each in pair if each["case"] in codes]
    return {
        "pictures": {codes[each["case"]]: each["picture"] for each in known},
        "low": with_unit(pair[0]["low"], unit),
        "high": with_unit(pair[0]["high"], unit),
    }


def without_names(record: Record, analysis: Analysis, text: str) -> str:
    """A sentence with codes in place of the names of cases and patients."""
    columns = list(record.cases[0].cells) if record.cases else []
    codes = record.codes_of_patients(analysis.patient_column(columns))
    codes |= {case.name: case.code for case in record.cases}
    names = sorted(filter(None, codes), key=len, reverse=True)
    if not names:
        return text
    # Whole names alone: patient 1 is not the 1 of 10.
    pattern = "|".join(re.escape(name) for name in names)
    return re.sub(rf"(?<!\w)(?:{pattern})(?!\w)", lambda found: codes[found[0]], text)
