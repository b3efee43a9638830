"""Interpolation on part of the interpolation grid: nearest, linear, cubic B-spline.

Separable: one axis after the other, from a table of indices and weights. New voxels
that lie beyond the centre of the outermost old voxel take the value found there.

Source: IBSI reference manual (arXiv:1612.07003), section 2.4; Unser, Aldroubi & Eden
1993, IEEE Trans. Signal Process. 41:821 (B-spline coefficients by recursion).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import ImageError
from radiome.preprocess.grid import Axes, GridAxis
from radiome.preprocess.options import Method

Range = tuple[int, int]
Ranges = tuple[Range, Range, Range]

#: Pole of the cubic B-spline prefilter.
POLE = np.sqrt(3.0) - 2.0

#: Old voxels beyond its own support that a spline value depends on: |POLE|**28 is 1e-16, so
#: what lies further away is lost in rounding, and a crop with this margin changes nothing.
SPLINE_MEMORY_VOXELS = 28

#: Old voxels next to a new one that its value is taken from, not counting the memory.
SUPPORT_VOXELS = {"nearest": 1, "linear": 1, "cubic": 2}


def reach(method: Method) -> int:
    """Old voxels on either side of a new voxel that can have a part in its value."""
    return SUPPORT_VOXELS[method] + (SPLINE_MEMORY_VOXELS if method == "cubic" else 0)


def interpolate(
    voxels: NDArray[Any], axes: Axes, ranges: Ranges, method: Method, *, where: str = ""
) -> NDArray[np.float64]:
    """Evaluate part of the interpolation grid.

    Parameters
    ----------
    voxels : array (z, y, x)
        The whole old image, of any real type or bool; only the needed part is touched.
    axes : three GridAxis
        The interpolation grid of the whole image.
    ranges : three (start, stop)
        New voxels wanted along (z, y, x).
    method : {"nearest", "linear", "cubic"}
        Interpolation along every axis whose voxel centres change.
    where : str
        The image, for messages.

    Returns
    -------
    float64 array (z, y, x)
        Values at the new voxels of `ranges`.

    Raises
    ------
    ImageError
        For cubic: if a voxel that has a part in the result is NaN or infinite.
    """
    spans = [_needed(axis, span, method) for axis, span in zip(axes, ranges, strict=True)]
    part = voxels[tuple(slice(*span) for span in spans)]
    block = np.array(part, dtype=np.float64, order="C")
    changing = [a for a in range(3) if not axes[a].same]
    if method == "cubic" and changing and part.dtype.kind == "f":
        _require_finite(block, where)
    # The axis that shrinks most comes first: it leaves the least work for the others.
    for a in sorted(changing, key=lambda a: -axes[a].ratio):
        block = _along(block, a, axes[a], ranges[a], spans[a], method)
    return block


def _needed(axis: GridAxis, wanted: Range, method: Method) -> Range:
    if axis.same:
        return wanted
    ends = axis.old_positions(*wanted)[[0, -1]]
    # One voxel in reserve, so that rounding of a position cannot leave the span.
    near, far = np.floor(ends) + np.array([-reach(method), reach(method) + 1])
    return max(0, int(near)), min(axis.n_old, int(far) + 1)


def _four_axes(shape: tuple[int, ...], a: int) -> tuple[int, int, int, int]:
    """View of a block (z, y, x) with axis `a` second and memory order kept, for the kernels."""
    z, y, x = shape
    return ((1, z, y, x), (z, y, 1, x), (z * y, x, 1, 1))[a]


def _along(
    block: NDArray[np.float64], a: int, axis: GridAxis, wanted: Range, span: Range, method: Method
) -> NDArray[np.float64]:
    positions = np.clip(axis.old_positions(*wanted), 0.0, axis.n_old - 1.0)
    if method == "nearest":
        nearest = np.floor(positions + 0.5).astype(np.int64) - span[0]
        return np.take(block, nearest, axis=a)
    indices, weights = _table(positions, axis.n_old, method)
    indices -= span[0]
    from radiome.kernels.resample import spline_coefficients, weighted_sum

    view = block.reshape(_four_axes(block.shape, a))
    if method == "cubic" and view.shape[1] > 1:
        spline_coefficients(view, _mirror_start(view.shape[1]), POLE)
    shape = [*block.shape]
    shape[a] = positions.size
    out = np.empty(shape)
    weighted_sum(view, indices, weights, out.reshape(_four_axes(out.shape, a)))
    return out


def _table(
    positions: NDArray[np.float64], n_old: int, method: Method
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Old indices and weights, both (n_new, taps), of positions inside 0..n_old-1."""
    below = np.floor(positions)
    t = (positions - below)[:, None]
    if method == "linear":
        indices = below.astype(np.int64)[:, None] + np.array([0, 1])
        return np.minimum(indices, n_old - 1), np.hstack([1.0 - t, t])
    indices = below.astype(np.int64)[:, None] + np.array([-1, 0, 1, 2])
    # Coefficients continue mirrored at the outermost voxel centres, as in the prefilter.
    indices = np.abs(indices)
    indices = np.where(indices >= n_old, 2 * (n_old - 1) - indices, indices)
    u = 1.0 - t
    inner, outer = 2.0 / 3.0 - t * t * (1.0 - 0.5 * t), 2.0 / 3.0 - u * u * (1.0 - 0.5 * u)
    weights = np.hstack([u**3 / 6.0, inner, outer, t**3 / 6.0])
    return np.maximum(indices, 0), weights


def _mirror_start(n: int) -> NDArray[np.float64]:
    """Weights of the samples in the first causal coefficient of a mirrored line of n >= 2."""
    k = np.arange(min(n, SPLINE_MEMORY_VOXELS + 2))
    if n > k.size:
        return np.asarray(POLE**k)
    period = 2 * n - 2
    weights = POLE**k + POLE ** (period - k)
    weights[[0, -1]] = 1.0, POLE ** (n - 1)
    return np.asarray(weights / (1.0 - POLE**period))


def _require_finite(block: NDArray[np.float64], where: str) -> None:
    bad = block.size - int(np.count_nonzero(np.isfinite(block)))
    if bad:
        raise ImageError(
            "the image has voxels without a value within reach of the region",
            where=where or None,
            expected="finite numbers: a cubic spline passes every voxel on to its neighbours",
            got=f"{bad} NaN or infinite voxels within {SPLINE_MEMORY_VOXELS} voxels of the region",
            do="fill them with the background value, or interpolate with 'linear'",
        )
