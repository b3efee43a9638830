"""What a run folder says, gathered as plain values; sections are made from nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from radiome.base.errors import UserError
from radiome.report.analysis_record import Analysis, read_analysis
from radiome.report.reading import Row, read_json, read_rows, read_text


@dataclass(frozen=True, slots=True)
class Case:
    """One case of the cohort.

    Parameters
    ----------
    name, code : str
        As the cohort table has it, and as the report calls it.
    status : {"measured", "failed", "left_out"}
        What became of it.
    step, reason : str
        Where and why it left, else empty.
    cells : mapping of str to str
        All columns of ``cohort.csv``.
    """

    name: str
    code: str
    status: str
    step: str
    reason: str
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """Everything that the report rests on.

    Parameters
    ----------
    folder : Path
        The run.
    study : mapping
        ``study.json``: title, authors, steps, software, analyses.
    protocol : str
        Text of ``study.yaml``.
    cases : tuple of Case
        In cohort order.
    pictures : mapping of str to str
        PNG of the lesion by name of the case, base64.
    extraction : mapping
        ``run.json`` of the extraction; empty if there is none.
    catalogue : mapping of str to dict
        What each feature is, by its tag.
    controls : tuple of str
        Names of the negative control images.
    analyses : tuple of Analysis
        The primary one first.
    lock : mapping or None
        What was locked, and when.
    deviations : list of mapping
        What differs from the lock.
    """

    folder: Path
    study: Mapping[str, Any]
    protocol: str
    cases: tuple[Case, ...]
    pictures: Mapping[str, str]
    extraction: Mapping[str, Any]
    catalogue: Mapping[str, Row]
    controls: tuple[str, ...]
    analyses: tuple[Analysis, ...]
    lock: Mapping[str, Any] | None
    deviations: tuple[Mapping[str, Any], ...]

    @property
    def title(self) -> str:
        """Of the study."""
        return str(self.study.get("title") or "Untitled study")

    @property
    def version(self) -> str:
        """Of radiome, as the study was run."""
        return str(self.study.get("radiome") or self.extraction.get("radiome") or "")

    @property
    def byline(self) -> str:
        """Authors and day."""
        authors = ", ".join(self.study.get("authors") or ())
        day = (self.study.get("created") or "")[:10]
        return " · ".join(each for each in (authors, day) if each)

    def coded(self, text: str) -> str:
        """A remark with codes in place of the patients that it lists at its end."""
        head, colon, tail = text.rpartition(": ")
        names = tail.split(", ")
        codes = {case.name: case.code for case in self.cases}
        columns = list(self.cases[0].cells) if self.cases else []
        for analysis in self.analyses:
            codes |= self.codes_of_patients(analysis.patient_column(columns))
        # Patients of the outcome table alone have no code, and a long list ends in dots.
        if not colon or not (head.endswith("left out") or all(name in codes for name in names)):
            return text
        told = [codes[name] for name in names if name in codes]
        return f"{head}: {', '.join([*told, *(['...'] if len(told) < len(names) else [])])}"

    def codes_of_patients(self, column: str) -> dict[str, str]:
        """Code of the first case of each patient, by what the patient is called.

        A patient that no case knows has none: names stay out of the report.
        """
        codes: dict[str, str] = {}
        for case in self.cases:
            codes.setdefault(case.cells.get(column) or case.name, case.code)
        return codes


def read_record(folder: str | Path) -> Record:
    """Gather the run folder of a study.

    Raises
    ------
    UserError
        If the folder is not one, or a file of it cannot be read.
    """
    folder = Path(folder)
    study = read_json(folder / "study.json")
    if not isinstance(study, Mapping):
        raise UserError(
            "this is not the run folder of a study",
            where=str(folder),
            expected="a folder with study.json, as 'radiome study run' leaves it",
            do="run 'radiome study run study.yaml' first",
        )
    found = [read_analysis(folder, told) for told in study.get("analyses", [])]
    controls = folder / "controls"
    return Record(
        folder=folder,
        study=study,
        protocol=read_text(folder / "study.yaml"),
        cases=_cases(folder / "cohort.csv"),
        pictures=read_json(folder / "pictures.json", {}),
        extraction=read_json(folder / "extraction/run.json", {}),
        catalogue={
            row["tag"]: row for row in read_rows(folder / "extraction/catalogue.csv", ("tag",))
        },
        controls=tuple(sorted(path.parent.name for path in controls.glob("*/run.json"))),
        analyses=tuple(sorted(found, key=lambda each: each.role != "primary")),
        lock=read_json(folder / "lock.json", {}) or None,
        deviations=tuple(read_json(folder / "deviations.json", [])),
    )


def _cases(path: Path) -> tuple[Case, ...]:
    rows = read_rows(path, ("case",))
    return tuple(
        Case(
            name=row.get("case", ""),
            code=row.get("code") or f"case-{number:03d}",
            status=row.get("status") or "measured",
            step=row.get("step", ""),
            reason=row.get("reason", ""),
            cells=row,
        )
        for number, row in enumerate(rows, start=1)
    )
