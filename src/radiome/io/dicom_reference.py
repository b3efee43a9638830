"""The moment that the decay correction of a PET series refers to, and its consistency."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from radiome.base.errors import ImageError
from radiome.io.dicom_frames import Frame
from radiome.io.dicom_times import absent, bad_time, date_time, text_of, time_of

_GE = "GEMS_PETD_01"


def reference_time(frames: Sequence[Frame], where: str) -> tuple[datetime, str]:
    """The moment that START refers to, and where it was found.

    Series Time is meant, but later processing rewrites it. So, in this order: the decay
    correction date-time of an enhanced object; GE's private scan date-time (0009,xx0D) if
    it is within a day of the acquisition; Series Time if it is not after the earliest
    acquisition; the earliest acquisition.
    """
    stated = time_of(frames[0], ("DecayCorrectionDateTime",), where)
    if stated is not None:
        return stated, "DecayCorrectionDateTime"
    earliest = earliest_acquisition(frames, where)
    if earliest is None:
        raise absent("AcquisitionDate and AcquisitionTime", where)
    scan = _ge_scan_time(frames[0], where)
    if scan is not None and abs(scan - earliest) < timedelta(days=1):
        return scan, "GE scan date-time (0009,xx0D)"
    series = time_of(frames[0], ("SeriesDate", "SeriesTime"), where)
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
        time_of(frame, ("AcquisitionDate", "AcquisitionTime"), where)
        or time_of(frame, ("AcquisitionDateTime",), where)
        or time_of(frame, ("FrameAcquisitionDateTime",), where)
        for frame in frames
    )
    return min((found for found in moments if found is not None), default=None)


def check_decay_factors(
    frames: Sequence[Frame], half_life: float, reference: datetime, where: str
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
        acquired = time_of(frame, ("AcquisitionDate", "AcquisitionTime"), where)
        starts = [offset / 1000.0]
        if acquired is not None:
            starts.append((acquired - reference).total_seconds())
        length = duration / 1000.0
        if any(_explains(factor, s - length, s + length, half_life) for s in starts):
            continue
        raise ImageError(
            "the decay factor of a slice contradicts its times",
            where=frame.within(where),
            expected=f"about {2 ** (starts[0] / half_life):.4f} "
            f"({starts[0]:.0f} s at a half-life of {half_life:g} s)",
            got=f"Decay Factor {factor:g}",
            do="export the series again from its source; times or factors were edited",
        )


def _explains(factor: float, start: float, end: float, half_life: float) -> bool:
    low, high = 2.0 ** (start / half_life), 2.0 ** (end / half_life)
    return bool(0.99 * low <= factor <= 1.01 * high)


def _ge_scan_time(frame: Frame, where: str) -> datetime | None:
    try:
        raw = frame.dataset.private_block(0x0009, _GE)[0x0D].value
    except KeyError:
        return None
    text = raw.decode("ascii", "replace") if isinstance(raw, bytes) else str(raw)
    try:
        return date_time(text.strip("\0 "), text_of(frame, "TimezoneOffsetFromUTC"))
    except ValueError as error:
        raise bad_time(str(error), where) from error
