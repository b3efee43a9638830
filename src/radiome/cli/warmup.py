"""`radiome warmup`: compile ahead of first use."""

from __future__ import annotations

import time

import click


@click.command()
def warmup() -> None:
    """Compile every kernel now, so that the first extraction does not have to."""
    start = time.perf_counter()
    count = compile_all()
    click.echo(f"{count} features ready after {time.perf_counter() - start:.1f} s")


def compile_all() -> int:
    """Run tiny extractions that reach every kernel; return the number of features."""
    import numpy as np

    from radiome.extraction.case import extract_case
    from radiome.extraction.settings import load_settings
    from radiome.image.geometry import Geometry
    from radiome.image.mask import Mask
    from radiome.image.volume import Volume

    grid = Geometry(shape=(8, 12, 12), spacing=(2.0, 1.0, 1.0))
    voxels = np.random.default_rng(1).integers(0, 32, grid.shape).astype(np.float64)
    inside = np.zeros(grid.shape, dtype=np.bool_)
    inside[2:6, 2:10, 2:10] = True
    everything = load_settings(
        {
            "interpolation": {"spacing": [1.5, 1.5, 1.5]},
            "filtered_images": [
                {"filter": chosen, "families": ["intensity_statistics"]}
                for chosen in (
                    {"name": "laplacian_of_gaussian", "sigma": 1.5},
                    {"name": "local_binary_pattern"},
                    {"name": "local_binary_pattern", "dimension": "3D"},
                )
            ],
            "texture": {
                "aggregations": [
                    "2D_avg",
                    "2D_comb",
                    "2_5D_avg",
                    "2_5D_comb",
                    "3D_avg",
                    "3D_comb",
                ]
            },
        }
    )
    row = extract_case(Volume(voxels, grid), Mask(inside, grid), everything)
    return len(row)
