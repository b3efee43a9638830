"""What differs from the plan that was locked before the outcomes were read."""

from __future__ import annotations

from radiome.report.names import capitalised
from radiome.report.record import Record
from radiome.report.section import Output, Section
from radiome.report.words import moment


def deviations(record: Record, output: Output) -> Section | None:
    """The lock and what departs from it; nothing for a study that was never locked."""
    if record.lock is None:
        return None
    hashes = [
        (words, str(record.lock[name]))
        for name, words in (
            ("protocol_sha256", "Protocol"),
            ("cohort_sha256", "Cohort table"),
            ("outcomes_sha256", "Outcome table"),
            ("settings_sha256", "Settings file"),
        )
        if record.lock.get(name)
    ]
    content = {
        "locked": moment(str(record.lock.get("locked") or "")),
        "late": bool(record.lock.get("results_before")),
        "hashes": hashes,
        "deviations": [
            {**each, "what": capitalised(str(each["what"]))} for each in record.deviations
        ],
    }
    return Section("deviations", "Deviations from the locked plan", content)
