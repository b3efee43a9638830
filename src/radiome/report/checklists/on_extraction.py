"""What the settings of the extraction tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from radiome.report.checklists.answers import (
    Answer,
    Judge,
    done,
    for_author,
    not_applicable,
    not_done,
)
from radiome.report.checklists.facts import MeasuredWith, Record

RUN = "extraction/run.json"

#: Spacings that differ by less than this factor count as equal.
_SAME_SPACING = 1.1

TEXTURE = ("glcm", "glrlm", "glszm", "gldzm", "ngtdm", "ngldm")

Values = Mapping[str, Any]
Told = Callable[[Values], str]


def stated(key: str, told: Told, *, absent: str = "") -> Judge:
    """A judge: the settings say it, and the methods text repeats it.

    Parameters
    ----------
    key : str
        Key of the settings.
    told : callable
        From settings to what they say; empty where the step was not made.
    absent : str
        What is said where no settings make the step.
    """

    def judge(record: Record) -> Answer:
        where = f"{RUN}: settings.{key}"
        if not record.settings:
            return for_author("no settings on record", where)
        texts = [_for(group, told(group.values), record) for group in record.settings]
        given = list(dict.fromkeys(text for text in texts if text))
        if not given:
            return not_applicable(absent, where)
        return done("; ".join(given), where)

    return judge


def _for(group: MeasuredWith, text: str, record: Record) -> str:
    """The text, with the modalities that it is about where there are several settings."""
    if not text or len(record.settings) == 1 or not group.modalities:
        return text
    return f"{', '.join(group.modalities)}: {text}"


def of_families(families: tuple[str, ...], key: str, told: Told) -> Judge:
    """A judge: what the settings say of families; not applicable if none is computed."""

    def told_if_computed(values: Values) -> str:
        return told(values) if set(families) & set(families_of(values)) else ""

    return stated(key, told_if_computed, absent=f"no {', '.join(families)} features were computed")


def families_of(values: Values) -> tuple[str, ...]:
    """All families that settings compute, of the image or of response maps."""
    names = list(values.get("families", ()))
    for filtered in values.get("filtered_images", ()):
        names += filtered.get("families", ())
    return tuple(dict.fromkeys(names))


def settings_written(record: Record) -> Answer:
    """Every parameter of the extraction, defaults included."""
    if not record.settings:
        return for_author("no settings on record", RUN)
    return done("every option is written out, defaults included", f"{RUN}: settings")


def software_named(record: Record) -> Answer:
    """Software and version."""
    if not record.version:
        return for_author("no version on record", RUN)
    return done(f"radiome {record.version}", f"{RUN}: radiome, software")


def standardised_software(record: Record) -> Answer:
    """Software that follows the standard, and what of the features lies outside it."""
    if not record.version or not record.settings:
        return for_author("no version or no settings on record", RUN)
    outside = sorted({name for group in record.settings for name in beyond_standard(group.values)})
    told = f"radiome {record.version}: IBSI 1 and 2 reference values ('radiome verify')"
    if outside:
        told += "; outside the standard: " + ", ".join(outside).replace("_", " ")
    return done(told, f"{RUN}: radiome")


def beyond_standard(values: Values) -> set[str]:
    """Families and filters that the IBSI does not define."""
    from radiome.features.catalogue import FAMILIES
    from radiome.filters.catalogue import FILTERS

    families = {name for name in families_of(values) if not FAMILIES[name]}
    filters = {str(each["filter"]["name"]) for each in values.get("filtered_images", ())}
    return families | {name for name in filters if not FILTERS[name].ibsi_code}


def family_name(name: str) -> str:
    """A family within a sentence: ``GLCM``, ``intensity-volume histogram``."""
    short = name.upper() if name in TEXTURE else name.replace("_", " ")
    return short.replace("intensity volume", "intensity-volume")


def families_named(record: Record) -> Answer:
    """Which families of features."""
    if not record.families:
        return for_author()
    told = ", ".join(map(family_name, record.families))
    return done(told, "extraction/catalogue.csv: family, ibsi_code")


def features_counted(record: Record) -> Answer:
    """How many features."""
    if not record.features:
        return for_author()
    return done(f"{record.features} features", "extraction/catalogue.csv")


def preparation_sound(record: Record) -> Answer:
    """Preparation that is described, and that makes voxels and grey levels comparable."""
    where = f"{RUN}: settings.interpolation, settings.discretisation"
    if not record.settings:
        return for_author("no settings on record", where)
    answers = [_sound(group, record, where) for group in record.settings]
    for status in (not_done, for_author):
        found = [a for a in answers if a.status is status("", "").status]
        if found:
            return found[0]
    return answers[0]


def _sound(group: MeasuredWith, record: Record, where: str) -> Answer:
    values = group.values
    if not set(TEXTURE) & set(families_of(values)):
        return done("no texture: voxels and levels need not be comparable", where)
    fault = _voxel_fault(values, record)
    if fault is None:
        return for_author("voxels were not resampled and their spacing is not on record", where)
    if fault:
        return not_done(fault, where)
    by_size = values.get("discretisation", {}).get("method") == "fixed_bin_size"
    if by_size and not _has_unit(group, record):
        return for_author(
            "bins of fixed size need a unit, and none is on record: say which, or how "
            "intensities were normalised",
            where,
        )
    return done("voxels are comparable and grey levels suit the unit", where)


def _has_unit(group: MeasuredWith, record: Record) -> bool:
    if group.modalities == ("CT",):
        return True
    return group.modalities == ("PT",) and "SUVbw" in record.units


def _voxel_fault(values: Values, record: Record) -> str | None:
    """Why voxels of texture are not comparable; empty if they are, None if not known."""
    chosen = values.get("interpolation", {})
    planar = chosen.get("dimension") == "2D" or not _in_space(values)
    spans = _spans(chosen, record)
    if spans is None:
        return None
    axes = spans[1:] if planar else spans
    if any(high / low > _SAME_SPACING for low, high in axes):
        return "voxels differ in size between cases and were not resampled"
    lengths = [high for _, high in axes]
    if max(lengths) / min(lengths) > _SAME_SPACING:
        return "texture in space was counted on voxels that are not cubes"
    return ""


def _spans(chosen: Values, record: Record) -> tuple[tuple[float, float], ...] | None:
    """Least and greatest spacing (z, y, x) after resampling."""
    spacing = chosen.get("spacing")
    if spacing is None:
        return record.spacing_mm
    wanted = spacing if isinstance(spacing, list | tuple) else (spacing,) * 3
    return tuple((float(length), float(length)) for length in wanted)


def _in_space(values: Values) -> bool:
    names = values.get("texture", {}).get("aggregations", ())
    return any(str(name).startswith("3D") for name in names)
