"""The body around a virtual lesion, as smooth functions of position.

Sizes follow the field of view, so that every image shows air, body and a second organ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from radiome.phantoms.parameters import LesionParameters

Axis = NDArray[np.float64]

#: Share of the contrast agent that soft tissue takes up.
TISSUE_UPTAKE = 0.3


@dataclass(frozen=True, slots=True)
class Tissue:
    """Mean values of one modality, and the width in mm of the borders between them."""

    air: float
    body: float
    organ: float
    border_mm: float


#: CT in HU (the organ is lung), PET in SUVbw (an organ of some uptake), MR in arbitrary units.
TISSUES: Mapping[str, Tissue] = MappingProxyType(
    {
        "CT": Tissue(air=-1000.0, body=40.0, organ=-820.0, border_mm=0.8),
        "PT": Tissue(air=0.02, body=0.9, organ=2.2, border_mm=3.0),
        "MR": Tissue(air=10.0, body=350.0, organ=520.0, border_mm=0.8),
    }
)


def site_value(parameters: LesionParameters) -> float:
    """Mean intensity of the tissue that the lesion grows in, without contrast agent."""
    tissue = TISSUES[parameters.modality]
    return tissue.organ if parameters.site == "lung" else tissue.body


def surroundings(parameters: LesionParameters, y: Axis, x: Axis) -> NDArray[np.float64]:
    """Tissue (y, x) without the lesion, the same in every slice, at mm from the image centre.

    The body is an ellipse. For a lesion in soft tissue the organ lies to
    the front of it; a lesion in the lung is surrounded by it.
    """
    tissue = TISSUES[parameters.modality]
    view = parameters.matrix_size * parameters.pixel_spacing_mm
    body = _ellipse(y, x, 0.0, (0.43 * view, 0.47 * view), tissue.border_mm)
    if parameters.site == "lung":
        organ = _ellipse(y, x, 0.0, (0.35 * view, 0.39 * view), tissue.border_mm)
    else:
        organ = _ellipse(y, x, -0.33 * view, (0.08 * view, 0.24 * view), tissue.border_mm)
    soft = tissue.body + TISSUE_UPTAKE * parameters.enhancement
    plane = tissue.air + body * (soft - tissue.air)
    return np.asarray(plane + organ * (tissue.organ - soft))


def _ellipse(
    y: Axis, x: Axis, centre_y: float, semi_axes: tuple[float, float], border_mm: float
) -> NDArray[np.float64]:
    """1 inside, 0 outside, with a border of logistic shape."""
    radius = np.hypot((y[:, None] - centre_y) / semi_axes[0], x[None, :] / semi_axes[1])
    depth = (1.0 - radius) * min(semi_axes) / border_mm
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(4.0 * depth, -50.0, 50.0))))


def bias_field(
    parameters: LesionParameters, z: Axis, y: Axis, x: Axis, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Smooth positive factor (z, y, x) around 1: a random polynomial of second order.

    Its logarithm spans about plus and minus `bias_field` over the image.
    """
    half = [max(float(np.abs(axis).max()), 1.0) for axis in (z, y, x)]
    u, v, w = np.meshgrid(z / half[0], y / half[1], x / half[2], indexing="ij", sparse=True)
    terms = (u, v, w, u * v, v * w, u**2 - 1 / 3, v**2 - 1 / 3, w**2 - 1 / 3)
    shares = rng.uniform(-1.0, 1.0, len(terms))
    shares /= np.abs(shares).sum()
    total = np.zeros(np.broadcast_shapes(u.shape, v.shape, w.shape))
    for share, term in zip(shares, terms, strict=True):
        total = total + share * term
    return np.asarray(np.exp(parameters.bias_field * total))
