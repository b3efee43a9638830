"""Filters said slowly: pad the whole image far enough, then sum kernel times image."""

from __future__ import annotations

from itertools import product

import numpy as np

PAD = {"mirror": "symmetric", "zero": "constant", "nearest": "edge", "periodic": "wrap"}


def convolve(image: np.ndarray, kernel: np.ndarray, boundary: str) -> np.ndarray:
    """True convolution; an even length puts the centre one sample before the middle."""
    flipped = kernel[::-1, ::-1, ::-1]
    before = [(n - 1) // 2 for n in kernel.shape]
    after = [n // 2 for n in kernel.shape]
    padded = np.pad(image, list(zip(before, after, strict=True)), mode=PAD[boundary])  # type: ignore[call-overload]
    out = np.zeros(image.shape)
    for z, y, x in np.ndindex(*image.shape):
        window = padded[z : z + kernel.shape[0], y : y + kernel.shape[1], x : x + kernel.shape[2]]
        out[z, y, x] = (window * flipped).sum()
    return out


def turns(planar: bool) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Right-angle rotations as (order of axes, axes to flip), found by their determinant."""
    found = []
    for order in ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)):
        for signs in product((1, -1), repeat=3):
            matrix = np.zeros((3, 3))
            for row, (column, sign) in enumerate(zip(order, signs, strict=True)):
                matrix[row, column] = sign
            in_slice = order[0] == 0 and signs[0] == 1
            if np.linalg.det(matrix) > 0 and (in_slice or not planar):
                flipped = tuple(axis for axis, sign in enumerate(signs) if sign < 0)
                found.append((order, flipped))
    return found


def rotated_responses(image: np.ndarray, respond, *, planar: bool) -> list[np.ndarray]:  # type: ignore[no-untyped-def]
    """Responses to the image turned by every rotation, each turned back."""
    found = []
    for order, flipped in turns(planar):
        turned = np.flip(np.transpose(image, order), flipped)
        back = np.flip(respond(turned), flipped)
        found.append(np.transpose(back, np.argsort(order)))
    return found


def mean_of_magnitude(response: np.ndarray, distance: int, boundary: str) -> np.ndarray:
    size = 2 * distance + 1
    return convolve(np.abs(response), np.full((size,) * 3, size**-3.0), boundary)
