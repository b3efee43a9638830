"""Whether each feature changes at all: paired tests, corrected for many features.

Paired t with its interval, Wilcoxon's signed ranks (zero changes dropped, as Wilcoxon did;
exact for up to 50 changes without ties), both corrected by Benjamini and Hochberg, and max-T
over sign flips, which corrects for all features with their correlation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import SettingsError
from radiome.model.response.patient_changes import PatientChanges
from radiome.model.response.sign_flips import SignFlips, sign_flip_test
from radiome.select.multiplicity import benjamini_hochberg

Floats = NDArray[np.float64]
Scale = Literal["absolute", "log_ratio"]

#: Fewest changes that a feature is tested on.
FEWEST = 3
#: Changes that differ by less than this share of the largest value differ by rounding.
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class PairedTests:
    """Tests of change, one row per feature.

    Parameters
    ----------
    rows : tuple of dict
        ``feature``, ``n``, means, ``mean_change`` with its 95 % interval, ``sd_change``,
        ``t``, ``p_t``, ``q_t``, ``w``, ``p_wilcoxon``, ``q_wilcoxon``, ``p_flips``,
        ``p_single_step``, ``p_step_down``; None where not tested, and ``not_tested``.
    summary : dict
        Counts for the record.
    """

    rows: tuple[dict[str, Any], ...]
    summary: dict[str, Any]


def paired_tests(
    data: PatientChanges, *, scale: Scale = "absolute", flips: int = 999, seed: int = 0
) -> PairedTests:
    """Test every feature for a change from baseline to follow-up.

    Parameters
    ----------
    data : PatientChanges
        One row per patient.
    scale : {"absolute", "log_ratio"}
        Differences, or differences of logarithms: those of features that are above 0.
        Relative changes are not tested: 50 % down and up again is -50 % and +100 %.
    flips, seed : int
        Sign flips; see `sign_flip_test`.
    """
    if scale not in ("absolute", "log_ratio"):
        raise SettingsError(
            "the scale of the tests is not known", expected="absolute, log_ratio", got=scale
        )
    before, after = data.before, data.after
    positive = ~np.any((before <= 0) | (after <= 0), axis=0)
    if scale == "log_ratio":
        with np.errstate(divide="ignore", invalid="ignore"):
            before = np.where(positive, np.log(before), np.nan)
            after = np.where(positive, np.log(after), np.nan)
    change = after - before
    reasons = [
        "values of 0 or below have no logarithm"
        if scale == "log_ratio" and not positive[place]
        else _why_not(change[:, place], before[:, place])
        for place in range(change.shape[1])
    ]
    tested = np.array([not reason for reason in reasons])
    flipped = sign_flip_test(change[:, tested], flips=flips, seed=seed) if tested.any() else None
    rows = [
        {"feature": name, **_feature(before[:, place], after[:, place], reasons[place])}
        for place, name in enumerate(data.names)
    ]
    _add_corrections(rows, tested, flipped)
    return PairedTests(tuple(rows), _summary(rows, tested, flipped, scale, len(data.patients)))


def _why_not(change: Floats, before: Floats) -> str:
    known = change[~np.isnan(change)]
    size = np.max(np.abs(before), where=~np.isnan(before), initial=0.0)
    if known.size < FEWEST:
        return f"fewer than {FEWEST} patients have both values"
    if np.ptp(known) <= _ROUNDING * max(size, np.abs(known).max()):
        return "all changes are the same"
    return ""


def _feature(before: Floats, after: Floats, reason: str) -> dict[str, Any]:
    from scipy import stats

    known = ~np.isnan(after - before)
    change = after[known] - before[known]
    row: dict[str, Any] = {
        "n": int(known.sum()),
        "mean_baseline": float(before[known].mean()) if known.any() else None,
        "mean_followup": float(after[known].mean()) if known.any() else None,
        "mean_change": float(change.mean()) if known.any() else None,
    }
    names = ("low", "high", "sd_change", "t", "p_t", "w", "p_wilcoxon")
    if reason:
        return {**row, **dict.fromkeys(names), "not_tested": reason}
    t = stats.ttest_1samp(change, 0.0)
    interval = t.confidence_interval(0.95)
    signed = stats.wilcoxon(change, zero_method="wilcox", method="auto")
    found = (interval.low, interval.high, change.std(ddof=1), t.statistic, t.pvalue)
    values = [float(value) for value in (*found, signed.statistic, signed.pvalue)]
    return {**row, **dict(zip(names, values, strict=True)), "not_tested": ""}


def _add_corrections(
    rows: list[dict[str, Any]], tested: NDArray[np.bool_], flipped: SignFlips | None
) -> None:
    for name in ("t", "wilcoxon"):
        adjusted = benjamini_hochberg([row[f"p_{name}"] for row in rows])
        for row, value in zip(rows, adjusted.tolist(), strict=True):
            row[f"q_{name}"] = None if np.isnan(value) else value
    for row in rows:
        row.update(p_flips=None, p_single_step=None, p_step_down=None)
        row["not_tested"] = row.pop("not_tested")
    if flipped is not None:
        for at, place in enumerate(np.flatnonzero(tested).tolist()):
            rows[place].update(
                p_flips=float(flipped.p[at]),
                p_single_step=float(flipped.p_single_step[at]),
                p_step_down=float(flipped.p_step_down[at]),
            )


def _summary(
    rows: list[dict[str, Any]],
    tested: NDArray[np.bool_],
    flipped: SignFlips | None,
    scale: Scale,
    patients: int,
) -> dict[str, Any]:
    def below(name: str) -> int:
        return sum(row[name] is not None and row[name] < 0.05 for row in rows)

    return {
        "scale": scale,
        "patients": patients,
        "tested": int(tested.sum()),
        "not_tested": int((~tested).sum()),
        "p_t_below_0.05": below("p_t"),
        "q_t_below_0.05": below("q_t"),
        "q_wilcoxon_below_0.05": below("q_wilcoxon"),
        "p_step_down_below_0.05": below("p_step_down"),
        "expected_by_chance_at_0.05": round(0.05 * int(tested.sum()), 2),
        "flips": flipped.flips if flipped else 0,
        "all_flips": bool(flipped and flipped.exact),
        # A flip and its opposite have the same size of t.
        "smallest_p_possible": _smallest(flipped),
    }


def _smallest(flipped: SignFlips | None) -> float | None:
    if flipped is None:
        return None
    return 2 / flipped.flips if flipped.exact else 1 / (1 + flipped.flips)
