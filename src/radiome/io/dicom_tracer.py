"""What a PET header says about the tracer: dose, weight, half-life and times, checked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from radiome.base.errors import ImageError
from radiome.io.dicom_frames import Frame
from radiome.io.dicom_times import date_time, moment

#: Half-lives in s of nuclides in clinical use (Nuclear Data, rounded to a tenth of a percent).
HALF_LIVES_S = {
    "C11": 1221.8,
    "N13": 597.9,
    "O15": 122.2,
    "F18": 6586.2,
    "Cu64": 45723.0,
    "Ga68": 4066.0,
    "Rb82": 76.0,
    "Zr89": 282276.0,
    "Tc99m": 21624.0,
    "I124": 360806.0,
    "I131": 692900.0,
    "Lu177": 574300.0,
}
_ELEMENTS = {
    "carbon": "C",
    "nitrogen": "N",
    "oxygen": "O",
    "fluorine": "F",
    "copper": "Cu",
    "gallium": "Ga",
    "rubidium": "Rb",
    "zirconium": "Zr",
    "technetium": "Tc",
    "iodine": "I",
    "lutetium": "Lu",
}
#: Largest relative difference from the table that rounding and other tables explain.
_HALF_LIFE_TOLERANCE = 0.01

#: Doses in Bq outside which a unit other than Bq, or a typing error, is certain enough.
_DOSE_RANGE = (1e6, 1.5e9)
_THERAPY_DOSE = 2e10
_DAY_S = 86400.0

_GE = "GEMS_PETD_01"


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
        raise _absent("RadiopharmaceuticalInformationSequence", where)
    item = Frame(frame.file, frame.dataset, frame.number, (sequence[0],))
    at_injection = _corrected_to_injection(frame, where)
    half_life = item.number_of("RadionuclideHalfLife") or 0.0
    if half_life <= 0 and not at_injection:
        raise _absent("RadionuclideHalfLife", where)
    _check_nuclide(item, half_life, where)
    low, high = _DOSE_RANGE
    high = _THERAPY_DOSE if half_life > _DAY_S or half_life == 0 else high
    dose = _within(item, "RadionuclideTotalDose", (low, high), "Bq", where)
    injection = _injection_time(frames, item, where)
    if injection is None and not at_injection:
        raise _absent("RadiopharmaceuticalStartDateTime or RadiopharmaceuticalStartTime", where)
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


def reference_time(frames: Sequence[Frame], where: str) -> tuple[datetime, str]:
    """The moment that START refers to, and where it was found.

    Series Time is meant, but later processing rewrites it. So, in this order: the decay
    correction date-time of an enhanced object; GE's private scan date-time (0009,xx0D) if
    it is within a day of the acquisition; Series Time if it is not after the earliest
    acquisition; the earliest acquisition.
    """
    stated = _time(frames[0], ("DecayCorrectionDateTime",), where)
    if stated is not None:
        return stated, "DecayCorrectionDateTime"
    earliest = earliest_acquisition(frames, where)
    if earliest is None:
        raise _absent("AcquisitionDate and AcquisitionTime", where)
    scan = _ge_scan_time(frames[0], where)
    if scan is not None and abs(scan - earliest) < timedelta(days=1):
        return scan, "GE scan date-time (0009,xx0D)"
    series = _time(frames[0], ("SeriesDate", "SeriesTime"), where)
    if series is None or series > earliest:
        return earliest, "earliest AcquisitionTime"
    if earliest - series > timedelta(hours=1):
        raise ImageError(
            "the reference time of the decay correction is uncertain",
            where=where,
            expected="Series Time within one hour before the earliest acquisition",
            got=f"series {series.isoformat()}, earliest acquisition {earliest.isoformat()}",
            do="correct Series Time, or use images that are decay-corrected to injection (ADMIN)",
        )
    return series, "SeriesTime"


def earliest_acquisition(frames: Sequence[Frame], where: str) -> datetime | None:
    """The earliest acquisition moment of any slice, or None if none states one."""
    moments = (
        _time(frame, ("AcquisitionDate", "AcquisitionTime"), where)
        or _time(frame, ("AcquisitionDateTime",), where)
        or _time(frame, ("FrameAcquisitionDateTime",), where)
        for frame in frames
    )
    return min((found for found in moments if found is not None), default=None)


def check_decay_factors(
    frames: Sequence[Frame], tracer: Tracer, reference: datetime, where: str
) -> None:
    """Refuse a series whose Decay Factors contradict its times by more than 1 %.

    The factor of a frame must be ``2^(t / T)`` for some t between the frame's start and its
    end after the reference time, whether its start is given by Frame Reference Time (start or
    middle, as vendors differ) or by Acquisition Time. Slices that lack one are not checked.
    """
    for frame in frames:
        factor = frame.number_of("DecayFactor")
        duration = frame.number_of("ActualFrameDuration")
        offset = frame.number_of("FrameReferenceTime")
        if factor is None or duration is None or offset is None:
            continue
        acquired = _time(frame, ("AcquisitionDate", "AcquisitionTime"), where)
        starts = [offset / 1000.0]
        if acquired is not None:
            starts.append((acquired - reference).total_seconds())
        length = duration / 1000.0
        if any(_explains(factor, s - length, s + length, tracer.half_life_s) for s in starts):
            continue
        raise ImageError(
            "the decay factor of a slice contradicts its times",
            where=frame.within(where),
            expected=f"about {2 ** (starts[0] / tracer.half_life_s):.4f} "
            f"({starts[0]:.0f} s at a half-life of {tracer.half_life_s:g} s)",
            got=f"Decay Factor {factor:g}",
            do="export the series again from its source; times or factors were edited",
        )


def _explains(factor: float, start: float, end: float, half_life: float) -> bool:
    low, high = 2.0 ** (start / half_life), 2.0 ** (end / half_life)
    return bool(0.99 * low <= factor <= 1.01 * high)


def _injection_time(frames: Sequence[Frame], item: Frame, where: str) -> datetime | None:
    zone = _text(frames[0], "TimezoneOffsetFromUTC")
    clock = _text(item, "RadiopharmaceuticalStartTime")
    earliest = earliest_acquisition(frames, where)
    day = earliest.strftime("%Y%m%d") if earliest else _text(frames[0], "SeriesDate")
    try:
        stated = date_time(_text(item, "RadiopharmaceuticalStartDateTime"), zone)
        same_day = moment(day, clock)
    except ValueError as error:
        raise _bad_time(str(error), where) from error
    if stated is None or same_day is None:
        injection = stated or same_day
    else:
        injection = stated
        apart = (stated - same_day).total_seconds() % _DAY_S
        if min(apart, _DAY_S - apart) > 60.0:
            raise _bad_time(f"Start DateTime at {stated.time()} but Start Time {clock}", where)
    if injection is not None and earliest is not None and injection > earliest:
        raise ImageError(
            "the tracer was injected after the scan began",
            where=where,
            expected=f"an injection before {earliest.isoformat()}",
            got=injection.isoformat(),
            do="correct the times; across midnight, state Radiopharmaceutical Start DateTime",
        )
    return injection


def _check_nuclide(item: Frame, half_life: float, where: str) -> None:
    codes = item.get("RadionuclideCodeSequence")
    name = nuclide_of(str(codes[0].get("CodeMeaning", ""))) if codes is not None else None
    if name is None or half_life <= 0:
        return
    known = HALF_LIVES_S[name]
    if abs(half_life - known) > _HALF_LIFE_TOLERANCE * known:
        raise ImageError(
            "the half-life is not that of the nuclide",
            where=where,
            expected=f"{known:g} s for {name}, within 1 %",
            got=f"{half_life:g} s",
            do="correct Radionuclide Half Life or Radionuclide Code Sequence",
        )


def nuclide_of(meaning: str) -> str | None:
    """The key of `HALF_LIVES_S` that a code meaning such as ``^18^Fluorine`` names, or None."""
    mass = re.search(r"\d+", meaning)
    words = re.findall(r"[A-Za-z]+", meaning)
    for word in words:
        symbol = _ELEMENTS.get(word.lower(), word.capitalize())
        for suffix in ("", "m"):
            name = f"{symbol}{mass.group() if mass else ''}{suffix}"
            if name in HALF_LIVES_S:
                return name
    return None


def _within(
    frame: Frame, keyword: str, bounds: tuple[float, float], unit: str, where: str
) -> float:
    value = frame.number_of(keyword)
    if value is None:
        raise _absent(keyword, where)
    if not bounds[0] <= value <= bounds[1]:
        raise ImageError(
            f"{keyword} is not plausible",
            where=where,
            expected=f"{bounds[0]:g} to {bounds[1]:g} {unit}",
            got=f"{value:g}",
            do=f"correct the header; the value must be in {unit}",
        )
    return value


def _ge_scan_time(frame: Frame, where: str) -> datetime | None:
    try:
        raw = frame.dataset.private_block(0x0009, _GE)[0x0D].value
    except KeyError:
        return None
    text = raw.decode("ascii", "replace") if isinstance(raw, bytes) else str(raw)
    try:
        return date_time(text.strip("\0 "), _text(frame, "TimezoneOffsetFromUTC"))
    except ValueError as error:
        raise _bad_time(str(error), where) from error


def _time(frame: Frame, keywords: tuple[str, ...], where: str) -> datetime | None:
    texts = [_text(frame, keyword) for keyword in keywords]
    try:
        if len(texts) == 1:
            return date_time(texts[0], _text(frame, "TimezoneOffsetFromUTC"))
        return moment(texts[0], texts[1])
    except ValueError as error:
        raise _bad_time(str(error), where) from error


def _text(frame: Frame, keyword: str) -> str | None:
    value = frame.get(keyword)
    return None if value is None else str(value)


def _absent(keyword: str, where: str) -> ImageError:
    return ImageError(
        f"SUV cannot be computed: {keyword} is missing",
        where=where,
        expected=f"{keyword} in the PET header",
        got="absent or empty",
        do="export the series with it (de-identification may have removed it), "
        "or export the images as SUVbw",
    )


def _bad_time(text: str, where: str) -> ImageError:
    return ImageError(
        "a time in the PET header is not usable",
        where=where,
        expected="dates as YYYYMMDD, times as HHMMSS.FFFFFF, and one moment of injection",
        got=text,
        do="correct the header, or export the images as SUVbw",
    )
