"""Software, settings and hashes: what is needed to compute every number again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from radiome.report.record import Record
from radiome.report.section import Output, Section
from radiome.report.words import seconds_words


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
        ("Study made", str(study.get("created") or "")),
    ]
    content = {
        "facts": [(name, value) for name, value in facts if value],
        "packages": sorted(packages.items(), key=lambda pair: pair[0].lower()),
        "steps": _steps(study.get("steps") or {}),
        "settings": [
            (digest, yaml.safe_dump(settings, sort_keys=False, allow_unicode=True))
            for digest, settings in (run.get("settings") or {}).items()
        ],
        "protocol": record.protocol,
        "inputs": _inputs(record),
        "images": _images(record, output),
        "files": sorted(output.downloads.files),
    }
    return Section("software", "Software, settings, hashes", content)


def _steps(steps: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    return [
        (name, str(told.get("status", "")), seconds_words(told.get("seconds")),
         str(told.get("reason") or ""))
        for name, told in steps.items()
    ]  # fmt: skip


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
        (codes.get(told["case"], told["case"]), told.get("image_sha256"), told.get("mask_sha256"),
         told.get("settings"))
        for told in record.extraction.get("cases", [])
    ]  # fmt: skip
    if not rows:
        return None
    names = ("case", "image_sha256", "mask_sha256", "settings")
    return output.downloads.table("provenance", names, rows)
