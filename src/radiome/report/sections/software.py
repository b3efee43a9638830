"""Software, settings and hashes: what is needed to compute every number again."""

from __future__ import annotations

from collections import Counter
from typing import Any

import yaml

from radiome.report.feature_maps import without_names
from radiome.report.names import MODALITIES, step_words
from radiome.report.reasons import reason_of
from radiome.report.record import Record
from radiome.report.section import Output, Section
from radiome.report.words import listed, moment, seconds_words


def software(record: Record, output: Output) -> Section | None:
    """Versions, steps with their times, settings in full, hashes of what was read."""
    study, run = record.study, record.extraction
    told = run.get("software") or study.get("software") or {}
    packages = dict(told.get("packages") or {})
    for analysis in record.analyses:
        packages |= analysis.results.get("packages") or {}
    facts = [
        ("radiome", str(study.get("radiome") or run.get("radiome") or "")),
        ("Python", str(told.get("python") or "")),
        ("Platform", str(told.get("platform") or "")),
        ("Study made", moment(str(study.get("created") or ""))),
    ]
    content = {
        "facts": [(name, value) for name, value in facts if value],
        "packages": sorted(packages.items(), key=lambda pair: pair[0].lower()),
        "steps": _steps(record),
        "settings": _settings(record),
        "protocol": record.protocol,
        "inputs": _inputs(record),
        "many": len(record.analyses) > 1,
        "images": _images(record, output),
        "files": sorted(output.downloads.files),
    }
    return Section("software", "Software, settings, hashes", content)


def _settings(record: Record) -> list[tuple[str, str, str]]:
    """Whose settings, their hash, and all of them."""
    modalities = {case.name: case.cells.get("modality", "") for case in record.cases}
    counts: dict[str, Counter[str]] = {}
    for told in record.extraction.get("cases", []):
        kind = modalities.get(told["case"], "")
        counts.setdefault(str(told.get("settings")), Counter())[MODALITIES.get(kind, kind)] += 1
    return [
        (
            listed([f"{kind or 'cases'} ({count})" for kind, count in counts[digest].items()])
            if digest in counts
            else "",
            digest,
            yaml.safe_dump(settings, sort_keys=False, allow_unicode=True),
        )
        for digest, settings in (record.extraction.get("settings") or {}).items()
    ]


def _steps(record: Record) -> list[tuple[str, str, str, str]]:
    """Step, status, time and remark; a remark is the first sentence of why."""
    return [
        (step_words(name, len(record.analyses)), str(told.get("status", "")).replace("_", " "),
         seconds_words(told.get("seconds")), _remark(record, str(told.get("reason") or "")))
        for name, told in (record.study.get("steps") or {}).items()
    ]  # fmt: skip


def _remark(record: Record, reason: str) -> str:
    for analysis in record.analyses:
        reason = without_names(record, analysis, reason)
    return reason_of(reason).sentence if reason else ""


def _inputs(record: Record) -> list[tuple[str, str, str]]:
    """Analysis, file and hash of what the models were made from."""
    return [
        (analysis.name, path.replace("\\", "/").rpartition("/")[2], digest)
        for analysis in record.analyses
        for path, digest in (analysis.results.get("inputs") or {}).items()
    ]


def _images(record: Record, output: Output) -> Any:
    """Hashes of every image and mask, as a file."""
    codes = {case.name: case.code for case in record.cases}
    rows = [
        (codes.get(told["case"], f"row {number}"), told.get("image_sha256"),
         told.get("mask_sha256"), told.get("settings"))
        for number, told in enumerate(record.extraction.get("cases", []), start=1)
    ]  # fmt: skip
    if not rows:
        return None
    names = ("case", "image_sha256", "mask_sha256", "settings")
    return output.downloads.table("provenance", names, rows)
