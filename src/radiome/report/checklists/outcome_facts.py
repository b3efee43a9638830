"""Facts of the outcomes of an analysis, from its results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from radiome.base.errors import UserError
from radiome.report.checklists.facts import OutcomeFacts


def outcome_facts(results: Mapping[str, Any]) -> tuple[OutcomeFacts, ...]:
    """What ``results.json`` tells of each outcome, in the order of the plan.

    Raises
    ------
    UserError
        If these are not the results of `radiome model`.
    """
    for key in ("plan", "outcomes"):
        if key not in results:
            raise UserError(
                f"the results of a model have no '{key}'",
                where="results.json",
                expected="the file that 'radiome model' wrote",
            )
    declared = {each["name"]: each for each in results["plan"]["outcomes"]}
    return tuple(_facts(each, declared.get(each["name"], {})) for each in results["outcomes"])


def _facts(told: Mapping[str, Any], declared: Mapping[str, Any]) -> OutcomeFacts:
    figures, summary = told.get("figures") or {}, told.get("outcome") or {}
    size, sites = figures.get("sample_size") or {}, figures.get("left_out_sites") or {}
    return OutcomeFacts(
        name=told["name"],
        kind=str(declared.get("kind") or ""),
        reference_standard=str(declared.get("reference_standard") or ""),
        modelled=told["status"] == "modelled",
        reason=str(told.get("reason") or ""),
        patients=summary.get("patients"),
        missing=summary.get("missing"),
        events=summary.get("events"),
        classes=summary.get("classes") or {},
        gates={int(gate["gate"]): str(gate["status"]) for gate in told.get("gates") or ()},
        compared=_bounded(figures.get("concordance")),
        gains=_bounded(figures.get("gain")),
        defined=_defined(figures.get("performance")),
        explained=frozenset(name for name in ("importance", "shap") if _has(figures.get(name))),
        needed=size.get("needed"),
        left_out_sites=len(sites["centres"]) if sites.get("centres") else None,
        permutations=(told.get("null") or {}).get("permutations"),
    )


def _bounded(figures: Mapping[str, Any] | None) -> frozenset[str]:
    """Names of figures that have both ends of an interval."""
    return frozenset(
        name
        for name, value in (figures or {}).items()
        if value.get("lower") is not None and value.get("upper") is not None
    )


def _defined(figures: Mapping[str, Any] | None) -> frozenset[str]:
    """Names of figures that have a value, not only a reason for none."""
    return frozenset(name for name, value in (figures or {}).items() if _has(value))


def _has(value: Any) -> bool:
    if isinstance(value, Mapping):
        return bool(value) and "reason" not in value
    return value is not None
