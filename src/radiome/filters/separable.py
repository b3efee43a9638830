"""Separable filters: one-dimensional passes, shared wherever two kernels begin alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from radiome.filters.boundary import Margins, surround
from radiome.filters.contract import Boundary, Core, Image

#: From this many taps on, a product of Fourier transforms is cheaper than a sum of products.
FOURIER_TAPS = 200


class Taps(NamedTuple):
    """A one-dimensional correlation: out[i] = sum_k values[k] f[i - before + k]."""

    values: tuple[float, ...]
    before: int

    @property
    def after(self) -> int:
        """Voxels beyond the output that the last tap sees."""
        return len(self.values) - 1 - self.before

    def flipped(self) -> Taps:
        """The taps that respond to a flipped image as these do to the image."""
        return Taps(self.values[::-1], self.after)


#: The tap that changes nothing, for the axes that a filter leaves alone.
IDENTITY = Taps((1.0,), 0)

#: Taps along (z, y, x).
Kernel = tuple[Taps, Taps, Taps]


def odd_taps(values: Sequence[float] | NDArray[np.float64]) -> Taps:
    """Taps of a centred kernel of odd length, given as for a convolution."""
    return Taps(tuple(float(v) for v in values)[::-1], len(values) // 2)


def margins_of(kernels: Sequence[Kernel]) -> Margins:
    """Voxels that any of the kernels sees before and after the core along each axis."""
    z, y, x = (
        (max(k[axis].before for k in kernels), max(k[axis].after for k in kernels))
        for axis in range(3)
    )
    return z, y, x


def separable(
    image: Image, core: Core, kernels: Sequence[Kernel], boundary: Boundary
) -> Iterator[tuple[int, Image]]:
    """Yield (position in `kernels`, response on `core`), grouped so that passes are shared.

    Every distinct pass along z is made once, every distinct pair along z and y once. At most
    three maps exist at a time.
    """
    margins = margins_of(kernels)
    padded = surround(image, core, margins, boundary)
    shape = [span.stop - span.start for span in core]
    for along_z, members_z in _groups(range(len(kernels)), lambda i: kernels[i][0]):
        first = _pass(padded, 0, along_z, margins[0][0], shape[0])
        for along_y, members_y in _groups(members_z, lambda i: kernels[i][1]):
            second = _pass(first, 1, along_y, margins[1][0], shape[1])
            for along_x, members_x in _groups(members_y, lambda i: kernels[i][2]):
                response = _pass(second, 2, along_x, margins[2][0], shape[2])
                for position in members_x:
                    yield position, response


def in_slabs(compute: Callable[[Core], list[Image]], core: Core, threads: int) -> list[Image]:
    """Compute maps on slabs of `core` along z, on one thread each, and join them.

    Every voxel is computed from the same sums in any slab, so that the number of threads
    has no influence on the result.
    """
    first, last = core[0].start, core[0].stop
    if threads <= 1 or last - first < 2 * threads:
        return compute(core)
    edges = np.linspace(first, last, threads + 1).astype(int).tolist()
    slabs = [(slice(low, high), core[1], core[2]) for low, high in pairwise(edges)]
    with ThreadPoolExecutor(max_workers=threads) as pool:
        parts = list(pool.map(compute, slabs))
    return [np.concatenate(maps) for maps in zip(*parts, strict=True)]


def _groups(members: Sequence[int], key: Callable[[int], Taps]) -> Iterator[tuple[Taps, list[int]]]:
    found: dict[Taps, list[int]] = {}
    for member in members:
        found.setdefault(key(member), []).append(member)
    yield from found.items()


def _pass(source: Image, axis: int, taps: Taps, before: int, length: int) -> Image:
    """Correlate along `axis`; the source starts `before` voxels ahead of the output."""
    first = before - taps.before
    if len(taps.values) == 1:
        return _scaled(source, axis, taps.values[0], first, length)
    if len(taps.values) >= FOURIER_TAPS:
        return _by_fourier(source, axis, taps, first, length)
    from radiome.kernels.convolve import correlate_planes, correlate_rows

    weights = np.array(taps.values)
    z, y, x = source.shape
    if axis == 2:
        out = np.empty((z, y, length))
        correlate_rows(source.reshape(z * y, x), weights, first, out.reshape(z * y, length))
    elif axis == 1:
        out = np.empty((z, length, x))
        correlate_planes(source, weights, first, out)
    else:
        out = np.empty((length, y, x))
        correlate_planes(source.reshape(1, z, y * x), weights, first, out.reshape(1, length, y * x))
    return out


def _scaled(source: Image, axis: int, factor: float, first: int, length: int) -> Image:
    part = source[(slice(None),) * axis + (slice(first, first + length),)]
    return np.ascontiguousarray(part if factor == 1.0 else part * factor)


def _by_fourier(source: Image, axis: int, taps: Taps, first: int, length: int) -> Image:
    from scipy import fft

    n = fft.next_fast_len(source.shape[axis] + len(taps.values) - 1, real=True)
    shape = [1, 1, 1]
    shape[axis] = -1
    weights = fft.rfft(np.array(taps.values[::-1]), n).reshape(shape)
    full = fft.irfft(fft.rfft(source, n, axis=axis) * weights, n, axis=axis)
    start = first + len(taps.values) - 1
    part = full[(slice(None),) * axis + (slice(start, start + length),)]
    return np.ascontiguousarray(part)
