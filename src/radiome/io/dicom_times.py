"""Moments in DICOM headers: dates, times of day and date-times as `datetime`."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from radiome.base.errors import ImageError
from radiome.io.dicom_frames import Frame

_DATE = re.compile(r"^(\d{4})[.\-]?(\d{2})[.\-]?(\d{2})$")
_TIME = re.compile(r"^(\d{2}):?(\d{2})?:?(\d{2})?(?:\.(\d{1,6})\d*)?$")
_ZONED = re.compile(r"^(.*?)([+-]\d{4})?$")


def moment(date: str | None, time: str | None) -> datetime | None:
    """Join a date (DA) and a time of day (TM); None if either is absent.

    Raises
    ------
    ValueError
        If one of them is malformed or no such moment exists.

    Examples
    --------
    >>> moment("20050415", "102100.5")
    datetime.datetime(2005, 4, 15, 10, 21, 0, 500000)
    """
    if not date or not time:
        return None
    day, clock = _DATE.match(date.strip()), _TIME.match(time.strip())
    if day is None or clock is None:
        raise ValueError(f"'{date}' and '{time}' are not a DICOM date and time")
    year, month, number = (int(part) for part in day.groups())
    hour, minute, second = (int(part or 0) for part in clock.groups()[:3])
    fraction = int((clock.group(4) or "0").ljust(6, "0"))
    # A leap second is written 60, which datetime does not know.
    extra, second = (1, 59) if second == 60 else (0, second)
    return datetime(year, month, number, hour, minute, second, fraction) + timedelta(seconds=extra)


def date_time(text: str | None, zone: str | None = None) -> datetime | None:
    """Parse a date-time (DT) to the local time of the scanner; None if it has no time of day.

    Parameters
    ----------
    text : str, optional
        ``YYYYMMDDHHMMSS.FFFFFF&ZZXX``, where only the seconds and what follows may lack.
    zone : str, optional
        Timezone Offset From UTC of the object. A date-time with an offset is brought to
        it; if the object names none, both are taken to be in the same zone.

    Raises
    ------
    ValueError
        If it is malformed or no such moment exists.
    """
    if not text:
        return None
    match = _ZONED.match(text.strip())
    body, offset = match.groups() if match else (text, None)
    found = moment(body[:8], body[8:])
    if found is None or not offset or not zone:
        return found
    return found.replace(tzinfo=_zone(offset)).astimezone(_zone(zone)).replace(tzinfo=None)


def _zone(offset: str) -> timezone:
    match = re.match(r"^([+-])(\d{2})(\d{2})$", offset.strip())
    if match is None:
        raise ValueError(f"'{offset}' is not a UTC offset")
    sign = -1 if match.group(1) == "-" else 1
    return timezone(sign * timedelta(hours=int(match.group(2)), minutes=int(match.group(3))))


def time_of(frame: Frame, keywords: tuple[str, ...], where: str) -> datetime | None:
    """The moment in a date-time attribute, or in a date and a time attribute; None if absent."""
    texts = [text_of(frame, keyword) for keyword in keywords]
    try:
        if len(texts) == 1:
            return date_time(texts[0], text_of(frame, "TimezoneOffsetFromUTC"))
        return moment(texts[0], texts[1])
    except ValueError as error:
        raise bad_time(str(error), where) from error


def text_of(frame: Frame, keyword: str) -> str | None:
    """The text of an attribute, or None if it is absent or empty."""
    value = frame.get(keyword)
    return None if value is None else str(value)


def absent(keyword: str, where: str) -> ImageError:
    """The error for a PET header without a value that SUV needs."""
    return ImageError(
        f"SUV cannot be computed: {keyword} is missing",
        where=where,
        expected=f"{keyword} in the PET header",
        got="absent or empty",
        do="export the series with it (de-identification may have removed it), "
        "or export the images as SUVbw",
    )


def bad_time(text: str, where: str) -> ImageError:
    """The error for times that are malformed or contradict one another."""
    return ImageError(
        "a time in the PET header is not usable",
        where=where,
        expected="dates as YYYYMMDD, times as HHMMSS.FFFFFF, and one moment of injection",
        got=text,
        do="correct the header, or export the images as SUVbw",
    )
