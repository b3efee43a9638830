"""Values between voxels, as ITK's resampling finds them on an axis-aligned grid.

A new voxel up to half a voxel beyond the outermost old centre takes its value from the
image continued there; further out it is 0. Values for an image of whole numbers are cut
off towards zero.

Source: Insight Toolkit documentation, ResampleImageFilter, LinearInterpolateImageFunction
and BSplineInterpolateImageFunction.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import SettingsError

Floats = NDArray[np.float64]
Table = tuple[NDArray[np.int64], Floats]

#: Interpolators by their SimpleITK name and numbers; that of the spline has changed.
INTERPOLATORS = {
    "sitkNearestNeighbor": (1,),
    "sitkLinear": (2,),
    "sitkBSpline": (3, 23),
}

_POLE = math.sqrt(3.0) - 2.0
#: Old voxels that a spline value depends on, beyond those next to it: |pole|**30 is 1e-17.
_MEMORY = 30


def interpolator_name(interpolator: str | int) -> str:
    """Resolve an interpolator given by SimpleITK name or number.

    Raises
    ------
    SettingsError
        If it is not one of `INTERPOLATORS`.
    """
    for name, numbers in INTERPOLATORS.items():
        if interpolator in (name, *numbers) and not isinstance(interpolator, bool):
            return name
    raise SettingsError(
        "this interpolator is not available",
        where="interpolator",
        expected=", ".join(INTERPOLATORS),
        got=str(interpolator),
    )


def resample_voxels(
    voxels: NDArray[np.generic], positions: tuple[Floats, Floats, Floats], interpolator: str
) -> NDArray[np.generic]:
    """Evaluate an image at every combination of positions along its axes.

    Parameters
    ----------
    voxels : array (z, y, x)
        The whole image, of any real type or bool.
    positions : three float64 arrays
        Ascending positions along (z, y, x) in old voxels.
    interpolator : str
        Key of `INTERPOLATORS`.

    Returns
    -------
    array of the type of `voxels`
        One value for each combination.
    """
    if interpolator == "sitkNearestNeighbor":
        for axis, at in enumerate(positions):
            voxels = _nearest(voxels, axis, at)
        return voxels
    spans = [_span(at, n, interpolator) for at, n in zip(positions, voxels.shape, strict=True)]
    block = voxels[tuple(slice(*span) for span in spans)].astype(np.float64)
    # ITK goes along x first; the order shows where a value is cut off to a whole number.
    for axis in (2, 1, 0):
        at, n = positions[axis], voxels.shape[axis]
        if interpolator == "sitkLinear":
            block = _linear(block, axis, at, n, spans[axis])
        else:
            block = _spline(block, axis, _spline_table(at, n, spans[axis]))
    if voxels.dtype.kind == "f":
        return block.astype(voxels.dtype)
    limits = np.iinfo(voxels.dtype.str)
    return np.trunc(np.clip(block, limits.min, limits.max)).astype(voxels.dtype)


def _is_inside(at: Floats, n: int) -> NDArray[np.bool_]:
    return (at >= -0.5) & (at < n - 0.5)


def _nearest(voxels: NDArray[np.generic], axis: int, at: Floats) -> NDArray[np.generic]:
    n = voxels.shape[axis]
    places = np.clip(np.floor(at + 0.5), 0, n - 1).astype(np.int64)
    found = np.take(voxels, places, axis=axis)
    across = [1, 1, 1]
    across[axis] = len(at)
    return np.where(_is_inside(at, n).reshape(across), found, found.dtype.type(0))


def _span(at: Floats, n: int, interpolator: str) -> tuple[int, int]:
    margin = 2 + (_MEMORY if interpolator == "sitkBSpline" else 0)
    first = min(max(int(np.floor(at[0])) - margin, 0), n - 1)
    return first, max(min(int(np.ceil(at[-1])) + margin + 1, n), first + 1)


def _linear(block: Floats, axis: int, at: Floats, n: int, span: tuple[int, int]) -> Floats:
    below = np.floor(at)
    t = at - below
    first = np.clip(below, 0, n - 1).astype(np.int64) - span[0]
    second = np.clip(below + 1, 0, n - 1).astype(np.int64) - span[0]
    inside = _is_inside(at, n)
    across = [1, 1, 1]
    across[axis] = len(at)
    low = np.take(block, np.where(inside, first, 0), axis=axis)
    high = np.take(block, np.where(inside, second, 0), axis=axis)
    return np.where(inside.reshape(across), low + (high - low) * t.reshape(across), 0.0)


def _spline_table(at: Floats, n: int, span: tuple[int, int]) -> Table:
    """Indices within the span and weights, both (n_new, taps)."""
    below = np.floor(at)
    t = (at - below)[:, None]
    u = 1.0 - t
    indices = _mirrored(below.astype(np.int64)[:, None] + np.array([-1, 0, 1, 2]), n)
    inner = 2.0 / 3.0 - t * t * (1.0 - 0.5 * t), 2.0 / 3.0 - u * u * (1.0 - 0.5 * u)
    weights = np.hstack([u**3 / 6.0, *inner, t**3 / 6.0])
    inside = _is_inside(at, n)[:, None]
    indices = np.clip(indices - span[0], 0, span[1] - span[0] - 1)
    return np.ascontiguousarray(np.where(inside, indices, 0)), np.where(inside, weights, 0.0)


def _mirrored(indices: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    if n == 1:
        return np.zeros_like(indices)
    period = 2 * n - 2
    indices = np.abs(indices) % period
    return np.where(indices >= n, period - indices, indices)


def _spline(block: Floats, axis: int, table: Table) -> Floats:
    from radiome.kernels.resample import spline_coefficients, weighted_sum

    shape = list(block.shape)
    outer = math.prod(shape[:axis])
    inner = math.prod(shape[axis + 1 :])
    view = np.ascontiguousarray(block).reshape(outer, shape[axis], 1, inner)
    if shape[axis] > 1:
        spline_coefficients(view, _mirror_start(shape[axis]), _POLE)
    shape[axis] = len(table[0])
    out = np.empty((outer, shape[axis], 1, inner))
    weighted_sum(view, *table, out)
    return out.reshape(shape)


def _mirror_start(n: int) -> Floats:
    """Weights of the samples in the first causal coefficient of a mirrored line of n >= 2."""
    k = np.arange(n)
    period = 2 * n - 2
    if n > 2 * _MEMORY:
        return np.asarray(_POLE ** k[: 2 * _MEMORY], np.float64)
    weights = _POLE**k + _POLE ** (period - k)
    weights[[0, -1]] = 1.0, _POLE ** (n - 1)
    return np.asarray(weights / (1.0 - _POLE**period), np.float64)
