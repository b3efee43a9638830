"""Counts in words."""

from __future__ import annotations


def counted(count: int, one: str, many: str | None = None) -> str:
    """A count with its noun, and its verb where one goes with it.

    Parameters
    ----------
    count : int
        How many.
    one : str
        What follows 1.
    many : str, optional
        What follows other numbers; by default `one` with an s.

    Examples
    --------
    >>> counted(1, "pair"), counted(2, "pair")
    ('1 pair', '2 pairs')
    >>> counted(0, "row has", "rows have")
    '0 rows have'
    """
    return f"{count} {one if count == 1 else many or one + 's'}"
