"""Family and image of a feature, read from its column name."""

from __future__ import annotations

import re
from typing import NamedTuple

#: Prefix of the features of each family, in the order of the standard.
FAMILIES = {
    "morph": "morphology",
    "loc": "local intensity",
    "stat": "intensity statistics",
    "ih": "intensity histogram",
    "ivh": "intensity-volume histogram",
    "cm": "GLCM",
    "rlm": "GLRLM",
    "szm": "GLSZM",
    "dzm": "GLDZM",
    "ngt": "NGTDM",
    "ngl": "NGLDM",
    "fft": "Fourier spectrum",
    "acf": "autocorrelation function",
}

#: What a column of no known family is called.
OTHER = "other"

_PREFIX = re.compile(r"(?:^|_)(" + "|".join(FAMILIES) + r")_")


class Origin(NamedTuple):
    """Where a feature comes from; the image is empty for the unfiltered one."""

    image: str
    family: str


def origin_of(feature: str) -> Origin:
    """Read image and family from a name.

    Examples
    --------
    >>> origin_of("log_3mm_stat_mean")
    Origin(image='log_3mm', family='intensity statistics')
    >>> origin_of("cm_contrast_3D_avg")
    Origin(image='', family='GLCM')
    """
    found = _PREFIX.search(feature)
    if found is None:
        return Origin("", OTHER)
    return Origin(feature[: found.start()], FAMILIES[found.group(1)])
