"""The table of changes: one row per lesion and follow-up, with reasons for its nulls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import UserError
from radiome.model.response.changes import Changes, changes
from radiome.model.response.delta_nulls import baseline_nulls, change_nulls
from radiome.model.response.options import PREFIXES, ChangeKind, DeltaOptions
from radiome.model.response.pair_warnings import (
    lost_lesions,
    settings_warnings,
    unchanging_features,
)
from radiome.model.response.pairing import LeftOut, pair_scans
from radiome.model.response.scan_table import ScanTable
from radiome.tables.columns import Column, number_column, text_column, typed_column

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class DeltaTable:
    """Changes between two scans of the same lesion.

    Parameters
    ----------
    cases, patients, lesions, times : tuple of str
        Of each pair of scans; the time point is the one of the follow-up, as written.
    names : tuple of str
        Features.
    before, after : array of float, shape (pairs, features)
        Values at baseline and at follow-up, NaN where there is none.
    interval : array of float, shape (pairs,)
        Time from baseline to follow-up.
    unit : str
        Its unit.
    kinds : dict
        Changes of each kind that was asked for.
    identifiers : tuple of Column
        What identifies the rows, and what was carried through.
    nulls : tuple of dict
        ``case``, ``tag`` and ``reason`` of each empty cell of the features.
    left_out : tuple of LeftOut
        Scans in no pair.
    warnings : tuple of str
        What a reader must know.
    """

    cases: tuple[str, ...]
    patients: tuple[str, ...]
    lesions: tuple[str, ...]
    times: tuple[str, ...]
    names: tuple[str, ...]
    before: Floats
    after: Floats
    interval: Floats
    unit: str
    kinds: dict[ChangeKind, Changes]
    identifiers: tuple[Column, ...]
    nulls: tuple[dict[str, str], ...]
    left_out: tuple[LeftOut, ...]
    warnings: tuple[str, ...]

    def columns(self, *, with_baseline: bool) -> list[Column]:
        """Columns of the changes, kind by kind, after those at baseline if wanted."""
        blocks = [("", self.before)] if with_baseline else []
        blocks += [(PREFIXES[kind], found.values) for kind, found in self.kinds.items()]
        return [
            number_column(prefix + name, _cells(values[:, place]))
            for prefix, values in blocks
            for place, name in enumerate(self.names)
        ]

    def without(self, reasons: Sequence[str], where: str) -> DeltaTable:
        """The table without the pairs that a reason is given for, which it keeps account of.

        Parameters
        ----------
        reasons : sequence of str
            One per pair; empty for those that stay.
        where : str
            At which step, for the reason in full.
        """
        gone = tuple(
            LeftOut(self.patients[row], self.lesions[row], self.times[row], why, f"{where}: {why}")
            for row, why in enumerate(reasons)
            if why
        )
        rows = [row for row, why in enumerate(reasons) if not why]
        cases = tuple(self.cases[row] for row in rows)
        known = set(cases)
        return DeltaTable(
            cases=cases,
            patients=tuple(self.patients[row] for row in rows),
            lesions=tuple(self.lesions[row] for row in rows),
            times=tuple(self.times[row] for row in rows),
            names=self.names,
            before=self.before[rows],
            after=self.after[rows],
            interval=self.interval[rows],
            unit=self.unit,
            kinds={k: Changes(c.values[rows], c.codes[rows]) for k, c in self.kinds.items()},
            identifiers=tuple(_taken(column, rows) for column in self.identifiers),
            nulls=tuple(null for null in self.nulls if null["case"] in known),
            left_out=self.left_out + gone,
            warnings=self.warnings,
        )


def _taken(column: Column, rows: Sequence[int]) -> Column:
    spelling = None if column.spelling is None else tuple(column.spelling[row] for row in rows)
    return Column(column.name, column.kind, tuple(column.cells[row] for row in rows), spelling)


def make_delta_table(table: ScanTable, options: DeltaOptions) -> DeltaTable:
    """Pair the scans and compute their changes.

    Raises
    ------
    UserError
        If nothing can be paired, scans of one lesion were measured with different settings
        (unless the options say to warn), or two columns would have the same name.
    """
    pairing = pair_scans(table, options)
    first = np.array([pair[0] for pair in pairing.pairs])
    second = np.array([pair[1] for pair in pairing.pairs])
    warnings = settings_warnings(table, pairing.pairs, options)
    before, after = table.values[first], table.values[second]
    interval = table.times.values[second] - table.times.values[first]
    kinds = {kind: changes(kind, before, after, interval) for kind in options.kinds}
    cases = tuple(table.name_of(row) for row in second.tolist())
    found = DeltaTable(
        cases=cases,
        patients=tuple(table.patients[row] for row in second.tolist()),
        lesions=tuple(table.lesions[row] for row in second.tolist()),
        times=tuple(table.times.texts[row] for row in second.tolist()),
        names=table.names,
        before=before,
        after=after,
        interval=interval,
        unit=table.times.unit,
        kinds=kinds,
        identifiers=_identifiers(table, cases, first, second, options),
        nulls=(
            *(baseline_nulls(table, cases, first) if options.with_baseline else ()),
            *change_nulls(table, cases, pairing.pairs, kinds),
        ),
        left_out=pairing.left_out,
        warnings=(
            *warnings,
            *lost_lesions(pairing.counts()),
            *unchanging_features(table.names, before, after),
        ),
    )
    _refuse_same_names(found, options, table.where)
    return found


def _cells(values: Floats) -> list[float | None]:
    return [None if np.isnan(value) else value for value in values.tolist()]


def _identifiers(
    table: ScanTable,
    cases: Sequence[str],
    first: NDArray[np.intp],
    second: NDArray[np.intp],
    options: DeltaOptions,
) -> tuple[Column, ...]:
    """Names, time points and carried columns; a column that differs is there twice."""

    def taken(cells: Sequence[str], rows: NDArray[np.intp]) -> list[str]:
        return [cells[row] for row in rows.tolist()]

    interval = table.times.values[second] - table.times.values[first]
    columns = [
        text_column("case", cases),
        text_column(options.patient, taken(table.patients, first)),
        *([text_column(options.lesion, taken(table.lesions, first))] if options.lesion else []),
        text_column("baseline_time", taken(table.times.texts, first)),
        text_column("followup_time", taken(table.times.texts, second)),
        number_column("interval", interval.tolist()),
    ]
    if any(table.cases):
        columns.append(text_column("baseline_case", taken(table.cases, first)))
        columns.append(text_column("followup_case", taken(table.cases, second)))
    for name, cells in table.carried.items():
        columns.append(typed_column(name, taken(cells, first)))
        if taken(cells, first) != taken(cells, second):
            columns.append(typed_column(f"followup_{name}", taken(cells, second)))
    return tuple(columns)


def _refuse_same_names(found: DeltaTable, options: DeltaOptions, where: str) -> None:
    rows = sorted(name for name, times in Counter(found.cases).items() if times > 1)
    if rows:
        raise UserError(
            "two pairs of scans would have the same name",
            where=where,
            expected="names of patients and lesions that stay apart when joined by '/'",
            got=", ".join(rows[:5]),
        )
    names = [column.name for column in found.identifiers]
    names += [column.name for column in found.columns(with_baseline=options.with_baseline)]
    twice = sorted(name for name, times in Counter(names).items() if times > 1)
    if twice:
        raise UserError(
            "two columns of the table of changes would have the same name",
            where=where,
            got=", ".join(twice[:5]),
            do="rename the columns of the feature table",
        )
