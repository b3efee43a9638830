"""Checks with four answers, and what a set of them amounts to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["PASS", "FAIL", "UNKNOWN", "NOT_APPLICABLE"]
Status = Literal["OK", "WARN", "INSUFFICIENT_INFORMATION", "ERROR"]


@dataclass(frozen=True, slots=True)
class Check:
    """One question and its answer.

    Parameters
    ----------
    name : str
        Short name, such as ``batch_size``.
    verdict : {"PASS", "FAIL", "UNKNOWN", "NOT_APPLICABLE"}
        UNKNOWN when the facts to decide are missing; never PASS by default.
    blocking : bool
        Whether a FAIL forbids what is planned, or only warns.
    evidence : str
        What was found, with figures.
    value : float, optional
        The figure that was judged; None where there is none.
    """

    name: str
    verdict: Verdict
    blocking: bool
    evidence: str
    value: float | None = None


def judged(name: str, passed: bool, blocking: bool, evidence: str, value: float | None) -> Check:
    """A check that could be decided."""
    return Check(name, "PASS" if passed else "FAIL", blocking, evidence, value)


def overall(checks: Iterable[Check]) -> Status:
    """Summary of checks.

    A blocking FAIL is an ERROR; else a blocking UNKNOWN is INSUFFICIENT_INFORMATION; else any
    FAIL or UNKNOWN is a WARN; else OK.
    """
    found = {(check.verdict, check.blocking) for check in checks}
    if ("FAIL", True) in found:
        return "ERROR"
    if ("UNKNOWN", True) in found:
        return "INSUFFICIENT_INFORMATION"
    return "WARN" if found & {("FAIL", False), ("UNKNOWN", False)} else "OK"


def as_lines(checks: Iterable[Check]) -> str:
    """One line per check: verdict, name, evidence."""
    return "\n".join(f"{check.verdict:<14} {check.name}: {check.evidence}" for check in checks)
