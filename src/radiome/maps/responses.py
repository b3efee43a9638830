"""Response maps of the filters in the settings, to look at or to keep."""

from __future__ import annotations

from collections.abc import Iterator

from radiome.extraction.filtered import need, responses
from radiome.extraction.settings import Settings
from radiome.image.mask import Mask
from radiome.image.volume import Volume
from radiome.preprocess.surroundings import prepare_surroundings


def response_maps(
    volume: Volume, mask: Mask, settings: Settings, *, threads: int = 1
) -> Iterator[tuple[str, Volume]]:
    """Yield (name, map) of every filtered image on the tight box of the region."""
    filters = [image.filter for image in settings.filtered_images]
    surroundings = prepare_surroundings(
        volume,
        mask,
        settings.interpolation,
        settings.resegmentation,
        needs=lambda spacing: [need(chosen, spacing) for chosen in filters],
    )
    for chosen in filters:
        for name, values in responses(surroundings, chosen, threads=threads):
            geometry = surroundings.filtered(values).geometry
            yield name, Volume(values, geometry, volume.modality, source=volume.source)
