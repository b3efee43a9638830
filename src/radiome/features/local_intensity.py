"""Local intensity features: peaks of the mean over a 1 cm³ sphere.

Source: IBSI reference manual, section 3.2 (9ST6).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from radiome.base.values import FeatureValue, NotApplicable
from radiome.image.region import Region
from radiome.kernels.local_peak import sphere_sums

#: Radius in mm of a sphere of 1 cm³: (3 / (4π))^(1/3) cm.
SPHERE_RADIUS_MM = 10 * (3 / (4 * math.pi)) ** (1 / 3)


def local_intensity(region: Region) -> dict[str, FeatureValue]:
    """Local (VJGA) and global (0F91) intensity peak of a region.

    The mean intensity around a voxel is taken over all image voxels, in the region
    or not, whose centres lie at most `SPHERE_RADIUS_MM` from its centre. Voxels
    beyond the image and voxels without a finite value do not take part. The
    global peak is the greatest such mean over the intensity mask. The local peak is the
    mean around the voxel of highest intensity; of several, the greatest.

    Parameters
    ----------
    region : Region
        With a margin of at least the radius, or up to the edge of the image.

    Returns
    -------
    dict of str to float or NotApplicable
        ``loc_peak_loc`` and ``loc_peak_glob`` in the unit of the image. Not
        applicable where the intensity mask is empty.
    """
    values = region.values()
    if values.size == 0:
        empty = NotApplicable("the intensity mask is empty")
        return {"loc_peak_loc": empty, "loc_peak_glob": empty}
    means = sphere_means(region)
    return {
        "loc_peak_loc": float(means[values == values.max()].max()),
        "loc_peak_glob": float(means.max()),
    }


def sphere_means(region: Region) -> NDArray[np.float64]:
    """Mean over the 1 cm³ sphere around each voxel (n,) of the intensity mask, in array order.

    Sums run over whole chords of the sphere as differences of running sums along x,
    added in a fixed order; they are exact for whole-number images.
    """
    chords = sphere_chords(region.spacing)
    reach = chords.max(axis=0)
    mask = region.intensity.view(np.uint8)
    finite = np.isfinite(region.image)
    inner = tuple(slice(r, max(n - r, r)) for r, n in zip(reach, mask.shape, strict=True))
    n = int(np.count_nonzero(mask))
    if finite.all() and np.count_nonzero(mask[inner]) == n:
        sums = _sums(region.image, mask, chords)
        return sums / float((2 * chords[:, 2] + 1).sum())
    sums = _sums(np.where(finite, region.image, 0.0), mask, chords)
    return sums / _sums(finite.astype(np.float64), mask, chords)


def sphere_chords(spacing: tuple[float, float, float]) -> NDArray[np.int64]:
    """Chords along x (n, 3) that make up the sphere: steps (z, y) and half length in voxels."""
    step_z, step_y, step_x = spacing
    reach_z, reach_y = int(SPHERE_RADIUS_MM / step_z), int(SPHERE_RADIUS_MM / step_y)
    z, y = np.mgrid[-reach_z : reach_z + 1, -reach_y : reach_y + 1]
    left = SPHERE_RADIUS_MM**2 - (z * step_z) ** 2 - (y * step_y) ** 2
    within = left >= 0
    half = np.floor(np.sqrt(left[within]) / step_x)
    return np.stack([z[within], y[within], half.astype(np.int64)], axis=1)


def _sums(
    values: NDArray[np.float64], mask: NDArray[np.uint8], chords: NDArray[np.int64]
) -> NDArray[np.float64]:
    depth, height, width = values.shape
    prefix = np.empty((depth, height, width + 2 * int(chords[:, 2].max()) + 1))
    sums = np.empty(np.count_nonzero(mask))
    # One compiled signature serves every caller: contiguous and, as inputs, read-only.
    sphere_sums(_frozen(values), _frozen(mask), chords, prefix, sums)
    return sums


def _frozen(array: NDArray) -> NDArray:  # type: ignore[type-arg]
    block = np.ascontiguousarray(array).view()
    block.setflags(write=False)
    return block
