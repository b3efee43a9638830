"""The files of a study: results, predictions, ledger, selection."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from radiome.model.locked.source import describe_source
from radiome.model.locked.study_models import lock_study
from radiome.model.out_of_fold import OutOfFold
from radiome.model.plots.writing import write_plots
from radiome.model.run import OutcomeResult, StudyResult, record_of
from radiome.tables.atomic import replacing, write_json
from radiome.tables.columns import number_column, text_column
from radiome.tables.files import write_csv


def write_study(result: StudyResult, folder: Path, *, provenance: dict[str, Any]) -> None:
    """Write the files of a study.

    Parameters
    ----------
    result : StudyResult
        What was computed.
    folder : Path
        ``results.json``, ``verdict.txt``, ``predictions.csv``, ``selection.csv`` and
        ``ledger.json`` go here, each whole or the old one, and a locked model of each
        modelled outcome into its folder ``models``; with ``report.conformal``
        ``conformal.csv`` too.
    provenance : dict
        Files and their hashes, command, times; the first input is the feature table.
    """
    folder.mkdir(parents=True, exist_ok=True)
    modelled = [outcome for outcome in result.outcomes if outcome.evaluation]
    write_json(folder / "results.json", record_of(result, provenance=provenance), indent=1)
    write_json(folder / "ledger.json", [fit for o in modelled for fit in _fits(o)], indent=1)
    with replacing(folder / "verdict.txt") as part:
        part.write_text(verdict_text(result) + "\n", encoding="utf-8")
    _write_predictions(modelled, folder / "predictions.csv")
    _write_selection(modelled, folder / "selection.csv")
    if result.plan.report.conformal is not None:
        _write_ranges(modelled, folder / "conformal.csv")
    features = next(iter(provenance.get("inputs", ())), None)
    write_plots(result, folder / "plots")
    lock_study(result, folder / "models", source=describe_source(features))


def _fits(result: OutcomeResult) -> Iterator[dict[str, Any]]:
    if result.evaluation is None:
        return
    for model, fits in result.evaluation.fits().items():
        for fit in fits:
            yield {"outcome": result.name, "model": model, **fit.as_dict()}


def _write_predictions(results: list[OutcomeResult], path: Path) -> None:
    rows: list[tuple[Any, ...]] = []
    for result in results:
        if result.evaluation is not None:
            for step, found in result.evaluation.ladder.steps.items():
                rows += list(_prediction_rows(result.name, step, found))
    names = ("outcome", "model", "patient", "repeat", "fold", "class")
    cells = list(zip(*rows, strict=True)) if rows else [()] * 8
    columns = [
        text_column(name, [str(v) for v in cell]) for name, cell in zip(names, cells, strict=False)
    ]
    write_csv(path, [*columns, number_column("score", cells[6]), text_column("observed", cells[7])])


def _prediction_rows(outcome: str, step: str, found: OutOfFold) -> Iterator[tuple[Any, ...]]:
    scores = found.scores if found.scores.ndim == 3 else found.scores[..., None]
    classes = found.outcome.classes if found.scores.ndim == 3 else ("",)
    observed = found.outcome.texts()
    for repeat, (score, fold) in enumerate(zip(scores, found.folds, strict=True), start=1):
        for row, patient in enumerate(found.patients.tolist()):
            for name, value in zip(classes, score[row].tolist(), strict=True):
                given = value if np.isfinite(value) else None
                yield (
                    outcome,
                    step,
                    patient,
                    repeat,
                    int(fold[row]) + 1,
                    name,
                    given,
                    observed[row],
                )


def _write_selection(results: list[OutcomeResult], path: Path) -> None:
    rows = [
        (result.name, name, share)
        for result in results
        for name, share in (result.figures or {})["selection"]["frequency"].items()
    ]
    cells = list(zip(*rows, strict=True)) if rows else [(), (), ()]
    columns = [text_column("outcome", cells[0]), text_column("feature", cells[1])]
    write_csv(path, [*columns, number_column("frequency", cells[2])])


def _write_ranges(results: list[OutcomeResult], path: Path) -> None:
    """Intervals or sets of labels of the patients of every outcome that has them."""
    rows = [
        (
            result.name,
            told["patient"],
            str(told["fold"]),
            str(told["observed"]),
            told["lower"],
            told["upper"],
            "" if told["labels"] is None else "|".join(told["labels"]),
        )
        for result in results
        if result.evaluation is not None
        for told in result.evaluation.report["conformal"].get("patients", ())
    ]
    cells = list(zip(*rows, strict=True)) if rows else [()] * 7
    texts = ("outcome", "patient", "fold", "observed")
    columns = [text_column(name, cell) for name, cell in zip(texts, cells, strict=False)]
    limits = [number_column("lower", cells[4]), number_column("upper", cells[5])]
    write_csv(path, [*columns, *limits, text_column("labels", cells[6])])


def verdict_text(result: StudyResult) -> str:
    """The verdicts as a person reads them: statement, gates with their evidence, alternatives."""
    lines: list[str] = []
    for outcome in result.outcomes:
        lines += [f"{outcome.name}: {outcome.verdict.word if outcome.verdict else 'not modelled'}"]
        if outcome.verdict is None:
            lines += [f"  {outcome.reason}", ""]
            continue
        lines += [f"  {outcome.verdict.sentence}", ""]
        for gate in outcome.verdict.gates:
            lines.append(f"  {gate.number:2d}  {gate.status:<14}  {gate.name}")
            lines.append(f"      {'':<14}  {gate.evidence}")
        lines += ["", "  Other explanations that were looked at:"]
        lines += [f"  - {text}" for text in outcome.verdict.alternatives] + [""]
    lines += [f"Note: {note}" for note in result.table.notes]
    return "\n".join(lines).rstrip()
