"""Riesz transforms of a Laplacian of Gaussian or a Simoncelli map, steered or not.

Source: IBSI 2 reference manual (arXiv:2006.05470), section "Riesz transform" (AYRS);
Unser & Van De Ville 2010, IEEE Trans. Image Process. 19:636.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations_with_replacement
from typing import Annotated, Literal

import numpy as np
from pydantic import BeforeValidator, Field, SerializeAsAny, model_validator

from radiome.filters.catalogue import parse_filter
from radiome.filters.contract import Core, Filter, Image, Reach, Response, Spacing, number
from radiome.filters.fourier import Complex, centred_coordinates
from radiome.filters.steering import dominant_frames, steered

#: Filters whose map can be transformed: those without a direction of their own.
_ISOTROPIC = ("laplacian_of_gaussian", "simoncelli")


class RieszFilter(Filter):
    """Component of the Riesz transform of order L = l_x + l_y + l_z of a filtered image.

    In the Fourier domain the filtered image is multiplied by
    (-i)^L sqrt(L! / (l_x! l_y! l_z!)) w_x^l_x w_y^l_y w_z^l_z / |w|^L. With steering, the
    components are turned at every voxel into the frame of the structure tensor, so that
    the first axis follows the dominant direction there. The whole image is needed.
    """

    name: Literal["riesz"] = "riesz"
    of: Annotated[SerializeAsAny[Filter], BeforeValidator(parse_filter)] = Field(
        description="The filter that is transformed: laplacian_of_gaussian or simoncelli, in 3D."
    )
    order: tuple[int, int, int] = Field(
        description="Orders along x, y and z, such as [1, 0, 0]; their sum is 1 to 4."
    )
    steering_sigma: float | None = Field(
        None,
        gt=0,
        allow_inf_nan=False,
        description="Width in mm of the structure tensor that steers; null for no steering.",
    )

    @model_validator(mode="after")
    def _possible(self) -> RieszFilter:
        if self.of.name not in _ISOTROPIC or getattr(self.of, "dimension", "3D") != "3D":
            raise ValueError("a Riesz transform is made of " + " or ".join(_ISOTROPIC) + " in 3D")
        if min(self.order) < 0 or not 1 <= sum(self.order) <= 4:
            raise ValueError("the orders must not be negative and add up to 1, 2, 3 or 4")
        return self

    def map_names(self) -> tuple[str, ...]:
        """``riesz_log_3mm_1-0-0``, with ``_steered_1mm``."""
        orders = "-".join(str(part) for part in self.order)
        steering = f"_steered_{number(self.steering_sigma)}mm" if self.steering_sigma else ""
        return (self.named(f"riesz_{self.of.map_names()[0]}_{orders}{steering}"),)

    def reach(self, spacing: Spacing) -> Reach:
        """Whole axes."""
        return Reach(None, None, None)

    def responses(
        self, image: Image, spacing: Spacing, core: Core, *, threads: int = 1
    ) -> Iterator[Response]:
        """Yield the one map."""
        from scipy import fft

        z, y, x = (slice(0, n) for n in image.shape)
        filtered = next(self.of.responses(image, spacing, (z, y, x), threads=threads)).values
        spectrum = fft.fftn(filtered)
        if self.steering_sigma is None:
            response = component(spectrum, self.order)
        else:
            gradient = np.stack([component(spectrum, unit) for unit in orders_of(1)])
            frames = dominant_frames(gradient, self.steering_sigma, spacing)
            parts = {order: component(spectrum, order) for order in orders_of(sum(self.order))}
            response = steered(parts, frames, self.order)
        yield Response(self.map_names()[0], np.ascontiguousarray(response[core]))


def orders_of(total: int) -> list[tuple[int, int, int]]:
    """All (l_x, l_y, l_z) with this sum, x first."""
    chosen = combinations_with_replacement(range(3), total)
    return [(c.count(0), c.count(1), c.count(2)) for c in chosen]


def component(spectrum: Complex, order: tuple[int, int, int]) -> Image:
    """One component of the Riesz transform from a Fourier transform (z, y, x)."""
    from scipy import fft

    z, y, x = centred_coordinates(spectrum.shape, (0, 1, 2))
    total = sum(order)
    distance = np.sqrt(x * x + y * y + z * z)
    # The mean has no direction.
    distance[distance == 0.0] = np.inf
    weight = (-1j) ** total * math.sqrt(
        math.factorial(total) / math.prod(math.factorial(part) for part in order)
    )
    gain = x ** order[0] * y ** order[1] * z ** order[2] / distance**total
    response: Image = fft.ifftn(spectrum * (weight * gain)).real
    return response
