"""Voxel-wise feature maps: every first-order and texture feature, by the kernels of the whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import RegionError, SettingsError
from radiome.base.processes import process_pool
from radiome.base.values import NotApplicable
from radiome.extraction.measure import compute_features, grey_levels
from radiome.extraction.settings import Settings
from radiome.extraction.threads import run_jobs
from radiome.features.catalogue import features
from radiome.image.mask import Mask
from radiome.image.volume import Volume
from radiome.maps.columns import WITH_DIRECTION, split_mapped
from radiome.maps.neighbourhoods import Neighbourhoods
from radiome.maps.options import MapOptions
from radiome.preprocess.prepare import prepare

#: Voxels of one unit of work: small enough for progress, large enough to pay for its dispatch.
_BATCH = 256

#: Voxels below which a second process costs more than it saves.
_WORTH_PROCESSES = 3000

Values = NDArray[np.float64]
MapProgress = Callable[[int, int], None]


def feature_maps(
    volume: Volume,
    mask: Mask,
    settings: Settings,
    tags: Sequence[str],
    options: MapOptions | None = None,
    *,
    slice_at: float | None = None,
    most: int | None = None,
    workers: int = 1,
    progress: MapProgress | None = None,
) -> dict[str, Volume]:
    """Compute features of the neighbourhood of every voxel of a region.

    Parameters
    ----------
    volume, mask : Volume, Mask
        Image and region, on the same grid.
    settings : Settings
        Interpolation, re-segmentation, discretisation and texture options. Grey levels are
        those of the whole region.
    tags : sequence of str
        Columns of the catalogue, such as ``cm_contrast_3D_avg``.
    options : MapOptions, optional
        Size of the neighbourhood.
    slice_at : float, optional
        Index of a slice of `volume`: the map is that slice of the (interpolated) grid which is
        nearest to it, and no other. Neighbourhoods still reach into the slices beside it.
    most : int, optional
        More voxels than this are refused before anything is computed.
    workers : int
        Processes; the result does not depend on it.
    progress : callable, optional
        Called with voxels done and voxels in all.

    Returns
    -------
    dict of str to Volume
        One map per tag on the (interpolated) grid of the region's block, float64, NaN or
        `options.outside` outside the region, and NaN where a feature is not applicable.

    Raises
    ------
    SettingsError
        For a tag that does not exist or cannot be mapped.
    RegionError
        If the region is not in the slice, or has more voxels than `most`.
    """
    options = options or MapOptions()
    wanted = _restricted(settings, tags)
    region = prepare(volume, mask, settings.interpolation, settings.resegmentation, margin_mm=0.0)
    around = Neighbourhoods(region, grey_levels(region, wanted), options)
    box = around.whole() if slice_at is None else around.slice_near(volume.geometry, slice_at)
    voxels = around.voxels(box)
    if most is not None and len(voxels) > most:
        raise RegionError(f"the map would have {len(voxels)} voxels, more than {most}")
    geometry, start = region.geometry.crop(box), [span.start for span in box]
    maps = {tag: np.full(geometry.shape, options.outside) for tag in tags}
    done = 0
    for part, values in _computed(around, voxels, wanted, tuple(tags), workers):
        for tag, column in zip(tags, values.T, strict=True):
            maps[tag][tuple((part - start).T)] = column
        done += len(part)
        if progress:
            progress(done, len(voxels))
    return {
        tag: Volume(values, geometry, volume.modality, source=volume.source)
        for tag, values in maps.items()
    }


def _restricted(settings: Settings, tags: Sequence[str]) -> Settings:
    """Settings that compute the families of `tags` and no other."""
    if not tags:
        raise SettingsError("no feature to map", expected="at least one tag of the catalogue")
    families, aggregations = [], []
    for tag in tags:
        base, aggregation = split_mapped(tag)
        families.append(features()[base].family)
        # Families without a direction have the aggregation 3D for 3D_avg and 3D_comb.
        aggregations.append(WITH_DIRECTION.get(aggregation, aggregation))
    chosen = tuple(dict.fromkeys(name for name in aggregations if name)) or ("3D_avg",)
    texture = settings.texture.model_copy(update={"aggregations": chosen})
    return settings.model_copy(
        update={
            "families": tuple(dict.fromkeys(families)),
            "texture": texture,
            "filtered_images": (),
        }
    )


def _computed(
    around: Neighbourhoods,
    voxels: NDArray[np.int64],
    settings: Settings,
    tags: tuple[str, ...],
    workers: int,
) -> Iterator[tuple[NDArray[np.int64], Values]]:
    parts = [voxels[start : start + _BATCH] for start in range(0, len(voxels), _BATCH)]
    work = _Work(around, settings, tags)
    if workers <= 1 or len(voxels) < _WORTH_PROCESSES:
        for part in parts:
            yield part, work(part)
        return
    with process_pool(workers, _keep, (work,)) as pool:
        yield from zip(parts, pool.map(_kept, parts), strict=True)


@dataclass(frozen=True)
class _Work:
    """Features of some voxels; sent to each process once."""

    around: Neighbourhoods
    settings: Settings
    tags: tuple[str, ...]

    def __call__(self, voxels: NDArray[np.int64]) -> Values:
        (values,) = run_jobs([partial(self._values, voxels)], threads=1)
        return values

    def _values(self, voxels: NDArray[np.int64]) -> Values:
        return np.array([self._of(voxel) for voxel in voxels])

    def _of(self, voxel: NDArray[np.int64]) -> list[float]:
        box = self.around.box(voxel)
        region, levels = self.around.region_around(box), self.around.levels_in(box)
        found = compute_features(region, levels, self.settings)
        # A map has no room for a reason: what is not applicable is NaN.
        return [
            float("nan") if isinstance(found[tag], NotApplicable) else float(found[tag])  # type: ignore[arg-type]
            for tag in self.tags
        ]


_PROCESS: dict[str, _Work] = {}


def _keep(work: _Work) -> None:
    _PROCESS["work"] = work


def _kept(voxels: NDArray[np.int64]) -> Values:
    return _PROCESS["work"](voxels)
