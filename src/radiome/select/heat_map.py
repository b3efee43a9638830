"""A matrix as a small PNG for an SVG: one pixel per cell."""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

#: Colours from 0 to 1, light to dark, legible without colour vision.
RAMP = ("#ffffff", "#e8eef7", "#bcd0ea", "#7fa6d6", "#3f74b5", "#1d4a87", "#0a2350")


def ramp_colours(values: Floats) -> npt.NDArray[np.uint8]:
    """Colours of values from 0 to 1; shape of the values and 3."""
    anchors = np.array([[int(code[i : i + 2], 16) for i in (1, 3, 5)] for code in RAMP])
    places = np.clip(values, 0, 1)
    at = np.linspace(0, 1, len(anchors))
    channels = [np.interp(places, at, anchors[:, channel]) for channel in range(3)]
    return np.round(np.stack(channels, axis=-1)).astype(np.uint8)


def as_hex(value: float) -> str:
    """Colour of one value, such as #3f74b5."""
    red, green, blue = ramp_colours(np.array(value)).tolist()
    return f"#{red:02x}{green:02x}{blue:02x}"


def png_data_uri(pixels: npt.NDArray[np.uint8]) -> str:
    """Encode pixels of shape (rows, columns, 3) as a data URI (PNG specification, RGB 8 bit)."""
    rows, columns, _ = pixels.shape
    lines = np.zeros((rows, 1 + 3 * columns), dtype=np.uint8)
    lines[:, 1:] = pixels.reshape(rows, -1)
    header = struct.pack(">IIBBBBB", columns, rows, 8, 2, 0, 0, 0)
    chunks = (
        (b"IHDR", header),
        (b"IDAT", zlib.compress(lines.tobytes(), 9)),
        (b"IEND", b""),
    )
    png = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")
