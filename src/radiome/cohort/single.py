"""The public one-case call: read, check, extract."""

from __future__ import annotations

import os
import time
from typing import Any

from radiome.extraction.case import extract_case
from radiome.extraction.row import Row
from radiome.extraction.settings import SettingsSource, load_settings
from radiome.io.readers import check_pair, read_mask, read_volume


def extract(
    image: Any,
    mask: Any,
    settings: SettingsSource = None,
    *,
    roi: str | int | None = None,
    modality: str | None = None,
    resample_mask: bool = False,
    fill_gaps: bool = False,
    threads: int | None = None,
) -> Row:
    """Extract the features of one lesion.

    Parameters
    ----------
    image : path, Volume, SimpleITK image
        The image: a NIfTI, NRRD or MetaImage file, a DICOM file or folder, or an
        object in memory. For a NumPy array make a `radiome.Volume` first, which
        carries the voxel spacing.
    mask : path, Mask, SimpleITK image
        The lesion: a label image, an RTSTRUCT or a DICOM SEG, or an object in memory.
    settings : Settings, mapping, preset name or YAML path, optional
        What to compute. By default the preset of the image's modality.
    roi : str or int, optional
        Name of the region in an RTSTRUCT or SEG, or label value in a label image.
    modality : str, optional
        DICOM modality, for formats that do not carry one.
    resample_mask : bool
        Put a mask from another grid on the image's grid by nearest neighbour.
    fill_gaps : bool
        Interpolate slices that an RTSTRUCT region skips; they are refused otherwise.
    threads : int, optional
        Threads to use; by default all cores. The result does not depend on it.

    Returns
    -------
    Row
        Feature tag to value, with reasons for nulls and the record of what was done.

    Examples
    --------
    >>> import numpy as np, radiome
    >>> rng = np.random.default_rng(1)
    >>> grid = radiome.Geometry(shape=(8, 16, 16), spacing=(3.0, 1.0, 1.0))
    >>> volume = radiome.Volume(rng.normal(40, 10, grid.shape), grid, modality="CT", unit="HU")
    >>> inside = np.zeros(grid.shape, dtype=bool)
    >>> inside[2:6, 4:12, 4:12] = True
    >>> row = radiome.extract(volume, radiome.Mask(inside, grid), "basic")
    >>> row["morph_vol_approx"]
    768.0
    """
    start = time.perf_counter()
    volume = read_volume(image, modality=modality)
    region = read_mask(mask, volume, roi=roi, resample=resample_mask, fill_gaps=fill_gaps)
    check_pair(volume, region)
    chosen = load_settings(settings, modality=volume.modality)
    seconds = time.perf_counter() - start
    row = extract_case(volume, region, chosen, threads=threads or os.cpu_count() or 1)
    row.record["seconds"]["read"] = round(seconds, 6)
    row.record.update(resample_mask=resample_mask, fill_gaps=fill_gaps)
    return row
