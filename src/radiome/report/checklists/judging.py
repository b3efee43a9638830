"""Judges over all modelled outcomes: a test of each, or gates of the verdict."""

from __future__ import annotations

from collections.abc import Callable

from radiome.report.checklists.answers import Answer, Judge, done, for_author, not_done
from radiome.report.checklists.facts import OutcomeFacts, Record

#: How gates end, in words.
_ENDS = {
    "PASS": "passed",
    "FAIL": "failed",
    "UNKNOWN": "not known",
    "NOT_APPLICABLE": "does not apply",
}


def every(
    test: Callable[[OutcomeFacts], bool],
    key: str,
    *,
    yes: str | Callable[[OutcomeFacts], str],
    no: str,
) -> Judge:
    """A judge: all modelled outcomes pass a test.

    Parameters
    ----------
    test : callable
        Of one outcome.
    key : str
        Key of the outcome in the results.
    yes : str or callable
        The evidence, of all outcomes or of each.
    no : str
        The same; outcomes that fail are named behind it.
    """

    def judge(record: Record) -> Answer:
        if not record.modelled:
            return for_author("no modelled outcome on record")
        where = f"{record.results}: outcomes[].{key}"
        lacking = [outcome.name for outcome in record.modelled if not test(outcome)]
        if lacking:
            return not_done(f"{no}: {', '.join(lacking)}", where)
        if isinstance(yes, str):
            return done(yes, where)
        return done("; ".join(f"{o.name}: {yes(o)}" for o in record.modelled), where)

    return judge


def gates(*numbers: int) -> Judge:
    """A judge: these gates of the verdict pass, for every modelled outcome."""

    def judge(record: Record) -> Answer:
        where = f"{record.results}: outcomes[].gates ({', '.join(map(str, numbers))})"
        found = {outcome.gates.get(n, "UNKNOWN") for outcome in record.modelled for n in numbers}
        named = "gate" if len(numbers) == 1 else "gates"
        ends = ", ".join(_ENDS[each] for each in sorted(found))
        told = f"{named} {' and '.join(map(str, numbers))}: {ends}"
        if "FAIL" in found:
            return not_done(told, where)
        if not found:
            return for_author("no modelled outcome on record", where)
        if "UNKNOWN" in found or "PASS" not in found:
            return for_author(told, where)
        return done(told, where)

    return judge


def counts_of(outcome: OutcomeFacts) -> str:
    """Patients of each class, or with the event."""
    if outcome.classes:
        return ", ".join(f"{name}: {count}" for name, count in outcome.classes.items())
    if outcome.events is not None:
        return f"{outcome.events} events in {outcome.patients} patients"
    return f"{outcome.patients} patients"
