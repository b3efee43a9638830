"""Separable wavelets, undecimated.

Source: IBSI 2 reference manual (arXiv:2006.05470), section "separable wavelets" (25BO).
The filters' coefficients are those of PyWavelets.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import Literal

import numpy as np
from pydantic import Field, field_validator, model_validator

from radiome.filters.boundary import Margins, grown_core, within
from radiome.filters.contract import BoundedFilter, Core, Image, Reach, Response, Spacing
from radiome.filters.rotations import Pooling, rotated
from radiome.filters.separable import (
    IDENTITY,
    Kernel,
    Taps,
    in_slabs,
    margins_of,
    separable,
)

Letter = Literal["L", "H"]


class WaveletFilter(BoundedFilter):
    """Bands of an undecimated (à trous) separable wavelet transform.

    A band is named by its low-pass (L) and high-pass (H) filters along x, y and z. Level j
    filters the low-pass band of level j - 1 with 2^(j-1) - 1 zeros after every tap.
    """

    name: Literal["wavelet"] = "wavelet"
    wavelet: str = Field("coif1", description="Name as in PyWavelets: haar, db2, coif1, sym4, …")
    level: int = Field(1, ge=1, le=8, description="Level of the decomposition.")
    dimension: Literal["2D", "3D"] = Field("3D", description="In space or within the slices.")
    bands: tuple[str, ...] | Literal["all"] = Field(
        "all", description="Bands such as [LLH, HHH] (in 2D [LH]), or all 8 (4) of them."
    )
    rotation_invariance: Pooling | None = Field(
        None, description="Average or max over all right-angle rotations; null for none."
    )

    @field_validator("wavelet")
    @classmethod
    def _known(cls, value: str) -> str:
        import pywt

        if value not in pywt.wavelist(kind="discrete"):
            from radiome.base.errors import nearest_name

            near = nearest_name(value, pywt.wavelist(kind="discrete"))
            raise ValueError(
                f"a discrete wavelet of PyWavelets{f', did you mean {near}?' if near else ''}"
            )
        return value

    @model_validator(mode="after")
    def _bands_exist(self) -> WaveletFilter:
        known = _all_bands(self.dimension)
        if self.bands != "all" and (not self.bands or not set(self.bands) <= set(known)):
            raise ValueError(f"bands in {self.dimension} are " + ", ".join(known))
        return self

    @property
    def chosen(self) -> tuple[str, ...]:
        """The bands, spelled out."""
        return _all_bands(self.dimension) if self.bands == "all" else self.bands

    def map_names(self) -> tuple[str, ...]:
        """``wavelet_coif1_LLH``, ``wavelet_coif1_LLH_2`` for level 2."""
        if self.label and len(self.chosen) == 1:
            return (self.label,)
        level = f"_{self.level}" if self.level > 1 else ""
        pooling = f"_{self.rotation_invariance}" if self.rotation_invariance else ""
        start = self.named(f"wavelet_{self.wavelet}")
        return tuple(f"{start}_{band}{level}{pooling}" for band in self.chosen)

    def reach(self, spacing: Spacing) -> Reach:
        """Half the taps of every level together."""
        each = 0
        for level in range(1, self.level + 1):
            low, high = filters(self.wavelet, level)
            each += max(low.before, low.after, high.before, high.after)
        return Reach(0 if self.dimension == "2D" else each, each, each)

    def responses(
        self, image: Image, spacing: Spacing, core: Core, *, threads: int = 1
    ) -> Iterator[Response]:
        """Yield the bands in the order of `map_names`."""
        compute = self._pooled if self.rotation_invariance else self._plain
        if self.level == 1:
            maps = in_slabs(lambda slab: compute(image, slab), core, threads)
        else:
            maps = compute(image, core)
        yield from map(Response, self.map_names(), maps)

    def _plain(self, image: Image, core: Core) -> list[Image]:
        image, core = self._approximation(image, core, (False, False, False))
        kernels = [self._kernel(band, self.level) for band in self.chosen]
        maps: dict[int, Image] = dict(separable(image, core, kernels, self.boundary))
        return [maps[position] for position in range(len(kernels))]

    def _pooled(self, image: Image, core: Core) -> list[Image]:
        planar = self.dimension == "2D"
        rotations = [rotated(self._marked(band), planar=planar) for band in self.chosen]
        pools = [_Pool(self.rotation_invariance == "max", core) for _ in rotations]
        for flips in product((False, True), repeat=3):
            wanted = [
                (pool, kernel, count)
                for pool, kernels in zip(pools, rotations, strict=True)
                for kernel, count in kernels.items()
                if _flips(kernel) == flips
            ]
            if wanted:
                self._add(image, core, flips, wanted)
        return [pool.result() for pool in pools]

    def _add(
        self,
        image: Image,
        core: Core,
        flips: tuple[bool, ...],
        wanted: list[tuple[_Pool, Kernel, int]],
    ) -> None:
        approximation, inner = self._approximation(image, core, flips)
        kernels = [self._real(kernel) for _, kernel, _ in wanted]
        distinct = list(dict.fromkeys(kernels))
        for position, response in separable(approximation, inner, distinct, self.boundary):
            for (pool, _, count), kernel in zip(wanted, kernels, strict=True):
                if kernel == distinct[position]:
                    pool.add(response, count)

    def _approximation(
        self, image: Image, core: Core, flips: tuple[bool, ...]
    ) -> tuple[Image, Core]:
        """The low-pass band of the level before, and where the core is in it."""
        for level in range(1, self.level):
            remaining = [
                _flip(self._kernel("L" * len(self.chosen[0]), later), flips)
                for later in range(level + 1, self.level)
            ]
            margins = _sum_of_margins([*remaining, *self._last_kernels()])
            wide = grown_core(core, image.shape, margins, self.boundary)
            low = _flip(self._kernel("L" * len(self.chosen[0]), level), flips)
            image = next(separable(image, wide, [low], self.boundary))[1]
            core = within(core, wide)
        return image, core

    def _last_kernels(self) -> list[Kernel]:
        low, high = filters(self.wavelet, self.level)
        widest = Taps((0.0,) * (1 + 2 * max(low.before, low.after, high.before, high.after)), 0)
        both = Taps(widest.values, (len(widest.values) - 1) // 2)
        return [(IDENTITY if self.dimension == "2D" else both, both, both)]

    def _kernel(self, band: str, level: int) -> Kernel:
        pair = dict(zip("LH", filters(self.wavelet, level), strict=True))
        x, y, *z = (pair[letter] for letter in band)
        return (z[0] if z else IDENTITY, y, x)

    def _marked(self, band: str) -> Kernel:
        """A stand-in kernel: taps that tell letter and flip apart for any coefficients."""
        marks = {"L": Taps((0.0, 1.0), 0), "H": Taps((0.0, 2.0), 0)}
        x, y, *z = (marks[letter] for letter in band)
        return (z[0] if z else IDENTITY, y, x)

    def _real(self, marked: Kernel) -> Kernel:
        z, y, x = (
            taps if taps == IDENTITY else _real_taps(taps, self.wavelet, self.level)
            for taps in marked
        )
        return z, y, x


class _Pool:
    """Average or largest of the responses that are added."""

    def __init__(self, largest: bool, core: Core) -> None:
        shape = tuple(span.stop - span.start for span in core)
        self._largest = largest
        self._value = np.full(shape, -np.inf) if largest else np.zeros(shape)
        self._count = 0

    def add(self, response: Image, count: int) -> None:
        self._count += count
        if self._largest:
            np.maximum(self._value, response, out=self._value)
        else:
            self._value += count * response

    def result(self) -> Image:
        return self._value if self._largest else self._value / self._count


@cache
def filters(wavelet: str, level: int) -> tuple[Taps, Taps]:
    """Low-pass and high-pass taps of a level, dilated by zeros after every tap."""
    import pywt

    known = pywt.Wavelet(wavelet)
    return _dilated(known.dec_lo, level), _dilated(known.dec_hi, level)


def _dilated(coefficients: list[float], level: int) -> Taps:
    step = 2 ** (level - 1)
    taps = np.zeros(len(coefficients) * step)
    taps[::step] = coefficients
    # A convolution; with an even number of taps the window has one voxel more after.
    return Taps(tuple(taps[::-1].tolist()), (taps.size - 1) // 2)


def _all_bands(dimension: str) -> tuple[str, ...]:
    return tuple("".join(letters) for letters in product("LH", repeat=int(dimension[0])))


def _is_flipped(marked: Taps) -> bool:
    return len(marked.values) == 2 and marked.values[1] == 0.0


def _flips(marked: Kernel) -> tuple[bool, ...]:
    return tuple(_is_flipped(taps) for taps in marked)


def _real_taps(marked: Taps, wavelet: str, level: int) -> Taps:
    low, high = filters(wavelet, level)
    taps = low if 1.0 in marked.values else high
    return taps.flipped() if _is_flipped(marked) else taps


def _flip(kernel: Kernel, flips: tuple[bool, ...]) -> Kernel:
    z, y, x = (taps.flipped() if flip else taps for taps, flip in zip(kernel, flips, strict=True))
    return z, y, x


def _sum_of_margins(kernels: list[Kernel]) -> Margins:
    margins = [margins_of([kernel]) for kernel in kernels]
    z, y, x = (
        (sum(m[axis][0] for m in margins), sum(m[axis][1] for m in margins)) for axis in range(3)
    )
    return z, y, x
