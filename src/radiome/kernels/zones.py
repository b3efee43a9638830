"""Grey level zones and their distance to the border of the region."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def border_distance(inside, shape, planar):  # type: ignore[no-untyped-def]
    """City-block distance to the nearest voxel outside, 1 at the border.

    Parameters
    ----------
    inside : bool array (z * y * x,)
        Membership, with one layer of False all round.
    shape : (int, int, int)
        Shape (z, y, x) of the box, margin included.
    planar : bool
        Whether distances stay within the slice.

    Returns
    -------
    uint16 array (z * y * x,)
        Distances, 0 outside.
    """
    plane = shape[1] * shape[2]
    width = shape[2]
    distance = np.zeros(inside.size, np.uint16)
    one, zero = np.uint16(1), np.uint16(0)
    for z in range(1, shape[0] - 1):
        for y in range(1, shape[1] - 1):
            start = z * plane + y * width + 1
            for v in range(start, start + width - 2):
                near = distance[np.uint64(v - width)]
                if not planar:
                    near = min(near, distance[np.uint64(v - plane)])
                distance[np.uint64(v)] = np.uint16(near + one) if inside[np.uint64(v)] else zero
            near = zero
            for v in range(start, start + width - 2):
                near = min(np.uint16(near + one), distance[np.uint64(v)])
                distance[np.uint64(v)] = near
    for z in range(shape[0] - 2, 0, -1):
        for y in range(shape[1] - 2, 0, -1):
            start = z * plane + y * width + 1
            for v in range(start, start + width - 2):
                near = distance[np.uint64(v + width)]
                if not planar:
                    near = min(near, distance[np.uint64(v + plane)])
                distance[np.uint64(v)] = min(np.uint16(near + one), distance[np.uint64(v)])
            near = zero
            for v in range(start + width - 3, start - 1, -1):
                near = min(np.uint16(near + one), distance[np.uint64(v)])
                distance[np.uint64(v)] = near
    return distance


@njit(cache=True, nogil=True)
def list_zones(flat, distance, shape, directions, nearer, capacity):  # type: ignore[no-untyped-def]
    """List the groups of linked voxels of the same level.

    One pass in array order joins each voxel to its linked predecessors in a forest of
    provisional zones (union-find with path halving, the oldest zone being the root).

    Parameters
    ----------
    flat : uint16 array (z * y * x,)
        Levels, 0 outside the region, with one layer of zeros all round.
    distance : uint16 array (z * y * x,)
        Distance of each voxel to the border.
    shape : (int, int, int)
        Shape (z, y, x) of the box, margin included.
    directions : int64 array (n_directions, 3)
        Steps (z, y, x) from a linked predecessor to the voxel; at most 16.
    nearer : uint16 array (n_directions,)
        For each direction the set (bits) of the directions before it whose
        predecessor is itself linked to the one of this direction: where such a
        predecessor has the same level too, this one needs no join of its own.
    capacity : int
        Number of voxels in the region.

    Returns
    -------
    int64 array (4, n_zones)
        Slice of the first voxel, level, number of voxels, smallest distance.
    """
    width = shape[2]
    plane = shape[1] * width
    n_directions = directions.shape[0]
    labels = np.zeros(2 * plane, np.int32)  # of this slice and of the one before
    parent = np.empty(capacity + 1, np.int32)
    number = np.empty(capacity + 1, np.int32)
    nearest = np.empty(capacity + 1, np.uint16)
    level = np.empty(capacity + 1, np.uint16)
    layer = np.empty(capacity + 1, np.uint16)
    same = np.zeros(width, np.uint16)
    joins = np.zeros(width, np.uint16)
    lowest = np.zeros(width, np.uint16)
    steps = np.zeros(n_directions, np.int64)
    one, zero = np.uint16(1), np.uint16(0)
    n_labels = 0
    for z in range(1, shape[0] - 1):
        ring = (z & 1) * plane
        for d in range(n_directions):
            other = plane - 2 * ring if directions[d, 0] == 1 else 0
            steps[d] = other - directions[d, 1] * width - directions[d, 2]
        for y in range(1, shape[1] - 1):
            first = z * plane + y * width + 1
            end = first + width - 2
            while first < end and flat[np.uint64(first)] == 0:
                first += 1
            while end > first and flat[np.uint64(end - 1)] == 0:
                end -= 1
            n = end - first
            for x in range(n):
                same[x] = 0
                joins[x] = 0
                lowest[x] = 0
            for d in range(n_directions):
                bit = np.uint16(one << d)
                before = first - directions[d, 0] * plane
                before -= directions[d, 1] * width + directions[d, 2]
                for x in range(n):
                    equal = flat[np.uint64(first + x)] == flat[np.uint64(before + x)]
                    same[x] |= bit if equal else zero
            for d in range(n_directions - 1, -1, -1):
                bit, near = np.uint16(one << d), nearer[d]
                for x in range(n):
                    need = (same[x] & bit) != zero and (same[x] & near) == zero
                    joins[x] |= bit if need else zero
                    lowest[x] = np.uint16(d) if need else lowest[x]
            cell = ring + first - z * plane
            for x in range(n):
                a = flat[np.uint64(first + x)]
                if a == zero:
                    continue
                near = distance[np.uint64(first + x)]
                links = joins[np.uint64(x)]
                if links == zero:
                    n_labels += 1
                    root = np.int32(n_labels)
                    labels[np.uint64(cell + x)] = root
                    parent[root] = root
                    number[root] = 1
                    nearest[root] = near
                    level[root] = a
                    layer[root] = np.uint16(z)
                    continue
                place = np.int64(lowest[np.uint64(x)])
                root = labels[np.uint64(cell + x + steps[place])]
                while parent[root] != root:
                    parent[root] = parent[parent[root]]
                    root = parent[root]
                links = np.uint16(links >> (place + 1))
                while links != zero:
                    place += 1
                    if links & one:
                        rival = labels[np.uint64(cell + x + steps[place])]
                        while parent[rival] != rival:
                            parent[rival] = parent[parent[rival]]
                            rival = parent[rival]
                        if rival < root:
                            root, rival = rival, root
                        parent[rival] = root
                    links = np.uint16(links >> one)
                labels[np.uint64(cell + x)] = root
                number[root] += 1
                if near < nearest[root]:
                    nearest[root] = near
    n_zones = 0
    # Parents are older than their children: from the youngest, one sweep gathers all.
    for k in range(n_labels, 0, -1):
        root = parent[k]
        if root == k:
            n_zones += 1
        else:
            number[root] += number[k]
            nearest[root] = min(nearest[root], nearest[k])
    zones = np.empty((4, n_zones), np.int64)
    n_zones = 0
    for k in range(1, n_labels + 1):
        if parent[k] == k:
            zones[0, n_zones] = layer[k]
            zones[1, n_zones] = level[k]
            zones[2, n_zones] = number[k]
            zones[3, n_zones] = nearest[k]
            n_zones += 1
    return zones
