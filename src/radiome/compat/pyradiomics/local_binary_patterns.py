"""Local binary patterns of slices, as scikit-image defines them.

Source: T. Ojala, M. Pietikäinen and T. Mäenpää, Multiresolution gray-scale and rotation
invariant texture classification with local binary patterns, IEEE Trans. PAMI 24 (2002)
971; scikit-image documentation of `feature.local_binary_pattern`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import SettingsError
from radiome.image.mask import Box

_MOST_SAMPLES = 31


def patterns_in_slices(
    voxels: NDArray[np.generic],
    box: Box,
    *,
    radius: float = 1.0,
    samples: int = 8,
    method: str = "uniform",
    across: int = 0,
) -> NDArray[np.generic]:
    """Patterns within a box of the image.

    Sample p lies at the angle 2 pi p / P from the first axis of the slice, is interpolated
    bilinearly with zeros beyond the image, and makes bit p, which is 1 where it is not less
    than the centre.

    Parameters
    ----------
    voxels : array (z, y, x)
        The whole image.
    box : three slices
        Part of the image wanted.
    radius : float
        Distance of the samples in pixels.
    samples : int
        Number of samples, P.
    method : {"default", "uniform"}
        The pattern itself, or, where it has at most two changes round the circle, its
        number of ones, else P + 1.
    across : int
        Axis across the slices.

    Returns
    -------
    array (z, y, x) of the type of `voxels`
        As pyradiomics writes patterns into a copy of the image.

    Raises
    ------
    SettingsError
        For other methods and numbers of samples.
    """
    _check(radius, samples, method)
    turned = np.moveaxis(voxels, across, 0)
    order = [across, *(a for a in range(3) if a != across)]
    z, y, x = (box[a] for a in order)
    margin = int(np.ceil(radius)) + 1
    padded = np.pad(turned[z].astype(np.float64), ((0, 0), (margin, margin), (margin, margin)))
    centre = turned[z, y, x].astype(np.float64)
    bits = []
    for p in range(samples):
        # Five decimals, so that samples on the axes are not interpolated.
        row = round(-radius * np.sin(2 * np.pi * p / samples), 5)
        column = round(radius * np.cos(2 * np.pi * p / samples), 5)
        sample = _shifted(padded, margin, (y, x), row, column)
        bits.append(sample - centre >= 0)
    patterns = _codes(np.array(bits), method)
    return np.moveaxis(patterns.astype(voxels.dtype), 0, across)


def _shifted(
    padded: NDArray[np.float64], margin: int, part: tuple[slice, slice], row: float, column: float
) -> NDArray[np.float64]:
    """Values at a fixed offset (row, column) from every pixel of a part of the slices."""
    low_row, low_column = int(np.floor(row)), int(np.floor(column))
    t_row, t_column = row - low_row, column - low_column
    corners = []
    for d_row in (low_row, int(np.ceil(row))):
        rows = slice(part[0].start + margin + d_row, part[0].stop + margin + d_row)
        line = []
        for d_column in (low_column, int(np.ceil(column))):
            first = part[1].start + margin + d_column
            line.append(padded[:, rows, first : part[1].stop + margin + d_column])
        corners.append((1 - t_column) * line[0] + t_column * line[1])
    return (1 - t_row) * corners[0] + t_row * corners[1]


def _codes(bits: NDArray[np.bool_], method: str) -> NDArray[np.int64]:
    samples = len(bits)
    if method == "default":
        weights = (1 << np.arange(samples)).reshape(-1, 1, 1, 1)
        return np.asarray((bits * weights).sum(axis=0), np.int64)
    # Changes between neighbours along the row of bits; the circle is not closed.
    changes = (bits[1:] != bits[:-1]).sum(axis=0)
    return np.where(changes <= 2, bits.sum(axis=0), samples + 1)


def _check(radius: float, samples: int, method: str) -> None:
    if method not in ("default", "uniform"):
        raise SettingsError(
            "this kind of local binary pattern is not available",
            where="lbp2DMethod",
            expected="default or uniform",
            got=method,
        )
    if not 1 <= samples <= _MOST_SAMPLES or not radius > 0:
        raise SettingsError(
            "local binary patterns need 1 to 31 samples and a positive radius",
            where="lbp2DSamples, lbp2DRadius",
            got=f"{samples}, {radius:g}",
        )
