"""Kaplan-Meier curves of thirds of predicted risk, with numbers at risk."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from radiome.base.counting import counted
from radiome.model.out_of_fold import OutOfFold
from radiome.model.plots.axes_marks import named
from radiome.model.plots.material import Material, bounded
from radiome.model.plots.plot import Plot, Table, rows_as_cells
from radiome.model.plots.sheet import ACCENT, BAND_OPACITY, INK, QUIET, TEXT, WIDTH, Sheet
from radiome.model.plots.words import percent, spoken
from radiome.model.survival_curves import kaplan_meier

Floats = NDArray[np.float64]

_NAMES = ("part", "third", "time", "event_free", "lower", "upper", "at_risk")
THIRDS = ("low", "middle", "high")
_COLOURS = {"low": QUIET, "middle": "#b0b0b0", "high": ACCENT}
_TICKS = 5


def survival_thirds(material: Material) -> Plot | None:
    """Event-free patients by third of predicted risk; nothing if the risks are all tied."""
    rank = mean_rank(material.found)
    if np.ptp(rank) == 0:
        return None
    third = np.digitize(rank, np.quantile(rank, [1 / 3, 2 / 3]), right=True)
    time, event = material.outcome.values["time"], material.outcome.values["event"]
    present = [code for code in range(3) if (third == code).any()]
    if len(present) < 2:
        return None
    rows: list[tuple[Any, ...]] = []
    ticks = _ticks(float(time.max()))
    for code in present:
        rows += _curve(time[third == code], event[third == code], THIRDS[code])
        at_risk = [int((time[third == code] >= tick).sum()) for tick in ticks]
        rows += [
            ("at risk", THIRDS[code], tick, None, None, None, count)
            for tick, count in zip(ticks, at_risk, strict=True)
        ]
    axis = str(material.outcome.options.time)
    title, subtitle = _words(material, third)
    note = (
        "Thirds of the mean rank among the patients of a fold, who were predicted by one model "
        "that had not seen them; the cuts are those of all patients, not of a training set. "
        "Bands: pointwise 95 % (log-log)."
    )
    cells = rows_as_cells(_NAMES, rows)

    def draw(sheet: Sheet, table: Table) -> None:
        _draw(sheet, table, axis)

    return Plot(title, subtitle, note, cells, 2.25 + 0.2 + 0.15 * (len(present) + 1) + 0.3, draw)


def mean_rank(found: OutOfFold) -> Floats:
    """Rank of each patient's risk (m,) among the patients of its fold, 0 to 1, mean of repeats.

    Scores of different folds come from different models, and only ranks are compared.
    """
    ranks = np.full(found.folds.shape, np.nan)
    for repeat, (score, folds) in enumerate(zip(found.scores, found.folds, strict=True)):
        for fold in np.unique(folds):
            rows = np.flatnonzero((folds == fold) & np.isfinite(score))
            if rows.size:
                ranks[repeat, rows] = (rankdata(score[rows]) - 0.5) / rows.size
    mean: Floats = np.nanmean(ranks, axis=0)
    return mean


def _curve(time: Floats, event: NDArray[np.bool_], name: str) -> list[tuple[Any, ...]]:
    curve = kaplan_meier(time, event)
    rows: list[tuple[Any, ...]] = [("curve", name, 0.0, 1.0, None, None, len(time))]
    for place, (moment, survival) in enumerate(zip(curve.times, curve.survival, strict=True)):
        told = curve.interval_at(float(moment))
        rows.append(("curve", name, moment, survival, told.lower, told.upper, curve.at_risk[place]))
    return rows


def _words(material: Material, third: NDArray[np.int64]) -> tuple[str, str]:
    """Event-free shares at the median event time, where follow-up of both ends reaches it."""
    time, event = material.outcome.values["time"], material.outcome.values["event"]
    found = bounded(material.figures["concordance"]["features"])
    title = "Event-free patients by third of predicted risk"
    moment = float(np.median(time[event])) if event.any() else np.inf
    ends = [third == 0, third == third.max()]
    if all(time[rows].max(initial=0) >= moment for rows in ends):
        low, high = (float(kaplan_meier(time[r], event[r]).at([moment])[0]) for r in ends)
        title = (
            f"At time {moment:.3g}, {percent(low)} of the low and {percent(high)} of the high "
            "third are event-free"
        )
    subtitle = f"{counted(len(time), 'patient')}, {counted(int(event.sum()), 'event')}"
    if found is not None:
        subtitle += f", concordance {spoken(found)}"
    return title, subtitle


def _ticks(end: float) -> list[float]:
    """Round times from 0, about `_TICKS` of them, none beyond the end."""
    rough = end / _TICKS
    power = 10 ** np.floor(np.log10(rough)) if rough > 0 else 1.0
    step = next(float(m * power) for m in (1, 2, 2.5, 5, 10) if m * power >= rough - 1e-12)
    return [float(tick) for tick in np.arange(0, end + 1e-9 * step, step)]


def _draw(sheet: Sheet, table: Table, axis: str) -> None:
    curves, at_risk = table.where(part="curve"), table.where(part="at risk")
    names = [name for name in reversed(THIRDS) if name in curves.distinct("third")]
    below = 0.15 * (len(names) + 1) + 0.3 + 0.2
    axes = sheet.axes(0.62, below, WIDTH - 0.62 - 0.42, sheet.height - below - 0.03)
    end = float(curves.numbers("time").max())
    last: list[tuple[float, str]] = []
    for name in names:
        part = curves.where(third=name)
        time, share = part.numbers("time"), part.numbers("event_free")
        colour = _COLOURS[name]
        opacity = BAND_OPACITY * (0.6 if name == "middle" else 1)
        lower, upper = part.numbers("lower"), part.numbers("upper")
        axes.fill_between(time, lower, upper, step="post", color=colour, alpha=opacity, linewidth=0)
        wide = 1.4 if name == "high" else 1.1
        axes.step(time, share, where="post", color=colour, linewidth=wide)
        last.append((float(share[-1]), name))
    _names_at_end(axes, last, end)
    axes.set_xlim(0, end)
    axes.set_ylim(0, 1.02)
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "0.25", "0.5", "0.75", "1"])
    ticks = at_risk.where(third=names[0]).numbers("time")
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_xlabel("Time" if axis.casefold() == "time" else f"Time ({axis})")
    axes.set_ylabel("Event-free")
    _numbers(sheet, axes, at_risk, names)


def _names_at_end(axes: Any, last: list[tuple[float, str]], end: float) -> None:
    """Names of the curves where they end, moved apart as far as they would overlap."""
    y = -np.inf
    for share, name in sorted(last):
        y = max(share, y + 0.075)
        colour = QUIET if name == "middle" else _COLOURS[name]
        named(axes, end * 1.02, y, name, va="center", color=colour)


def _numbers(sheet: Sheet, axes: Any, at_risk: Table, names: list[str]) -> None:
    """Patients at risk under the ticks of the time axis."""
    box, height = axes.get_position(), float(sheet.figure.get_size_inches()[1])
    top = (box.y0 * height - 0.44) / height
    line = 0.15 / height
    first = 0.08 / WIDTH
    sheet.figure.text(first, top, "At risk", size=TEXT, color=INK, va="center_baseline")
    end = axes.get_xlim()[1]
    for row, name in enumerate(names, start=1):
        part = at_risk.where(third=name)
        y = top - row * line
        colour = QUIET if name == "middle" else _COLOURS[name]
        sheet.figure.text(first, y, name, size=TEXT, color=colour, va="center_baseline")
        for time, count in zip(part.numbers("time"), part.numbers("at_risk"), strict=True):
            x = box.x0 + box.width * time / end
            sheet.figure.text(
                x, y, f"{count:.0f}", size=TEXT, color=INK, ha="center", va="center_baseline"
            )
