"""What other packages call a feature.

The table is `names.csv` beside this file. Names of pyradiomics 3.0.1 are those of its classes
and features; names of MIRP 2.7 and pictologics 0.9 are matched by the IBSI code that these
packages give. Empty where a package does not have the feature.

Names of Nyxus 0.11.0 and z-rad 26.9.0 are matched by value. Both were run on the digital phantom
of IBSI 1, z-rad also on a PET image of a sarcoma (32 bins), Nyxus (``ibsi=True``) also on a CT
image of one (bins of 25 HU, as whole numbers).

- z-rad: all 169 names; on the phantom every value is that of radiome within 1e-6, in 3D for the
  mean over directions and for merged directions. Columns bear the aggregation as in radiome, but
  2.5D averaged holds the values of 2D averaged, and 2D merged those of 2.5D merged. On the PET
  image 11 values of the mesh are within 3e-4, the rest within 1e-6.
- Nyxus: for 79 names the values agree on both images within 1e-5, those of GLCM and GLRLM as the
  mean over directions (``_AVE``). For 51 more the description in its documentation is that of
  the feature, and the value is another: the note says so. Where it has several names for a
  feature, the one that agrees is given. Names without a counterpart are left out.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

COLUMNS = (
    "ibsi_code",
    "radiome",
    "pyradiomics",
    "mirp",
    "pictologics",
    "nyxus",
    "zrad",
    "note",
)


@cache
def names() -> tuple[dict[str, str], ...]:
    """All rows: features of radiome in catalogue order, then those of pyradiomics alone."""
    text = files("radiome.compat").joinpath("names.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def matching(pattern: str) -> list[dict[str, str]]:
    """Rows in which any cell contains `pattern`, in any case."""
    wanted = pattern.lower()
    return [row for row in names() if any(wanted in cell.lower() for cell in row.values())]
