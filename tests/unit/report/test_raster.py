"""Pictures of dots in drawings stay small."""

import base64
import io

import numpy as np
from PIL import Image

from radiome.report.raster import lighter


def _svg(side, seed=1):
    dots = np.random.default_rng(seed).integers(0, 255, (side, side, 3), dtype=np.uint8)
    held = io.BytesIO()
    Image.fromarray(dots).save(held, "PNG")
    picture = base64.b64encode(held.getvalue())
    return b'<svg><image href="data:image/png;base64,' + picture + b'"/></svg>'


def _picture(svg):
    letters = svg.partition(b"base64,")[2].partition(b'"')[0]
    return Image.open(io.BytesIO(base64.b64decode(letters)))


def test_a_small_picture_stays_as_it_is():
    svg = _svg(20)
    assert lighter(svg) == svg


def test_a_large_picture_is_made_to_fit_and_the_same_every_time():
    svg = _svg(500)
    found = lighter(svg, room=40_000)
    assert len(found) < 40_100
    assert lighter(svg, room=40_000) == found
    picture = _picture(found)
    assert picture.size[0] == picture.size[1]
    assert 50 < picture.size[0] < 500


def test_what_it_shows_is_still_seen():
    dots = np.zeros((400, 400, 3), np.uint8)
    dots[:200] = (200, 20, 20)
    dots[200:] = np.random.default_rng(2).integers(0, 255, (200, 400, 1), dtype=np.uint8)
    held = io.BytesIO()
    Image.fromarray(dots).save(held, "PNG")
    svg = b'<image href="data:image/png;base64,' + base64.b64encode(held.getvalue()) + b'"/>'
    picture = np.asarray(_picture(lighter(svg, room=20_000)).convert("RGB"))
    top = picture[: len(picture) // 2 - 1]
    assert np.abs(top.astype(int) - (200, 20, 20)).max() <= 8
