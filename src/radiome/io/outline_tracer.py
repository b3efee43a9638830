"""Trace the outline of a region along the borders of its pixels.

Such outlines pass halfway between pixel centres, so that every rule of filling them
gives back exactly the pixels they were traced from.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: Steps (y, x) along pixel borders, each a right turn after the one before.
_STEPS = ((0, 1), (1, 0), (0, -1), (-1, 0))

_Corner = tuple[int, int]


def trace_outlines(plane: NDArray[np.bool_]) -> list[NDArray[np.float64]]:
    """Closed polygons around the pixels of one slice.

    Parameters
    ----------
    plane : bool array (y, x)
        The region in a slice.

    Returns
    -------
    list of float64 array (n, 2)
        Corners (y, x) in pixels, pixel centres being whole numbers; the last corner is
        joined to the first. Every hole is a polygon of its own. Outer outlines run
        clockwise on the screen, holes the other way. No outline crosses or touches
        itself: pixels or holes that touch at a corner are cut apart there. An empty
        slice has no outline.
    """
    ahead = _border_steps(plane)
    outlines: list[NDArray[np.float64]] = []
    while ahead:
        # Starting at the first corner in reading order makes the result definite.
        outlines += [_turns(loop) for loop in _walk(ahead, min(ahead))]
    return outlines


def is_hole(outline: NDArray[np.float64]) -> bool:
    """Whether an outline from `trace_outlines` encloses a hole: it runs anticlockwise."""
    y, x = outline.T
    return bool(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) < 0)


def _border_steps(plane: NDArray[np.bool_]) -> dict[_Corner, list[int]]:
    """Directions that leave each corner, with the region on the right-hand side.

    Corner (i, j) lies to the upper left of pixel (i, j).
    """
    padded = np.pad(plane, 1)
    inside = padded[1:-1, 1:-1]
    # Upper borders run to the right, right ones down, lower ones left, left ones up.
    neighbours = (padded[:-2, 1:-1], padded[1:-1, 2:], padded[2:, 1:-1], padded[1:-1, :-2])
    offsets = ((0, 0), (0, 1), (1, 1), (1, 0))
    steps: dict[_Corner, list[int]] = {}
    for direction, (beside, (dy, dx)) in enumerate(zip(neighbours, offsets, strict=True)):
        for y, x in np.argwhere(inside & ~beside).tolist():
            steps.setdefault((y + dy, x + dx), []).append(direction)
    return steps


def _walk(ahead: dict[_Corner, list[int]], start: _Corner) -> list[list[_Corner]]:
    """Take borders out of `ahead` until the walk ends at `start`; return its loops.

    As many borders arrive at a corner as leave it, so the walk can only end where it
    began. A loop is cut off as soon as a corner is met again.
    """
    loops = []
    path, place = [start], {start: 0}
    corner = start
    while corner in ahead:
        leaving = ahead[corner]
        dy, dx = _STEPS[leaving.pop()]
        if not leaving:
            del ahead[corner]
        corner = corner[0] + dy, corner[1] + dx
        if corner not in place:
            place[corner] = len(path)
            path.append(corner)
            continue
        cut = place[corner]
        loops.append(path[cut:])
        for left_behind in path[cut + 1 :]:
            del place[left_behind]
        del path[cut + 1 :]
    return loops


def _turns(loop: list[_Corner]) -> NDArray[np.float64]:
    """Keep the corners where the outline turns, as positions between pixel centres."""
    corners = np.array(loop, dtype=np.float64)
    arriving = corners - np.roll(corners, 1, axis=0)
    leaving = np.roll(corners, -1, axis=0) - corners
    return np.asarray(corners[np.any(arriving != leaving, axis=1)] - 0.5)
