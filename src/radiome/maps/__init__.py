"""Maps over a region: a feature of the neighbourhood of every voxel, or a filter's response."""
