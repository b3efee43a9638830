"""Whether the change of a feature depends on its baseline, or only seems to.

A change f1 - f0 contains -f0, and with it the measurement error of f0. It is correlated with
the baseline if nothing but error differs (mathematical coupling, regression to the mean): with
equal variances and the correlation ρ of f0 and f1, corr(f1 - f0, f0) = -√((1 - ρ) / 2).

- Oldham (1962) correlates the change with the mean of the two values. It is zero if the
  variances are equal, and its test is the one of equal variances of paired values (Pitman and
  Morgan). It presumes the same error at both scans.
- Blomqvist (1977) removes the error from the slope of the change on the baseline: with the
  reliability λ = 1 - wSD² / var(f0), slope_true = (slope + 1 - λ) / λ.
- A relative change has the baseline in its denominator, and is coupled in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.base.counting import counted
from radiome.model.response.changes import changes
from radiome.model.response.patient_changes import PatientChanges
from radiome.model.response.repeatability import Limit
from radiome.select.inputs import ROUNDING

Floats = NDArray[np.float64]

#: Fewest patients for a correlation.
FEWEST = 4
_COLUMNS = (
    "r_change_baseline",
    "r_from_coupling_alone",
    "r_relative_baseline",
    "slope",
    "r_oldham",
    "p_oldham",
    "slope_blomqvist",
)


def coupling(data: PatientChanges, limits: Mapping[str, Limit]) -> list[dict[str, Any]]:
    """Correlations of change and baseline of each feature, raw and without the coupling.

    Parameters
    ----------
    data : PatientChanges
        One row per patient.
    limits : mapping
        Smallest detectable change of features, where known; Blomqvist's slope needs one in
        units of the feature.

    Returns
    -------
    list of dict
        ``feature``, ``n``, ``r_change_baseline``, ``r_from_coupling_alone``,
        ``r_relative_baseline``, ``slope`` (of the change on the baseline), ``r_oldham``,
        ``p_oldham``, ``slope_blomqvist``; None where not defined, and ``reason`` why.
    """
    interval = np.ones(len(data.patients))
    relative = changes("relative", data.before, data.after, interval).values
    return [
        {
            "feature": name,
            **_coupling(
                data.before[:, place],
                data.after[:, place],
                relative[:, place],
                limits.get(name),
            ),
        }
        for place, name in enumerate(data.names)
    ]


def _coupling(
    before: Floats, after: Floats, relative: Floats, limit: Limit | None
) -> dict[str, Any]:
    known = ~np.isnan(after - before)
    f0, f1 = before[known], after[known]
    row: dict[str, Any] = {"n": int(known.sum()), **dict.fromkeys(_COLUMNS)}
    reason = _why_not(f0, f1)
    if reason:
        return {**row, "reason": reason}
    change = f1 - f0
    row["r_change_baseline"] = _r(change, f0)
    row["r_from_coupling_alone"] = -float(np.sqrt(max(1 - _r(f0, f1), 0.0) / 2))
    row["slope"] = slope = float(np.cov(change, f0)[0, 1] / f0.var(ddof=1))
    row["r_oldham"], row["p_oldham"] = _oldham(f0, f1)
    share = relative[known]
    told = ~np.isnan(share)
    if told.sum() >= FEWEST and _varies(share[told]) and _varies(f0[told]):
        row["r_relative_baseline"] = _r(share[told], f0[told])
    row["slope_blomqvist"], why = _blomqvist(slope, f0, limit)
    return {**row, "reason": why}


def _why_not(f0: Floats, f1: Floats) -> str:
    if f0.size < FEWEST:
        return f"fewer than {FEWEST} patients have both values"
    if not (_varies(f0) and _varies(f1)):
        return "the values of one scan are all the same"
    # Against the size of the values: the rounding of a difference is theirs.
    if np.ptp(f1 - f0) <= ROUNDING * np.abs(f0).max():
        return "all changes are the same"
    return ""


def _varies(values: Floats) -> bool:
    return bool(np.ptp(values) > ROUNDING * np.abs(values).max())


def _r(x: Floats, y: Floats) -> float:
    return float(np.corrcoef(x, y)[0, 1])


def _oldham(f0: Floats, f1: Floats) -> tuple[float | None, float | None]:
    from scipy import stats

    mean = (f0 + f1) / 2
    if not np.ptp(mean) > ROUNDING * np.abs(f0).max():
        return None, None
    found = stats.pearsonr(f1 - f0, mean)
    return float(found.statistic), float(found.pvalue)


def _blomqvist(slope: float, f0: Floats, limit: Limit | None) -> tuple[float | None, str]:
    wsd = None if limit is None else limit.wsd()
    if wsd is None:
        return None, "Blomqvist's slope needs a repeatability in units of the feature"
    reliability = 1 - wsd**2 / float(f0.var(ddof=1))
    if reliability <= 0:
        return None, "the values at baseline differ by no more than repeated scans do"
    return (slope + 1 - reliability) / reliability, ""


def summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Counts for the record."""
    told = [row for row in rows if row["r_change_baseline"] is not None]
    raw = [row["r_change_baseline"] for row in told]
    return {
        "features": len(told),
        "median_r_change_baseline": float(np.median(raw)) if raw else None,
        "r_change_baseline_below_-0.3": sum(r < -0.3 for r in raw),
        "p_oldham_below_0.05": sum(
            row["p_oldham"] is not None and row["p_oldham"] < 0.05 for row in told
        ),
    }


def warnings(counts: dict[str, Any]) -> list[str]:
    """What the counts mean."""
    falling = counts["r_change_baseline_below_-0.3"]
    if not falling:
        return []
    more = "changes more the further it starts"
    if falling != 1:
        more = "change more the further they start"
    return [
        f"{falling} of {counted(counts['features'], 'feature')} {more} from "
        "the mean (r of change and baseline below -0.3). Measurement error alone does that "
        "(regression to the mean): read Oldham's and Blomqvist's figures, and adjust for the "
        "baseline"
    ]
