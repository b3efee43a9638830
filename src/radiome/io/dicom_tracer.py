"""What a PET header says about the tracer: dose, weight, half-life and injection, checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from radiome.base.errors import ImageError
from radiome.io.dicom_frames import Frame
from radiome.io.dicom_nuclides import check_half_life
from radiome.io.dicom_reference import earliest_acquisition
from radiome.io.dicom_times import absent, bad_time, date_time, moment, text_of

#: Doses in Bq outside which a unit other than Bq, or a typing error, is certain enough.
_DOSE_RANGE = (1e6, 1.5e9)
_THERAPY_DOSE = 2e10
_DAY_S = 86400.0


@dataclass(frozen=True, slots=True)
class Tracer:
    """The checked inputs of an SUV.

    Parameters
    ----------
    weight_kg, dose_bq, half_life_s : float
        Body weight, injected dose and half-life. The half-life is 0 where it is absent and
        not needed.
    injection_time : datetime
        Local time of injection; `datetime.min` where it is absent and not needed.
    corrected_to_injection : bool
        True if the stored values are decay-corrected to the injection already.
    """

    weight_kg: float
    dose_bq: float
    half_life_s: float
    injection_time: datetime
    corrected_to_injection: bool


def tracer_of(frames: Sequence[Frame], where: str) -> Tracer:
    """Read and check weight, dose, half-life and injection time.

    Raises
    ------
    ImageError
        If a needed value is absent or not plausible.
    """
    frame = frames[0]
    weight = _within(frame, "PatientWeight", (1.0, 300.0), "kg", where)
    sequence = frame.get("RadiopharmaceuticalInformationSequence")
    if sequence is None:
        raise absent("RadiopharmaceuticalInformationSequence", where)
    item = Frame(frame.file, frame.dataset, frame.number, (sequence[0],))
    at_injection = _corrected_to_injection(frame, where)
    half_life = item.number_of("RadionuclideHalfLife") or 0.0
    if half_life <= 0 and not at_injection:
        raise absent("RadionuclideHalfLife", where)
    check_half_life(item, half_life, where)
    low, high = _DOSE_RANGE
    high = _THERAPY_DOSE if half_life > _DAY_S or half_life == 0 else high
    dose = _within(item, "RadionuclideTotalDose", (low, high), "Bq", where)
    injection = _injection_time(frames, item, where)
    if injection is None and not at_injection:
        raise absent("RadiopharmaceuticalStartDateTime or RadiopharmaceuticalStartTime", where)
    return Tracer(weight, dose, half_life, injection or datetime.min, at_injection)


def _corrected_to_injection(frame: Frame, where: str) -> bool:
    kind = frame.get("DecayCorrection")
    if kind is None and frame.get("DecayCorrectionDateTime") is not None:
        return False
    if kind in ("START", "ADMIN"):
        return bool(kind == "ADMIN")
    raise ImageError(
        "the moment of decay correction is not known",
        where=where,
        expected="Decay Correction START or ADMIN, or a Decay Correction DateTime",
        got=str(kind or "absent"),
        do="export the reconstruction again with its decay correction stated",
    )


def _injection_time(frames: Sequence[Frame], item: Frame, where: str) -> datetime | None:
    zone = text_of(frames[0], "TimezoneOffsetFromUTC")
    clock = text_of(item, "RadiopharmaceuticalStartTime")
    earliest = earliest_acquisition(frames, where)
    day = earliest.strftime("%Y%m%d") if earliest else text_of(frames[0], "SeriesDate")
    try:
        stated = date_time(text_of(item, "RadiopharmaceuticalStartDateTime"), zone)
        same_day = moment(day, clock)
    except ValueError as error:
        raise bad_time(str(error), where) from error
    if stated is None or same_day is None:
        injection = stated or same_day
    else:
        injection = stated
        apart = (stated - same_day).total_seconds() % _DAY_S
        if min(apart, _DAY_S - apart) > 60.0:
            raise bad_time(f"Start DateTime at {stated.time()} but Start Time {clock}", where)
    if injection is not None and earliest is not None and injection > earliest:
        raise ImageError(
            "the tracer was injected after the scan began",
            where=where,
            expected=f"an injection before {earliest.isoformat()}",
            got=injection.isoformat(),
            do="correct the times; across midnight, state Radiopharmaceutical Start DateTime",
        )
    return injection


def _within(
    frame: Frame, keyword: str, bounds: tuple[float, float], unit: str, where: str
) -> float:
    value = frame.number_of(keyword)
    if value is None:
        raise absent(keyword, where)
    if not bounds[0] <= value <= bounds[1]:
        raise ImageError(
            f"{keyword} is not plausible",
            where=where,
            expected=f"{bounds[0]:g} to {bounds[1]:g} {unit}",
            got=f"{value:g}",
            do=f"correct the header; the value must be in {unit}",
        )
    return value
