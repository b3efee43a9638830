"""Numbers and names as the report shows them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from radiome.model.concordance import Bounded
from radiome.model.plots.words import counted, number, p_value, percent, signed, spoken

__all__ = [
    "bounded", "counted", "family_words", "listed", "moment", "number", "p_value", "percent",
    "seconds_words", "sensible", "signed", "spoken", "typeset", "unbroken", "with_unit",
]  # fmt: skip

_MINUS = re.compile(r"(?<![\w.])-(?=\.?\d)")
_QUOTED = re.compile(r"(?<!\w)'([^']*)'(?!\w)")
_PERCENT = re.compile(r"(?<=\d) ?%")
_NEGATIVE_ZERO = re.compile(r"(?<![\w.])[-−](?=0(?:\.0+)?(?![\d.]))")
_ONE = re.compile(
    r"(?<![\w.,/−-])(1 (?:patient|case|lesion|feature|fold|fit|model|row|permutation))s\b"
)

_FAMILIES = {
    "morphology": "Shape",
    "local_intensity": "Local intensity",
    "intensity_statistics": "Intensity statistics",
    "intensity_histogram": "Intensity histogram",
    "intensity_volume_histogram": "Intensity-volume histogram",
    "glcm": "Co-occurrence (GLCM)",
    "glrlm": "Run lengths (GLRLM)",
    "glszm": "Size zones (GLSZM)",
    "gldzm": "Distance zones (GLDZM)",
    "ngtdm": "Tone difference (NGTDM)",
    "ngldm": "Dependence (NGLDM)",
    "fourier_spectrum": "Fourier spectrum",
    "autocorrelation_function": "Autocorrelation",
}


def family_words(family: str) -> str:
    """The name of a feature family in words."""
    return _FAMILIES.get(family, family.replace("_", " ").capitalize())


def sensible(value: float | None, digits: int = 3) -> str:
    """A number in `digits` significant digits, with a true minus sign; no trailing dot.

    Examples
    --------
    >>> sensible(1234.567), sensible(0.0012345), sensible(-2.0)
    ('1235', '0.00123', '−2')
    """
    if value is None or not math.isfinite(value):
        return ""
    if value == 0:
        return "0"
    size = math.floor(math.log10(abs(value)))
    if size >= 6 or size < -4:
        mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
        text = f"{mantissa.rstrip('0').rstrip('.')}·10{_raised(int(exponent))}"
    else:
        decimals = max(digits - 1 - size, 0)
        text = f"{value:,.{decimals}f}" if size >= 4 else f"{value:.{decimals}f}"
        text = text.rstrip("0").rstrip(".") if decimals else text
    return text.replace("-", "−").replace(",", "\u202f")


def _raised(exponent: int) -> str:
    return str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def with_unit(value: float | None, unit: str) -> str:
    """A number with its unit; none for 1, grey levels and ``I``, the unit of the image."""
    text = sensible(value)
    shown = "" if unit in ("", "1", "I", "level") else f" {unit}"
    return f"{text}{shown}" if text else ""


def bounded(values: Any) -> Bounded | None:
    """An estimate of the results with its interval; None if it is not defined."""
    if not isinstance(values, Mapping) or values.get("lower") is None:
        return None
    return Bounded(values["value"], values["lower"], values["upper"])


def typeset(text: str) -> str:
    """A sentence of the results as it is printed.

    Minus signs and quotation marks are true ones, a zero has no sign, a per cent sign stays
    with its number, and one is not many.

    Examples
    --------
    >>> typeset("'os': gain -0.05 (-0.1 to 0.2), T1-weighted")
    '“os”: gain −0.05 (−0.1 to 0.2), T1-weighted'
    >>> typeset("got 0 in 1 patients of 21 patients")
    'got 0 in 1 patient of 21 patients'
    >>> typeset("0.08 (-0.00 to 0.18), -0.002, from -0 to 1")
    '0.08 (0.00 to 0.18), −0.002, from 0 to 1'
    """
    text = _ONE.sub(r"\1", _PERCENT.sub("\u00a0%", _NEGATIVE_ZERO.sub("", text)))
    return _QUOTED.sub(r"“\1”", _MINUS.sub("−", text))


def unbroken(text: str) -> str:
    r"""An estimate that breaks before its interval alone.

    Examples
    --------
    >>> unbroken("0.71 (0.60 to 0.81)").split(" ")
    ['0.71', '(0.60\xa0to\xa00.81)']
    """
    return text.replace(" ", "\u00a0").replace("\u00a0(", " (")


def listed(words: Sequence[str], last: str = "and") -> str:
    """Words in a row: ``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def seconds_words(seconds: float | None) -> str:
    """A time in words: ``0.4 s``, ``12 s``, ``3 min 20 s``."""
    if seconds is None:
        return ""
    if seconds < 0.05:
        return "< 0.1 s"
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def moment(text: str) -> str:
    """A time of ISO 8601 as a reader writes it, to the minute; any other text as it is.

    Examples
    --------
    >>> moment("2026-11-29T21:53:28+00:00"), moment("in May")
    ('2026-11-29 21:53 UTC', 'in May')
    """
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        return text
    if told.tzinfo is None:
        return f"{told:%Y-%m-%d %H:%M}"
    return f"{told.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
