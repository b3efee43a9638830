"""From one value back to its voxels: image, mask, settings, software."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from radiome.base.errors import UserError, nearest_name
from radiome.cohort.content import hash_input
from radiome.cohort.worker import read_result, reason_of
from radiome.features.catalogue import catalogue_rows
from radiome.study.records import read_record


@dataclass(frozen=True, slots=True)
class Source:
    """An image or a mask, as it was measured and as it is.

    Parameters
    ----------
    path : str
        Where it was.
    sha256 : str
        Of its content when it was measured.
    now : str
        ``as it was measured``, ``changed since``, or why it cannot be read.
    """

    path: str
    sha256: str
    now: str


@dataclass(frozen=True, slots=True)
class Trace:
    """All that one value was made from.

    Parameters
    ----------
    case, code, feature : str
        Which value.
    value : float or None
        The number, whole; None with the reason.
    reason : str
        Why there is none.
    definition : mapping
        Its row of the catalogue: IBSI code, name, family, unit, aggregation, response map.
    image, mask : Source
        The voxels.
    region : mapping
        Name of the region, modality, unit, shape and spacing along z, y, x, spacing after
        interpolation, voxels of the morphological and the intensity mask, grey levels.
    settings_sha256 : str
        Hash of the settings.
    settings : mapping
        The settings in full.
    software : mapping
        Python, platform, packages; ``radiome`` beside them.
    stored : str
        The stored result, from the run folder.
    warnings : tuple of str
        What was noted when the case was measured.
    """

    case: str
    code: str
    feature: str
    value: float | None
    reason: str
    definition: Mapping[str, str]
    image: Source
    mask: Source
    region: Mapping[str, Any]
    settings_sha256: str
    settings: Mapping[str, Any]
    software: Mapping[str, Any]
    stored: str
    warnings: tuple[str, ...] = ()


#: Facts of the region that a stored result tells.
_REGION = (
    "roi", "modality", "unit", "shape_zyx", "spacing_zyx_mm", "interpolated_spacing_zyx_mm",
    "voxels_morphological", "voxels_intensity", "grey_levels",
)  # fmt: skip


def trace_value(run: str | Path, case: str, feature: str) -> Trace:
    """What a value of the feature table was made from.

    Parameters
    ----------
    run : path
        The run folder of a study, or of `radiome extract`.
    case : str
        Name of the case, or its code in the report.
    feature : str
        Column of the feature table.

    Raises
    ------
    UserError
        If there is no such run, case or feature, or the case was not measured.
    """
    folder = Path(run)
    extraction = folder / "extraction" if (folder / "extraction").is_dir() else folder
    record = read_record(extraction / "run.json")
    codes = _codes(folder / "cohort.csv")
    cases = {str(told["case"]): told for told in record["cases"]}
    name = _known(codes.get(case, case), [*cases, *codes], "case", extraction)
    told = cases[name]
    stored = read_result(extraction / "cases", told["key"]) if told["status"] == "ok" else None
    if stored is None:
        raise UserError(
            f"case '{name}' has no value",
            where=str(extraction),
            expected="a case that was measured",
            got=f"{told['status']}: {told['reason']}" if told["status"] != "ok" else "no result",
            do="'radiome study run' measures what is missing",
        )
    feature = _known(feature, list(stored["values"]), "feature", extraction)
    made = stored["record"]
    (row,) = catalogue_rows([feature])
    return Trace(
        case=name,
        code=next((code for code, other in codes.items() if other == name), ""),
        feature=feature,
        value=stored["values"][feature],
        reason=str(stored["reasons"].get(feature, "")),
        definition=row,
        image=_source(made["image"], told["image_sha256"], folder),
        mask=_source(made["mask"], told["mask_sha256"], folder),
        region={key: made[key] for key in _REGION if made.get(key) not in (None, "")},
        settings_sha256=told["settings"],
        settings=record["settings"][told["settings"]],
        software={"radiome": made["radiome"], **record["software"]},
        stored=(extraction / "cases" / f"{told['key']}.json").relative_to(folder).as_posix(),
        warnings=tuple(made.get("warnings", ())),
    )


def _codes(cohort: Path) -> dict[str, str]:
    """Cases by their code in the report."""
    if not cohort.is_file():
        return {}
    with cohort.open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["case"] for row in csv.DictReader(file)}


def _known(name: str, names: list[str], what: str, folder: Path) -> str:
    if name in names:
        return name
    near = nearest_name(name, names)
    raise UserError(
        f"there is no {what} '{name}'",
        where=str(folder),
        expected=f"one of {len(names)}, such as {', '.join(names[:3])}",
        got=name,
        do=f"did you mean '{near}'?" if near else None,
    )


def _source(path: str, digest: str, run: Path) -> Source:
    try:
        now, _ = hash_input(Path(path), {}, without=run)
    except (UserError, OSError) as error:
        return Source(path, digest, f"cannot be read: {reason_of(error)}")
    return Source(path, digest, "as it was measured" if now == digest else "changed since")
