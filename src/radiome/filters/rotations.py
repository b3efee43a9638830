"""Right-angle rotations of a separable kernel, and pooling over them.

A kernel that is rotated in steps of 90 degrees is the same taps on other axes, some of
them flipped: 24 kernels in space, 4 in a slice, many of them equal or opposite.

Source: IBSI 2 reference manual (arXiv:2006.05470), section "rotation invariance".
"""

from __future__ import annotations

from collections import Counter
from itertools import permutations, product
from typing import Literal

import numpy as np

from radiome.filters.contract import Boundary, Core, Image
from radiome.filters.separable import IDENTITY, Kernel, Taps, separable

Pooling = Literal["average", "max"]


def rotated(kernel: Kernel, *, planar: bool) -> Counter[Kernel]:
    """All rotations of a kernel, with how often each of them occurs."""
    if planar:
        return Counter(
            (IDENTITY, _turned(kernel[1 + (swap != 0)], flip_y), _turned(kernel[2 - swap], flip_x))
            for swap, flip_y, flip_x in product((0, 1), (0, 1), (0, 1))
            if (swap + flip_y + flip_x) % 2 == 0
        )
    found: Counter[Kernel] = Counter()
    for order in permutations(range(3)):
        odd = sum(order[i] > order[j] for i in range(3) for j in range(i + 1, 3)) % 2
        for flips in product((0, 1), repeat=3):
            if (odd + sum(flips)) % 2 == 0:
                z, y, x = (_turned(kernel[o], f) for o, f in zip(order, flips, strict=True))
                found[z, y, x] += 1
    return found


def pooled(
    image: Image, core: Core, kernels: Counter[Kernel], boundary: Boundary, pooling: Pooling
) -> Image:
    """Average or largest response over kernels, each counted as often as it occurs.

    Opposite kernels have opposite responses, so that one of them is computed.
    """
    signed = _up_to_sign(kernels)
    representatives = list(signed)
    shape = tuple(span.stop - span.start for span in core)
    result = np.zeros(shape) if pooling == "average" else np.full(shape, -np.inf)
    for position, response in separable(image, core, representatives, boundary):
        same, opposite = signed[representatives[position]]
        if pooling == "average":
            if same != opposite:
                result += (same - opposite) * response
        else:
            if same:
                np.maximum(result, response, out=result)
            if opposite:
                np.maximum(result, -response, out=result)
    return result / kernels.total() if pooling == "average" else result


def _turned(taps: Taps, flip: int) -> Taps:
    return taps.flipped() if flip else taps


def _up_to_sign(kernels: Counter[Kernel]) -> dict[Kernel, tuple[int, int]]:
    """Kernels with positive leading taps, and how often they and their opposites occur."""
    found: dict[Kernel, tuple[int, int]] = {}
    for kernel, count in kernels.items():
        positive = [_positive(taps) for taps in kernel]
        negative = sum(sign < 0 for _, sign in positive) % 2
        z, y, x = (taps for taps, _ in positive)
        same, opposite = found.get((z, y, x), (0, 0))
        found[z, y, x] = (same, opposite + count) if negative else (same + count, opposite)
    return found


def _positive(taps: Taps) -> tuple[Taps, int]:
    leading = next((v for v in taps.values if v), 1.0)
    if leading > 0:
        return taps, 1
    return Taps(tuple(-v for v in taps.values), taps.before), -1
