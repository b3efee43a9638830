"""Numbers and names as plots show them."""

from __future__ import annotations

from collections.abc import Sequence

from radiome.base.counting import counted as counted
from radiome.model.concordance import Bounded


def number(value: float, digits: int = 2) -> str:
    """A number with a true minus sign; a zero has none."""
    text = f"{value:.{digits}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "−")


def signed(value: float, digits: int = 2) -> str:
    """A difference with its sign."""
    text = number(value, digits)
    return text if value <= 0 or float(f"{value:.{digits}f}") == 0 else f"+{text}"


def spoken(found: Bounded, digits: int = 2) -> str:
    """An estimate with its interval: ``0.71 (0.60 to 0.81)``."""
    return (
        f"{number(found.value, digits)} "
        f"({number(found.lower, digits)} to {number(found.upper, digits)})"
    )


def percent(share: float) -> str:
    """A share in whole per cent; what is not all or nothing is never shown as such."""
    rounded = f"{100 * share:.0f}"
    if rounded == "100" and share < 1:
        return "> 99 %"
    if rounded == "0" and share > 0:
        return "< 1 %"
    return f"{rounded} %"


def p_value(p: float) -> str:
    """A p-value with its sign: ``p = 0.03``, ``p < 0.001``."""
    if p < 0.001:
        return "p < 0.001"
    return f"p = {p:.3f}" if p < 0.01 else f"p = {p:.2f}"


def told_apart(names: Sequence[str], length: int) -> list[str]:
    """Names of at most `length` characters that still differ, where the names do.

    Examples
    --------
    >>> told_apart(["volume", "glcm_mean_of_25_bins", "glcm_mean_of_64_bins"], 12)
    ['volume', '…_of_25_bins', '…_of_64_bins']
    """
    short = [shortened(name, length) for name in names]
    for label in {label for label in short if short.count(label) > 1}:
        alike = [place for place, other in enumerate(short) if other == label]
        letters = zip(*(names[place] for place in alike), strict=False)
        first = next((k for k, seen in enumerate(letters) if len(set(seen)) > 1), 0)
        for place in alike:
            rest = names[place][max(min(first - 4, len(names[place]) - length + 1), 0) :]
            short[place] = f"…{rest}" if len(rest) < length else f"…{rest[: length - 2]}…"
    return short


def shortened(text: str, length: int) -> str:
    """At most `length` characters, the middle left out: both ends tell features apart."""
    flat = " ".join(text.split())
    if len(flat) <= length:
        return flat
    tail = (length - 1) // 2
    return f"{flat[: length - 1 - tail]}…{flat[len(flat) - tail :]}"
