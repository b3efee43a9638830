"""What the commands of a study print: steps as they go, the statements, the trace of a value."""

from __future__ import annotations

import re
from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from radiome.cli.step_bar import StepBar

if TYPE_CHECKING:
    from radiome.study.running import StudyRun, Telling
    from radiome.study.stamps import Done
    from radiome.study.tracing import Trace


def summary_lines(result: StudyRun) -> list[str]:
    """What each analysis says of each outcome, and where the report is."""
    import json

    lines: list[str] = []
    for analysis in result.protocol.analyses:
        name = analysis.name
        if name in result.failed:
            lines.append(f"{name} ({analysis.role}): not made: {result.failed[name]}")
            continue
        folder = result.folder / "analyses" / name / "model"
        told = json.loads((folder / "results.json").read_text(encoding="utf-8"))
        for outcome in told["outcomes"]:
            sentence = outcome.get("sentence") or outcome["reason"]
            verdict = outcome.get("verdict") or outcome["status"]
            lines.append(f"{name} ({analysis.role}), {outcome['name']}: {verdict}. {sentence}")
    return [*lines, f"report: {result.folder / 'report.html'}"]


def trace_lines(found: Trace) -> list[str]:
    """What a value was made from, from the number to the software."""
    import yaml

    from radiome.report.words import family_words

    row, region, software = found.definition, found.region, found.software
    packages = ", ".join(f"{name} {number}" for name, number in software["packages"].items())
    value = f"none: {found.reason}" if found.value is None else repr(found.value)
    # The catalogue writes I for the unit of the image.
    unit = re.sub(r"\bI\b", region.get("unit", "[unit of the image]"), row["unit"])
    told = {
        "value": f"{value} {unit}".rstrip(),
        "feature": f"{found.feature}: {row['name']} ({family_words(row['family'])})",
        "IBSI": row["ibsi_code"],
        "aggregation": row["aggregation"],
        "response map": row["image"],
        "case": f"{found.case} ({found.code})" if found.code else found.case,
        "image": f"{found.image.path}\nSHA-256 {found.image.sha256}, {found.image.now}",
        "mask": f"{found.mask.path}\nSHA-256 {found.mask.sha256}, {found.mask.now}",
        "region": "\n".join(f"{name.replace('_', ' ')}: {fact}" for name, fact in region.items()),
        "noted": "\n".join(found.warnings),
        "software": f"radiome {software['radiome']}, Python {software['python']}, "
        f"{software['platform']}\n{packages}",
        "stored in": found.stored,
        "settings": f"SHA-256 {found.settings_sha256}\n"
        + yaml.safe_dump(dict(found.settings), sort_keys=False).rstrip(),
    }
    return [
        f"{name if place == 0 else '':13}{line}"
        for name, text in told.items()
        if text
        for place, line in enumerate(text.splitlines())
    ]


class StepTeller:
    """Steps on standard error, with the bars of cases and models below them."""

    def __init__(self) -> None:
        self._open = ExitStack()

    def __enter__(self) -> Telling:
        from radiome.study.running import Telling

        return Telling(self._step, lambda state: self._cases(state), self._model_step)

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def _step(self, name: str, done: Done | None) -> None:
        from radiome.cohort.progress import ProgressReport

        self._open.close()
        if done is not None:
            was = "finished before" if done.status == "cached" else f"{done.seconds:.1f} s"
            click.echo(f"{name}: {was}", err=True)
        elif name.startswith("model "):
            self._model = self._open.enter_context(StepBar())
        else:
            self._cases = self._open.enter_context(ProgressReport())

    def _model_step(self, outcome: str, step: str, done: int, total: int) -> None:
        self._model(outcome, step, done, total)
