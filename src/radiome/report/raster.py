"""Pictures of dots inside drawings, made light enough for the page."""

from __future__ import annotations

import base64
import io
import re
from typing import Any

#: Letters of base64 that one picture inside a drawing takes in the page, at most.
ROOM = 400_000
#: A heat map is printed 14 cm wide: more dots than this on a side cannot be told apart.
_SIDE = 1200
_COLOURS = 64
_PNG = re.compile(rb"data:image/png;base64,([A-Za-z0-9+/=\s]+)")


def lighter(svg: bytes, room: int = ROOM) -> bytes:
    """A drawing whose pictures of dots take no more than `room` letters each.

    A picture that is small enough stays as it is, byte for byte. Of any other, dots are
    averaged and colours reduced until it fits: it is for the eye, and the file beside the
    report keeps every dot.

    Parameters
    ----------
    svg : bytes
        The drawing.
    room : int
        Letters of base64.
    """
    return _PNG.sub(lambda found: _fitting(found, room), svg)


def _fitting(found: re.Match[bytes], room: int) -> bytes:
    letters = b"".join(found[1].split())
    if len(letters) <= room:
        return found[0]
    from PIL import Image

    picture = Image.open(io.BytesIO(base64.b64decode(letters))).convert("RGB")
    side = min(_SIDE, max(picture.size))
    while len(letters) > room and side > 1:
        letters = base64.b64encode(_drawn(picture, side))
        side = side * 3 // 4
    return b"data:image/png;base64," + letters


def _drawn(picture: Any, side: int) -> bytes:
    """The picture with its longer side so many dots at most, in few colours, as PNG."""
    from PIL import Image

    scale = min(1.0, side / max(picture.size))
    size = tuple(max(1, round(length * scale)) for length in picture.size)
    small = picture.resize(size, Image.Resampling.BOX).quantize(_COLOURS)
    held = io.BytesIO()
    small.save(held, "PNG", optimize=True)
    return held.getvalue()
