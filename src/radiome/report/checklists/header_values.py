"""Values of header facts over the cases, in a few words."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

#: Units that DICOM gives numbers in, by keyword.
UNITS = {
    "KVP": "kV",
    "XRayTubeCurrent": "mA",
    "Exposure": "mAs",
    "SliceThickness": "mm",
    "MagneticFieldStrength": "T",
    "RepetitionTime": "ms",
    "EchoTime": "ms",
    "InversionTime": "ms",
    "FlipAngle": "°",
    "DiffusionBValue": "s/mm²",
    "ActualFrameDuration": "ms",
    "TransducerFrequency": "kHz",
    "spacing_x_mm": "mm",
    "spacing_y_mm": "mm",
    "spacing_z_mm": "mm",
}

#: Different texts that are named; of more the most frequent.
_MOST = 4


def short_values(keyword: str, cells: Iterable[str]) -> str:
    """What the values of a column are: a range of numbers, or texts with how often.

    Parameters
    ----------
    keyword : str
        Name of the column.
    cells : iterable of str
        Of all cases; empty ones are left out.

    Examples
    --------
    >>> short_values("KVP", ["120", "", "140.0"])
    '120 to 140 kV'
    >>> short_values("ConvolutionKernel", ["B30f", "B30f", "SOFT"])
    'B30f (2), SOFT (1)'
    """
    given = [cell for cell in cells if cell]
    numbers = _numbers(given)
    if numbers is None:
        return _texts(given)
    low, high = (f"{value:.4g}" for value in (min(numbers), max(numbers)))
    span = low if low == high else f"{low} to {high}"
    unit = UNITS.get(keyword, "")
    return f"{span}{'' if unit == '°' else ' '}{unit}".strip()


def _numbers(cells: Sequence[str]) -> list[float] | None:
    """The cells as numbers, or None if there is none or one is no number."""
    try:
        found = [float(cell) for cell in cells]
    except ValueError:
        return None
    return found if found and all(map(math.isfinite, found)) else None


def _texts(cells: Sequence[str]) -> str:
    counts = Counter(cells)
    ranked = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    if len(ranked) == 1:
        return ranked[0][0]
    told = [f"{text} ({count})" for text, count in ranked[:_MOST]]
    if len(ranked) > _MOST:
        told.append(f"{len(ranked) - _MOST} others")
    return ", ".join(told)
