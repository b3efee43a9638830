"""Surface and volume of a mask by the marching cubes of pyradiomics.

Surface vertices lie half-way between inside and outside voxel centres. Of the two ways
to cut a cube whose face has its inside corners across a diagonal, pyradiomics keeps the
inside corners apart, but where the corner (z, y, x) = (1, 1, 0) is inside it cuts the
complement of the cube. Neighbouring cubes can therefore disagree, the surface can have
holes, and its signed volume then depends on the origin: here as there, the first voxel
of the padded box.

The triangles below were found from the area and volume that pyradiomics gives for each
of the 256 single cubes with three unequal spacings.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from radiome.kernels.cube_places import count_cube_places

#: Edges a to l of a cube by the places (z, y, x) of their midpoints, in half spacings.
_EDGES = (
    *((1, 0, 0), (1, 0, 2), (1, 2, 0), (1, 2, 2)),
    *((0, 1, 0), (0, 1, 2), (2, 1, 0), (2, 1, 2)),
    *((0, 0, 1), (0, 2, 1), (2, 0, 1), (2, 2, 1)),
)

#: Triangles of the cubes whose corner (1, 1, 0) is outside, by ascending kind.
_TRIANGLES = """
- aei fbi fbebae ecj acicji fbiecj fbjbcjbac dfj dfjaei dbjbij dajdbaaej dfcfec dacdfafia
dbcbiciec dbcbac gak gekeik fbigak fgefbgbkg gakecj gckcjkjik fbigakecj fbjbkjkgjgcj dfjgak
dfjgekeik dbjbijgak dbjbkjkgjgej dfcfecgak dfcfkcfikkgc dbcbiciecgak dbcbkckgc bhk bhkaei
fhihki fhehkekae bhkecj bhkacicji fhihkiecj fhjhkjkajacj dfjbhk dfjbhkaei dhjhkjkij
dhjhkjkajaej dfcfecbhk dacdfafiabhk dhchichkiiec dacdhahka bhahga bhiheihge fgifhggai fhehge
bhahgaecj bhihcihgccji fgifhggaiecj fgjfhggcj dfjbhahga dfjbhiheihge dhjhajhgaaij dhjhejhge
dfcfecbhahga dicdfiigcihgibh dicdhihgigaiiec dhchgc hdl hdlaei hdlfbi hdlfbebae hdlecj
hdlacicji hdlfbiecj hdlfbjbcjbac hflfjl hflfjlaei hblbilijl hblbelbaeejl helhfeecl
hflfilialacl hblbilielecl hblbclbac hdlgak hdlgekeik hdlfbigak hdlfgefbgbkg hdlgakecj
hdlgckcjkjik hdlfbigakecj hdlfbjbkjkgjgcj hflfjlgak hflfjlgekeik hblbilijlgak
hblbjlbejbgebkg helhfeeclgak hclhfcficikckgc hblbilieleclgak hblbclbkckgc bdkdlk bdkdlkaei
fdidlilki fdedkedlkkae bdkdlkecj bdkdlkacicji fdidlilkiecj fcjfacfkaflkfdl bfkfjkjlk
bfkfjkjlkaei jlilki aekejkjlk bfkfckfecclk bfkflkfclfacfia eciclilki ackclk bdadlalga
bdidlilgigei fdidlilgigai fgefdgdlg bdadlalgaecj bgibdgdlggjigcj fdidlilgigaiecj
fgjfdgdlggcj bfaflafjllga beibgeblgbjlbfj galailijl gelejl blabflfelecllga bfigcl
galailielecl gcl
"""

_FLIPPING_CORNER = 1 << 6


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """Triangles of all kinds: kind (n,), area vector (n, 3), and six-fold volume (n,)."""

    kinds: NDArray[np.int64]
    vectors: NDArray[np.float64]
    volumes: NDArray[np.float64]


def surface_and_volume(
    padded: NDArray[np.uint8], spacing: tuple[float, float, float]
) -> tuple[float, float]:
    """Area in mm² and volume in mm³ of a mask.

    Parameters
    ----------
    padded : uint8 array (z, y, x)
        1 inside and 0 outside: the tight box of the region with one layer of zeros all
        round.
    spacing : (float, float, float)
        Voxel spacing in mm along (z, y, x).
    """
    places = count_cube_places(padded)
    table = _table()
    step_z, step_y, step_x = spacing
    # An area vector component scales with the two axes it is not along.
    scale = np.array([step_y * step_x, step_z * step_x, step_z * step_y])
    areas = np.sqrt(np.square(table.vectors * scale).sum(axis=1))
    counts = places[table.kinds, 0]
    cones = counts * table.volumes + (2 * table.vectors * places[table.kinds, 1:]).sum(axis=1)
    return float((counts * areas).sum()), float(cones.sum()) / 6 * step_z * step_y * step_x


@cache
def _table() -> _Table:
    kinds: list[int] = []
    corners: list[list[tuple[int, int, int]]] = []
    outside = [kind for kind in range(256) if not kind & _FLIPPING_CORNER]
    for kind, letters in zip(outside, _TRIANGLES.split(), strict=True):
        points = [_EDGES["abcdefghijkl".index(letter)] for letter in letters.strip("-")]
        for start in range(0, len(points), 3):
            triangle = points[start : start + 3]
            kinds += [kind, 255 - kind]
            corners += [triangle, triangle[::-1]]
    a, b, c = np.moveaxis(np.asarray(corners) / 2, 1, 0)
    twice = np.cross(b - a, c - a)
    return _Table(np.asarray(kinds), twice / 2, (a * twice).sum(axis=1))
