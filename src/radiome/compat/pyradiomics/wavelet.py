"""Undecimated wavelet sub-bands, as pyradiomics takes them from PyWavelets.

Along each axis a line is convolved with the decomposition filters f of length F as if it
repeated itself: ``out[k] = sum over j of f[j] x[(k + F / 2 - j) mod n]``. A line of odd
length first repeats its first sample, which is dropped afterwards. Every further level
filters the low-pass band of the one before in the same way.

Source: pyradiomics 3.0.1 documentation of `imageoperations.getWaveletImage`; PyWavelets
documentation of `swtn`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import SettingsError, nearest_name
from radiome.image.mask import Box

Samples = NDArray[np.float32] | NDArray[np.float64]
Filters = tuple[Samples, Samples]


def decomposition_filters(wavelet: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Low- and high-pass decomposition filters, both (F,), of a discrete wavelet.

    Raises
    ------
    SettingsError
        If there is no discrete wavelet of that name.
    """
    import pywt

    known = pywt.wavelist(kind="discrete")
    if wavelet not in known:
        near = nearest_name(wavelet, known)
        raise SettingsError(
            "this wavelet does not exist",
            where="wavelet",
            expected="a discrete wavelet such as haar, db2, sym4, coif1, bior1.3",
            got=wavelet,
            do=f"did you mean {near}?" if near else None,
        )
    found = pywt.Wavelet(wavelet)
    return np.array(found.dec_lo), np.array(found.dec_hi)


def sub_bands(
    voxels: NDArray[Any],
    box: Box,
    *,
    wavelet: str = "coif1",
    level: int = 1,
    start_level: int = 0,
    axes: tuple[int, ...] = (2, 1, 0),
) -> Iterator[tuple[int, str, Samples]]:
    """Yield the sub-bands within a box of the image.

    Parameters
    ----------
    voxels : array (z, y, x)
        The whole image; float32 stays so, anything else becomes float64.
    box : three slices
        Part of the image wanted; only what it depends on is filtered.
    wavelet : str
        Name of the wavelet.
    level, start_level : int
        Number of levels given, and number of levels skipped before.
    axes : tuple of int
        Filtered axes in the order of the letters of a band.

    Yields
    ------
    (int, str, array (z, y, x))
        Level starting with 1, band such as ``"LLH"``, and its values in the box. The
        low-pass band comes last, of the last level only.
    """
    kind = np.float32 if voxels.dtype == np.float32 else np.float64
    low, high = _of_kind(wavelet, kind)
    n_levels = start_level + level
    half = len(low) // 2
    # A sample of level n depends on samples of level n - 1 within `half` of it.
    reach = half * n_levels
    block, start = _surroundings(voxels, box, axes, reach)
    samples: Samples = block.astype(np.float64)
    if kind is np.float32:
        samples = block.astype(np.float32)
    approximation = "L" * len(axes)
    bands: dict[str, Samples] = {}
    for n in range(1, n_levels + 1):
        bands = _one_level(samples, (low, high), axes)
        samples = bands[approximation]
        start = [s - half if a in axes else s for a, s in enumerate(start)]
        part = tuple(slice(s, s + b.stop - b.start) for s, b in zip(start, box, strict=True))
        if n <= start_level:
            continue
        for name, band in bands.items():
            if name != approximation:
                yield n - start_level, name, band[part]
    if level > 0:
        yield level, approximation, bands[approximation][part]


def _of_kind(wavelet: str, kind: type[np.float32] | type[np.float64]) -> Filters:
    low, high = decomposition_filters(wavelet)
    if kind is np.float64:
        return low, high
    if not wavelet.startswith("coif"):
        return low.astype(np.float32), high.astype(np.float32)
    # PyWavelets holds coiflets divided by sqrt(2) and multiplies in single precision.
    root = np.sqrt(2)
    single = [(f / root).astype(np.float32) * np.float32(root) for f in (low, high)]
    return single[0], single[1]


def _surroundings(
    voxels: NDArray[Any], box: Box, axes: tuple[int, ...], reach: int
) -> tuple[NDArray[Any], list[int]]:
    """The box with `reach` periodic samples on either side, and where the box starts."""
    start = []
    for a in range(3):
        margin = reach if a in axes else 0
        n = voxels.shape[a]
        period = n + n % 2
        wanted = np.arange(box[a].start - margin, box[a].stop + margin) % period
        # The sample after the last of an odd number is the first.
        voxels = np.take(voxels, np.where(wanted == n, 0, wanted), axis=a)
        start.append(margin)
    return voxels, start


def _one_level(block: Samples, filters: Filters, axes: tuple[int, ...]) -> dict[str, Samples]:
    bands = {"": block}
    for axis in axes:
        found: dict[str, Samples] = {}
        for name, band in bands.items():
            low, high = _along(band, filters, axis)
            found |= {f"{name}L": low, f"{name}H": high}
        bands = found
    return bands


def _along(block: Samples, filters: Filters, axis: int) -> tuple[Samples, Samples]:
    """Both convolutions where they need no sample beyond the block: F / 2 less on either side."""
    from radiome.kernels.periodic_convolution import convolve_pair

    length = len(filters[0])
    shape = list(block.shape)
    shape[axis] -= 2 * (length // 2)
    around = (
        int(np.prod(shape[:axis], dtype=np.int64)),
        int(np.prod(shape[axis + 1 :], dtype=np.int64)),
    )
    indices = np.arange(shape[axis])[:, None] + length - np.arange(length)
    outputs = [np.empty((around[0], shape[axis], around[1]), block.dtype) for _ in range(2)]
    lines = np.ascontiguousarray(block).reshape(around[0], -1, around[1])
    convolve_pair(lines, *filters, indices, *outputs)
    return outputs[0].reshape(shape), outputs[1].reshape(shape)
