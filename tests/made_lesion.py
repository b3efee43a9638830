"""A small lesion made of arithmetic alone, the same on every machine."""

import numpy as np

SPACING_ZYX = (2.5, 1.0, 1.25)


def made_lesion(kind=np.int16):
    """Intensities and mask (z, y, x): a lumpy ball with a hole and detached voxels."""
    z, y, x = np.indices((9, 15, 16))
    grain = (x * 7 + y * 13 + z * 29 + x * y * 3 + y * z * 5 + z * x * 11) % 97
    image = 40 * z + 15 * ((x * y) % 7) + 2 * grain - 60
    ball = ((z - 4) * 2.5) ** 2 + (y - 7) ** 2 + ((x - 7) * 1.25) ** 2
    mask = (ball < 45) & (grain % 11 != 0)
    mask[4, 7, 7] = False
    mask[1, 13, 14] = mask[7, 1, 1] = True
    return (image + 0.25 * (kind is np.float32)).astype(kind), mask
