"""What the model says of every patient, averaged over the repeats of the cross-validation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any

from radiome.report.analysis_record import Analysis, OutcomeFound
from radiome.report.reading import number_of
from radiome.report.record import Record
from radiome.report.words import sensible


@dataclass(frozen=True, slots=True)
class Prediction:
    """Out-of-fold prediction of one patient.

    Parameters
    ----------
    code : str
        What the report calls the patient: the code of the first case.
    of_class : str
        Of which class, for outcomes with several; else empty.
    observed : str
        What is known of the patient; empty if the run folder does not say.
    score : float or None
        Mean over the repeats.
    low, high : float or None
        Least and greatest of the repeats.
    folds : int
        Predictions averaged.
    """

    code: str
    of_class: str
    observed: str
    score: float | None
    low: float | None
    high: float | None
    folds: int

    @property
    def observed_number(self) -> float | None:
        """The observed value, if it is a number."""
        return number_of(self.observed)

    @property
    def observed_words(self) -> str:
        """What is known of the patient; a time to event as ``event at 13.4``."""
        time, _, end = self.observed.partition(" ")
        if end in ("event", "censored") and number_of(time) is not None:
            return f"{end} at {sensible(number_of(time))}"
        return self.observed

    @property
    def sorted_by(self) -> str:
        """What the observed column sorts by: the number in it, if there is one."""
        begin = self.observed.partition(" ")[0]
        return begin if number_of(begin) is not None else self.observed

    def as_plain(self) -> dict[str, Any]:
        """For plots."""
        return asdict(self)


def predictions_of(record: Record, analysis: Analysis, outcome: OutcomeFound) -> list[Prediction]:
    """Predictions of the features' model for one outcome, the highest first."""
    rows = [row for row in analysis.predictions
            if row["outcome"] == outcome.name and row["model"] == "features"]  # fmt: skip
    column = analysis.patient_column(list(record.cases[0].cells) if record.cases else [])
    codes = record.codes_of_patients(column)
    observed = _observed(record, column, outcome)
    scores: dict[tuple[str, str], list[float]] = {}
    told: dict[str, str] = {}
    for row in rows:
        score = number_of(row["score"])
        kept = scores.setdefault((row["patient"], row.get("class", "")), [])
        if score is not None:
            kept.append(score)
        told[row["patient"]] = row.get("observed", "") or observed.get(row["patient"], "")
    codes = {
        patient: codes.get(patient, f"patient {number}")
        for number, patient in enumerate(told, start=1)
    }
    found = [
        _prediction(codes[patient], of_class, told[patient], values)
        for (patient, of_class), values in scores.items()
    ]
    return sorted(found, key=lambda each: -(each.score if each.score is not None else -1e300))


def _prediction(code: str, of_class: str, observed: str, values: list[float]) -> Prediction:
    if not values:
        return Prediction(code, of_class, observed, None, None, None, 0)
    return Prediction(
        code, of_class, observed, fmean(values), min(values), max(values), len(values)
    )


def observed_decimals(rows: Sequence[Prediction]) -> int:
    """Decimals that all observed numbers are shown with: those of the longest, three at most."""
    return min(max((len(row.observed.partition(".")[2].rstrip("0")) for row in rows), default=0), 3)


@dataclass(frozen=True, slots=True)
class Called:
    """One patient of an outcome with several classes.

    Parameters
    ----------
    code, observed, called : str
        The patient, its class, and the class of the highest probability.
    scores : list of float or None
        Probability of each class.
    """

    code: str
    observed: str
    called: str
    scores: list[float | None]


def by_patient(rows: Sequence[Prediction], classes: Sequence[str]) -> list[Called]:
    """One row for each patient, those of the first class first, the surest of it on top."""
    found: dict[str, dict[str, Prediction]] = {}
    for row in rows:
        found.setdefault(row.code, {})[row.of_class] = row
    called = [_called(code, told, classes) for code, told in found.items()]
    order = {name: place for place, name in enumerate(classes)}
    called.sort(key=lambda each: (order.get(each.observed, len(order)), -_surety(each)))
    return called


def _surety(each: Called) -> float:
    return max((score for score in each.scores if score is not None), default=0.0)


def _called(code: str, told: Mapping[str, Prediction], classes: Sequence[str]) -> Called:
    scores = [told[name].score if name in told else None for name in classes]
    known = [(score, -place) for place, score in enumerate(scores) if score is not None]
    highest = classes[-max(known)[1]] if known else ""
    return Called(code, next(iter(told.values())).observed, highest, scores)


def _observed(record: Record, column: str, outcome: OutcomeFound) -> Mapping[str, str]:
    """What the table of cases says of every patient, in the words of the outcome's classes."""
    options, kind = outcome.options, outcome.told["outcome"]["kind"]
    found: dict[str, str] = {}
    for case in record.cases:
        patient = case.cells.get(column) or case.name
        if kind == "survival":
            time = case.cells.get(str(options.get("time")), "")
            event = case.cells.get(str(options.get("event")), "")
            text = f"{time} {'event' if event == options.get('event_of_interest') else 'censored'}"
            found.setdefault(patient, text if time and event else "")
            continue
        cell = case.cells.get(str(options.get("column") or outcome.name), "")
        positive = options.get("positive")
        if cell and kind == "binary" and positive is not None and cell != str(positive):
            cell = f"not {positive}"
        found.setdefault(patient, cell)
    return found
