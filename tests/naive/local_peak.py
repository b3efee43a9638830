"""Mean over a 1 cm³ sphere around each voxel of a mask, voxel by voxel."""

from __future__ import annotations

import numpy as np


def sphere_means(image, mask, spacing):
    radius = 10 * (3 / (4 * np.pi)) ** (1 / 3)
    places = np.argwhere(np.isfinite(image))
    means = []
    for centre in np.argwhere(mask):
        distance = np.sqrt((((places - centre) * np.asarray(spacing)) ** 2).sum(axis=1))
        means.append(np.mean([image[tuple(p)] for p in places[distance <= radius]]))
    return np.array(means)


def peaks(image, mask, spacing):
    """Local and global peak."""
    means, values = sphere_means(image, mask, spacing), image[mask]
    return max(means[values == values.max()]), max(means)
