"""Moran's I and Geary's C with inverse distance weights: exact, without a pass over pairs.

With deviations y, their squares q and the membership m of N voxels, and the weight
w_ij = 1 / distance (0 for i = j), let A(f, g) = Σ_i Σ_j w_ij f_i g_j. Then

- Moran's I = N / A(m, m) · A(y, y) / Σ q
- Geary's C = (N − 1) / A(m, m) · (A(q, m) − A(y, y)) / Σ q

since Σ_ij w_ij (y_i − y_j)² = 2 A(q, m) − 2 A(y, y). The weight depends on the lag
only, so A is a correlation, and Parseval's theorem makes it a sum over the spectra
of f, g and w on a grid of 2n − 1 points per axis, where no lag wraps round.

The weight is even along each axis. So its spectrum is real and even, and a field
splits about the centre of its box into even and odd parts along each axis, eight in
all, whose spectra are real and whose cross terms cancel. Every part needs only an
eighth of the input and an eighth of the frequencies. At lesion sizes, products with
cosine and sine matrices then cost less than fast Fourier transforms do.

Source: IBSI reference manual, section 3.1 (N365 and NPT7).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.base.values import FeatureValue, NotApplicable
from radiome.kernels.spectrum import add_weighted_products

#: Values of one block of the spectrum: with three fields it stays in the second level cache.
_BLOCK_VALUES = 20_000
#: Columns of matrix products come in multiples of this, which fills whole vector registers.
_LANES = 8


def spatial_autocorrelation(
    block: NDArray[np.float64], mask: NDArray[np.bool_], spacing: tuple[float, float, float]
) -> tuple[FeatureValue, FeatureValue]:
    """Moran's I (N365) and Geary's C (NPT7) of the intensities in a mask.

    Parameters
    ----------
    block : float64 array (z, y, x)
        Intensities.
    mask : bool array (z, y, x)
        The intensity mask; best its bounding box.
    spacing : (float, float, float)
        Voxel spacing in mm along (z, y, x).

    Returns
    -------
    (float or NotApplicable, float or NotApplicable)
        Not applicable with fewer than two voxels or where all intensities are equal.
    """
    values = block[mask]
    reason = ""
    if values.size == 0:
        reason = "the intensity mask is empty"
    elif values.size == 1:
        reason = "the intensity mask has a single voxel"
    elif values.min() == values.max():
        reason = "all intensities are equal"
    if reason:
        return NotApplicable(reason), NotApplicable(reason)
    mean = values.mean()
    n = values.size
    spread = float(np.square(values - mean).sum())
    del values
    deviations = np.where(mask, block - mean, 0.0)
    yy, qm, mm = weighted_products(deviations, mask, spacing)
    return n / mm * yy / spread, (n - 1) / mm * (qm - yy) / spread


def weighted_products(
    deviations: NDArray[np.float64], mask: NDArray[np.bool_], spacing: tuple[float, float, float]
) -> tuple[float, float, float]:
    """The sums A(y, y), A(q, m) and A(m, m) of this module, in 1/mm times the fields' units.

    Parameters
    ----------
    deviations : float64 array (z, y, x)
        y inside the mask and 0 outside; q is its square.
    mask : bool array (z, y, x)
        m.
    spacing : (float, float, float)
        Voxel spacing in mm along (z, y, x).
    """
    # The matrix work is n₃ + 2 n₂ + 4 n₁ per voxel: the shortest axis goes first.
    order = sorted(range(3), key=lambda axis: deviations.shape[axis])
    fields = np.empty((3, *(deviations.shape[axis] for axis in order)))
    fields[0] = deviations.transpose(order)
    np.square(fields[0], out=fields[1])
    fields[2] = mask.transpose(order)
    shape = fields.shape[1:]
    columns = shape[1] * _padded(shape[2])
    step = max(1, _BLOCK_VALUES // shape[0] // _LANES) * _LANES
    spans = [slice(at, at + step) for at in range(0, columns, step)]
    weights = weight_blocks(shape, tuple(spacing[axis] for axis in order), spans)
    sums = np.zeros((3, min(step, columns)))
    for matrix, part in _parts(fields):
        rows = part.reshape(3, -1, columns)
        for span, block in zip(spans, weights, strict=True):
            spectra = np.matmul(matrix, rows[:, :, span])
            add_weighted_products(block, spectra, sums[:, : block.shape[1]])
    yy, qm, mm = (float(total) for total in sums.sum(axis=1))
    return yy, qm, mm


def weight_blocks(
    shape: tuple[int, ...], spacing: tuple[float, ...], spans: list[slice]
) -> list[NDArray[np.float64]]:
    """Spectrum of 1 / distance at frequencies 0..n-1 of 2n − 1 per axis, scaled for Parseval.

    Frequencies other than 0 stand for their mirror image as well, and the inverse of
    the number of points is included. Zeros fill the last axis up to whole lanes.
    The last two axes count as one, which is cut into `spans`.
    """
    squares = [np.square(np.arange(n) * step) for n, step in zip(shape, spacing, strict=True)]
    in_plane = squares[1][:, None] + squares[2]
    first, second, third = (_weight_matrix(n) for n in shape)
    third = _lane_columns(third)
    planes = np.empty((shape[0], shape[1], third.shape[1]))
    for plane, square in zip(planes, squares[0], strict=True):
        distance = np.sqrt(in_plane + square)
        if square == 0:
            distance[0, 0] = np.inf
        np.matmul(second, (1 / distance) @ third, out=plane)
    flat = planes.reshape(shape[0], -1)
    return [first @ flat[:, span] for span in spans]


def _weight_matrix(n: int) -> NDArray[np.float64]:
    points = np.arange(n)
    # The rows count mirrored frequencies twice, the columns mirrored lags.
    twice = np.where(points == 0, 1.0, 2.0)
    return np.asarray(np.cos(_angles(n, points)) * twice * (twice / (2 * n - 1))[:, None])


def _parts(
    fields: NDArray[np.float64],
) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """The eight parts, transformed along the last two axes, with the matrix for the first.

    The arrays yielded are overwritten by the next part.
    """
    _, first_size, second_size, third_size = fields.shape
    half = (first_size + 1) // 2
    rows = np.empty((3, half, second_size, _padded(third_size)))
    far, near = fields[:, first_size // 2 :], np.flip(fields[:, :half], 1)
    step = max(1, _BLOCK_VALUES // (second_size * third_size))
    parities = [_parities(n) for n in fields.shape[1:]]
    boxes = _filled_boxes(fields[2] != 0, step)
    for fold_third, third in parities[2]:
        third = _lane_columns(third)
        for fold_second, second in parities[1]:
            for fold_first, first in parities[0]:
                # A few planes at a time: everything between `fields` and `rows` is in cache.
                for span, b, c in boxes:
                    centre = (_middle(second_size, b), _middle(third_size, c))
                    part = fold_first(far[:, span, *centre], near[:, span, *centre])
                    part = _fold(_fold(part, 2, fold_second), 3, fold_third)
                    lines = part.reshape(-1, c) @ third[:c]
                    lines = lines.reshape(*part.shape[:3], -1)
                    np.matmul(second[:, :b], lines, out=rows[:, span])
                yield first, rows


def _filled_boxes(filled: NDArray[np.bool_], step: int) -> list[tuple[slice, int, int]]:
    """Runs of `step` planes from the centre of the first axis, and what of them is filled.

    Of the second and third axis, nothing is filled beyond that many points from the
    centre, on either side. Lesions are round: outer planes are filled in the middle only.
    """
    reaches = []
    for other in (2, 1):
        shadow = np.asarray(filled.any(axis=other))
        folded = _fold(_fold(shadow, 0, np.logical_or), 1, np.logical_or)
        # An empty plane keeps one point, so that no product is empty.
        reaches.append(np.where(folded, np.arange(1, folded.shape[1] + 1), 1).max(axis=1))
    spans = [slice(at, at + step) for at in range(0, len(reaches[0]), step)]
    return [(span, int(reaches[0][span].max()), int(reaches[1][span].max())) for span in spans]


def _middle(n: int, reach: int) -> slice:
    """The points of an axis of n that are among the first `reach` on a side of the centre."""
    return slice((n + 1) // 2 - reach, n // 2 + reach)


def _fold(fields: NDArray[Any], axis: int, fold: np.ufunc) -> NDArray[Any]:
    """Half of `fields` from the centre of `axis` onwards, plus or minus its mirror image."""
    n = fields.shape[axis]
    lead = (slice(None),) * axis
    far = fields[(*lead, slice(n // 2, None))]
    near = np.flip(fields[(*lead, slice(0, (n + 1) // 2))], axis)
    return np.asarray(fold(far, near))


def _parities(n: int) -> list[tuple[np.ufunc, NDArray[np.float64]]]:
    """How to fold an axis of n points to its even and odd part, and the matrix of each.

    The matrix (n, half) yields frequencies 0..n-1 of 2n − 1.
    """
    points = np.arange((n + 1) // 2) + (0.0 if n % 2 else 0.5)
    even = np.cos(_angles(n, points))
    if n % 2:
        even[:, 0] /= 2  # the centre is its own mirror image
    odd = np.sin(_angles(n, points))
    return [(np.add, even), (np.subtract, odd)] if n > 1 else [(np.add, even)]


def _angles(n: int, points: NDArray[np.number[Any]]) -> NDArray[np.float64]:
    """Phase (n, points) of each frequency at each point, with whole turns taken off."""
    period = 2 * n - 1
    # Half points count double here, so that turns come off in exact arithmetic.
    return np.asarray(np.mod(np.outer(np.arange(n), 2 * points), 2 * period) * (np.pi / period))


def _padded(n: int) -> int:
    return -(-n // _LANES) * _LANES


def _lane_columns(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Transpose of `matrix` with zero columns up to whole lanes."""
    columns = np.zeros((matrix.shape[1], _padded(matrix.shape[0])))
    columns[:, : matrix.shape[0]] = matrix.T
    return columns
