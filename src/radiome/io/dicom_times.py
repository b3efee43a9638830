"""Moments in DICOM headers: dates, times of day and date-times as `datetime`."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

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
