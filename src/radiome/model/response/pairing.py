"""Which scan is compared with which, and why the others are not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from radiome.base.errors import UserError
from radiome.model.response.options import DeltaOptions
from radiome.model.response.scan_table import ScanTable

Rows = dict[str, int]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Scans of a patient or lesion that are in no pair.

    Parameters
    ----------
    patient, lesion, time : str
        Which; a time point is as it was written.
    kind : str
        Reason in short, the same for all of its kind.
    reason : str
        Why, in full.
    """

    patient: str
    lesion: str
    time: str
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class Pairing:
    """Pairs of rows, and what is in none.

    Parameters
    ----------
    pairs : tuple of (int, int)
        Rows of the baseline and of the follow-up, by patient, time point and lesion.
    left_out : tuple of LeftOut
        The rest, with reasons.
    """

    pairs: tuple[tuple[int, int], ...]
    left_out: tuple[LeftOut, ...]

    def counts(self) -> dict[str, int]:
        """How many were left out for each kind of reason."""
        return dict(Counter(item.kind for item in self.left_out))


def pair_scans(table: ScanTable, options: DeltaOptions) -> Pairing:
    """Compare each lesion at follow-up with the same lesion at the baseline of its patient.

    The baseline is one time point of the patient, not of each lesion: a lesion that is
    first seen later has none. A baseline that could not be measured stays the baseline.

    Raises
    ------
    UserError
        If nothing can be compared.
    """
    named = None
    if options.baseline != "first":
        named = table.times.value_of(options.baseline, what="the baseline")
    wanted = None
    if options.follow_up not in ("all", "first", "last"):
        wanted = table.times.value_of(options.follow_up, what="the follow-up")
    pairs: list[tuple[int, int]] = []
    left_out: list[LeftOut] = []
    for patient, moments in _by_patient(table).items():
        chooser = _Patient(table, patient, moments)
        for item in chooser.compare(named, wanted, options.follow_up):
            if isinstance(item, LeftOut):
                left_out.append(item)
            else:
                pairs.append(item)
    found = Pairing(tuple(pairs), tuple(left_out))
    if not pairs:
        counts = "; ".join(f"{kind}: {number}" for kind, number in found.counts().items())
        raise UserError(
            "no scan can be compared with a baseline",
            where=table.where,
            expected="patients with a scan at baseline and one after it",
            got=counts,
            do="check the columns given as patient, lesion and time point",
        )
    return found


def _by_patient(table: ScanTable) -> dict[str, dict[float, Rows]]:
    """Rows of each patient by time point, in its order, and lesion."""
    found: dict[str, dict[float, Rows]] = {}
    for row, (patient, lesion) in enumerate(zip(table.patients, table.lesions, strict=True)):
        moment = float(table.times.values[row])
        found.setdefault(patient, {}).setdefault(moment, {})[lesion] = row
    return {patient: dict(sorted(moments.items())) for patient, moments in found.items()}


@dataclass(frozen=True, slots=True)
class _Patient:
    table: ScanTable
    name: str
    moments: dict[float, Rows]

    def compare(
        self, named: float | None, wanted: float | None, follow_up: str
    ) -> Iterator[tuple[int, int] | LeftOut]:
        start = next(iter(self.moments)) if named is None else named
        if len(self.moments) == 1:
            yield from self._whole(self.moments, "one time point", "the patient has no other scan")
            return
        if start not in self.moments:
            yield from self._whole(
                self.moments, "no baseline", "the patient has no scan at the baseline asked for"
            )
            return
        earlier = [moment for moment in self.moments if moment < start]
        later = [moment for moment in self.moments if moment > start]
        yield from self._whole(earlier, "before the baseline", "the scan is before the baseline")
        if not later:
            yield from self._whole([start], "no follow-up", "no scan is after the baseline")
            return
        chosen = _chosen(later, wanted, follow_up)
        unasked = [moment for moment in later if moment not in chosen]
        reason = f"not the follow-up asked for ({follow_up})"
        yield from self._whole(unasked, "other follow-up", reason)
        for moment in chosen:
            yield from self._pairs(self.moments[start], self.moments[moment])

    def _pairs(self, before: Rows, after: Rows) -> Iterator[tuple[int, int] | LeftOut]:
        for lesion, row in before.items():
            if lesion not in after:
                time = self.table.times.texts[next(iter(after.values()))]
                yield LeftOut(
                    self.name,
                    lesion,
                    time,
                    "no lesion at follow-up",
                    "the lesion is not in the table at this time point: gone, or not outlined",
                )
                continue
            other = after[lesion]
            fault = self.table.faults[row] or self.table.faults[other]
            if fault:
                which = "baseline" if self.table.faults[row] else "follow-up"
                kind = f"{which} not measured"
                yield self._row(other, kind, f"the {which} was not measured: {fault}")
            else:
                yield row, other
        for lesion, row in after.items():
            if lesion not in before:
                yield self._row(row, "new lesion", "the lesion is not in the table at baseline")

    def _whole(
        self, moments: Sequence[float] | dict[float, Rows], kind: str, reason: str
    ) -> Iterator[LeftOut]:
        for moment in moments:
            for row in self.moments[moment].values():
                yield self._row(row, kind, reason)

    def _row(self, row: int, kind: str, reason: str) -> LeftOut:
        table = self.table
        return LeftOut(self.name, table.lesions[row], table.times.texts[row], kind, reason)


def _chosen(later: Sequence[float], wanted: float | None, follow_up: str) -> Sequence[float]:
    if wanted is not None:
        return [moment for moment in later if moment == wanted]
    if follow_up == "all":
        return later
    return [later[0] if follow_up == "first" else later[-1]]
