"""Which clusters of features the model uses, where the plan asked for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from radiome.report.analysis_record import OutcomeFound
from radiome.report.words import counted, number, p_value, percent, sensible

#: Clusters that are told, at most.
_MOST = 12


def importance(outcome: OutcomeFound, called: Mapping[str, str]) -> dict[str, Any] | None:
    """Rows by cluster and a sentence, or nothing if the plan did not ask or the data refused.

    A row is the cluster's representative, its members beside it, the loss of concordance
    where it is exchanged between patients, the share of folds that use it, and its mean
    absolute Shapley value. `called` has the names of the features in words.
    """
    lost = _clusters(outcome.figures.get("importance"))
    shares = _clusters(outcome.figures.get("shap"))
    names = list(dict.fromkeys((*lost, *shares)))
    if not names:
        return None
    rows = [
        {"called": called.get(name, "")} | _row(name, lost.get(name, {}), shares.get(name, {}))
        for name in names[:_MOST]
    ]
    return {
        "rows": rows,
        "lost": bool(lost),
        "shares": bool(shares),
        "sentence": _sentence(outcome.figures.get("importance") or {}),
        "more": len(names) - len(rows),
    }


def _clusters(told: Any) -> dict[str, Mapping[str, Any]]:
    if not isinstance(told, Mapping):
        return {}
    return {each["representative"]: each for each in told.get("clusters", ())}


def _row(name: str, lost: Mapping[str, Any], share: Mapping[str, Any]) -> dict[str, str]:
    members = (lost or share)["members"]
    return {
        "name": name,
        "others": f"and {counted(len(members) - 1, 'other')}" if len(members) > 1 else "",
        "drop": number(lost["drop"], 3) if lost else "",
        "deviation": f"± {number(lost['deviation_over_folds'], 3)}" if lost else "",
        "used": percent(lost["folds_used"]) if lost else "",
        "shap": sensible(share["mean_absolute"]) if share else "",
    }


def _sentence(told: Mapping[str, Any]) -> str:
    """How the largest loss compares with that of models of permuted outcomes."""
    noise = told.get("permuted_outcome")
    if not isinstance(noise, Mapping) or "largest_drop" not in noise:
        return ""
    greatest = max(noise["largest_drops_permuted"], default=None)
    text = f"The largest loss is {number(noise['largest_drop'])}"
    if greatest is not None:
        permuted = counted(noise["shuffles"], "permuted outcome")
        text += f"; of models of {permuted} the largest was {number(greatest)}"
    return f"{text} ({p_value(noise['p'])})."
