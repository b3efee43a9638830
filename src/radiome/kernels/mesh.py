"""One pass over a mask: which of the 256 marching cubes does each cell show.

A binary mask has all its surface vertices at edge midpoints, so a cube adds a
fixed area and volume that depend only on which of its eight corners are inside.
Counting cubes by kind is therefore all the pass has to do; the counts are
integers, hence the same whatever the order of the pass.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def count_cubes(mask: NDArray[np.uint8], counts: NDArray[np.int64]) -> None:
    """Add the number of cubes of each kind in `mask` to `counts`.

    Parameters
    ----------
    mask : uint8 array (z, y, x)
        1 inside and 0 outside, with at least one layer of zeros on every side.
    counts : int64 array (256,)
        Kind ``sum(mask[dz, dy, dx] << (4 dz + 2 dy + dx))`` of a cube, added to.
    """
    depth, height, width = mask.shape
    full = 0
    for z in range(depth - 1):
        for y in range(height - 1):
            near = np.int64(0)
            for x in range(width):
                far = (
                    np.int64(mask[z, y, x])
                    | (np.int64(mask[z, y + 1, x]) << 2)
                    | (np.int64(mask[z + 1, y, x]) << 4)
                    | (np.int64(mask[z + 1, y + 1, x]) << 6)
                )
                kind = near | (far << 1)
                near = far
                # Nearly all cubes are all out or all in: a register counts the latter,
                # and nothing waits for the former.
                if kind == 255:
                    full += 1
                elif kind != 0:
                    counts[kind] += 1
    counts[255] += full


@njit(cache=True, nogil=True)
def scan_rows(
    mask: NDArray[np.uint8],
    first: NDArray[np.int64],
    last: NDArray[np.int64],
    moments: NDArray[np.int64],
) -> None:
    """Sum the index moments of a mask and span the mesh vertices of each row.

    Mesh vertices that can lie on the convex hull are half a spacing from a voxel
    centre along one axis. Counted in half spacings from one half spacing before the
    grid, voxel (z, y, x) sits at (2z + 1, 2y + 1, 2x + 1).

    Parameters
    ----------
    mask : uint8 array (z, y, x)
        1 inside, 0 outside.
    first, last : int64 array (2z + 1, 2y + 1)
        Least and greatest x of each row of vertices, widened by what is found here.
        A row with first > last is empty.
    moments : int64 array (10,)
        Sums over the mask of 1, z, y, x, zz, yy, xx, zy, zx, yx, added to.
    """
    depth, height, width = mask.shape
    for z in range(depth):
        for y in range(height):
            low = 0
            while low < width and mask[z, y, low] == 0:
                low += 1
            if low == width:
                continue
            high = width - 1
            while mask[z, y, high] == 0:
                high -= 1
            n = np.int64(0)
            sum_x = np.int64(0)
            sum_xx = np.int64(0)
            for x in range(low, high + 1):
                inside = np.int64(mask[z, y, x])
                n += inside
                sum_x += inside * x
                sum_xx += inside * x * x
            moments[0] += n
            moments[1] += n * z
            moments[2] += n * y
            moments[3] += sum_x
            moments[4] += n * z * z
            moments[5] += n * y * y
            moments[6] += sum_xx
            moments[7] += n * z * y
            moments[8] += sum_x * z
            moments[9] += sum_x * y
            row_z, row_y, low_x, high_x = 2 * z + 1, 2 * y + 1, 2 * low + 1, 2 * high + 1
            for side in (-1, 1):
                first[row_z + side, row_y] = min(first[row_z + side, row_y], low_x)
                last[row_z + side, row_y] = max(last[row_z + side, row_y], high_x)
                first[row_z, row_y + side] = min(first[row_z, row_y + side], low_x)
                last[row_z, row_y + side] = max(last[row_z, row_y + side], high_x)
            first[row_z, row_y] = min(first[row_z, row_y], low_x - 1)
            last[row_z, row_y] = max(last[row_z, row_y], high_x + 1)


@njit(cache=True, nogil=True)
def mark_outlines(
    first: NDArray[np.int64], last: NDArray[np.int64], marks: NDArray[np.uint8]
) -> None:
    """Mark the corners of the convex outline of the points in each plane.

    Andrew's monotone chain in whole numbers, hence exact. Every point of a plane lies
    inside the outline, so no other point is a corner of the convex hull of all points.

    Parameters
    ----------
    first, last : int64 array (planes, rows)
        Least and greatest position in each row; first > last where the row is empty.
    marks : uint8 array (planes, rows, 2)
        Set to 1 where the least, the greatest position of a row is a corner; zeroed before.
    """
    planes, rows = first.shape
    chain = np.empty((rows, 2), dtype=np.int64)
    for plane in range(planes):
        for end in range(2):
            # Round the least positions the chain turns one way, round the greatest the other.
            sense = 1 - 2 * end
            size = 0
            for row in range(rows):
                low, high = first[plane, row], last[plane, row]
                if low > high:
                    continue
                at = high if end else low
                while size >= 2:
                    across = chain[size - 1, 0] - chain[size - 2, 0]
                    along = chain[size - 1, 1] - chain[size - 2, 1]
                    turn = across * (at - chain[size - 2, 1]) - along * (row - chain[size - 2, 0])
                    if sense * turn > 0:
                        break
                    size -= 1
                chain[size, 0] = row
                chain[size, 1] = at
                size += 1
            for i in range(size):
                marks[plane, chain[i, 0], end] = 1
