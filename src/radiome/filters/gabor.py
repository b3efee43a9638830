"""Gabor filters: the modulus of a wave under a Gaussian, in planes of the image.

Source: IBSI 2 reference manual (arXiv:2006.05470), section "Gabor filters" (Q88H).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from radiome.filters.boundary import Margins, surround
from radiome.filters.contract import BoundedFilter, Core, Image, Reach, Response, Spacing, number
from radiome.filters.rotations import Pooling

#: The kernel ends where the envelope falls below exp(-ENVELOPE² / 2), 1e-8 of its peak.
ENVELOPE = 6.0

#: Numbers in the transforms that exist at a time, per thread.
_BATCH_NUMBERS = 2**21


class _Plane(NamedTuple):
    """Array axes of the first and second coordinate of a plane, and the axis across it."""

    first: int
    second: int
    across: int


#: (x, y), (x, z), (y, z) as array axes.
_PLANES = (_Plane(2, 1, 0), _Plane(2, 0, 1), _Plane(1, 0, 2))


class GaborFilter(BoundedFilter):
    """Modulus of exp(-(a² + gamma² b²) / 2 sigma²) exp(2 pi i a / lambda), per plane.

    a = u cos(theta) + v sin(theta) and b = -u sin(theta) + v cos(theta), with (u, v) in mm
    along x and y of the axial plane. Orthogonal planes add (x, z) and (y, z).
    """

    name: Literal["gabor"] = "gabor"
    sigma: float = Field(gt=0, allow_inf_nan=False, description="Width of the envelope in mm.")
    wavelength: float = Field(gt=0, allow_inf_nan=False, description="Wavelength lambda in mm.")
    gamma: float = Field(
        1.0, gt=0, allow_inf_nan=False, description="Spatial aspect ratio of the envelope."
    )
    theta: float = Field(
        0.0, allow_inf_nan=False, description="Direction in degrees; the first one with a step."
    )
    theta_step: float | None = Field(
        None, gt=0, le=180, description="Step in degrees that pools over all directions; or null."
    )
    pooling: Pooling | None = Field(
        None, description="average (the default) or max over directions; needs theta_step."
    )
    orthogonal_planes: bool = Field(
        False, description="Average over axial, coronal and sagittal planes instead of axial only."
    )

    @model_validator(mode="after")
    def _consistent(self) -> GaborFilter:
        if self.theta_step is None and self.pooling is not None:
            raise ValueError("pooling has no effect without theta_step: remove it")
        if self.theta_step is not None and abs(360.0 / self.theta_step % 1.0) > 1e-9:
            raise ValueError("theta_step must divide 360 degrees")
        return self

    def map_names(self) -> tuple[str, ...]:
        """``gabor_s5mm_l2mm_g1.5_t45`` or ``…_step22.5_average_planes``."""
        parts = [f"gabor_s{number(self.sigma)}mm_l{number(self.wavelength)}mm"]
        parts.append(f"g{number(self.gamma)}")
        if self.theta_step is None or self.theta:
            parts.append(f"t{number(self.theta)}")
        if self.theta_step is not None:
            parts.append(f"step{number(self.theta_step)}_{self.pooling or 'average'}")
        if self.orthogonal_planes:
            parts.append("planes")
        return (self.named("_".join(parts)),)

    def reach(self, spacing: Spacing) -> Reach:
        """Where the envelope ends, in voxels of each axis."""
        far = ENVELOPE * self.sigma * max(1.0, 1.0 / self.gamma)
        z, y, x = (math.ceil(far / mm) for mm in spacing)
        return Reach(z if self.orthogonal_planes else 0, y, x)

    def responses(
        self, image: Image, spacing: Spacing, core: Core, *, threads: int = 1
    ) -> Iterator[Response]:
        """Yield the one map."""
        planes = _PLANES if self.orthogonal_planes else _PLANES[:1]
        total: Image = np.zeros([span.stop - span.start for span in core])
        for plane in planes:
            total += self._in_plane(image, spacing, core, plane, threads)
        yield Response(self.map_names()[0], total / len(planes))

    def _directions(self) -> list[float]:
        """Angles in radians; opposite directions have equal moduli, so half a turn will do."""
        if self.theta_step is None:
            return [math.radians(self.theta)]
        count = round(360.0 / self.theta_step)
        angles = [self.theta + i * self.theta_step for i in range(count)]
        if count % 2 == 0:
            angles = angles[: count // 2]
        return [math.radians(angle) for angle in angles]

    def _in_plane(
        self, image: Image, spacing: Spacing, core: Core, plane: _Plane, threads: int
    ) -> Image:
        """Pooled modulus in the planes of one orientation."""
        from scipy import fft

        reach = self._plane_reach(spacing, plane)
        padded = surround(image, core, _margins(reach, plane), self.boundary)
        # Planes in front, their first coordinate last.
        stack = np.ascontiguousarray(padded.transpose(plane.across, plane.second, plane.first))
        size = tuple(
            fft.next_fast_len(n + 2 * r, real=False)
            for n, r in zip(stack.shape[1:], reach, strict=True)
        )
        steps = (spacing[plane.second], spacing[plane.first])
        kernels = [
            fft.fft2(self._kernel(angle, reach, steps), s=size) for angle in self._directions()
        ]
        out = np.empty(
            (stack.shape[0], *(n - 2 * r for n, r in zip(stack.shape[1:], reach, strict=True)))
        )
        batch = max(1, _BATCH_NUMBERS // (size[0] * size[1]))
        work = partial(self._batch, stack, out, kernels, size, reach, batch)
        starts = range(0, stack.shape[0], batch)
        if threads <= 1:
            list(map(work, starts))
        else:
            with ThreadPoolExecutor(max_workers=threads) as pool:
                list(pool.map(work, starts))
        back = np.argsort((plane.across, plane.second, plane.first))
        return np.ascontiguousarray(out.transpose(back))

    def _batch(
        self,
        stack: Image,
        out: Image,
        kernels: list[NDArray[np.complex128]],
        size: tuple[int, ...],
        reach: tuple[int, int],
        batch: int,
        start: int,
    ) -> None:
        """Fill the planes from `start` on: one transform for all directions."""
        from scipy import fft

        planes = slice(start, start + batch)
        spectrum = fft.fft2(stack[planes], s=size, axes=(1, 2))
        wanted = tuple(slice(2 * r, 2 * r + n) for r, n in zip(reach, out.shape[1:], strict=True))
        pooled = out[planes]
        pooled[...] = 0.0
        for kernel in kernels:
            response = fft.ifft2(spectrum * kernel, axes=(1, 2), overwrite_x=True)
            modulus = np.abs(response[:, wanted[0], wanted[1]])
            if self.pooling == "max":
                np.maximum(pooled, modulus, out=pooled)
            else:
                pooled += modulus
        if self.pooling != "max":
            pooled /= len(kernels)

    def _plane_reach(self, spacing: Spacing, plane: _Plane) -> tuple[int, int]:
        reach = self.model_copy(update={"orthogonal_planes": True}).reach(spacing)
        second, first = reach[plane.second], reach[plane.first]
        assert second is not None
        assert first is not None
        return second, first

    def _kernel(
        self, theta: float, reach: tuple[int, int], steps: tuple[float, float]
    ) -> NDArray[np.complex128]:
        """Samples (second, first) of the kernel on its box."""
        v = (np.arange(-reach[0], reach[0] + 1) * steps[0])[:, None]
        u = (np.arange(-reach[1], reach[1] + 1) * steps[1])[None, :]
        along = u * math.cos(theta) + v * math.sin(theta)
        across = -u * math.sin(theta) + v * math.cos(theta)
        envelope = np.exp(-(along**2 + (self.gamma * across) ** 2) / (2.0 * self.sigma**2))
        kernel: NDArray[np.complex128] = envelope * np.exp(2j * np.pi * along / self.wavelength)
        return kernel


def _margins(reach: tuple[int, int], plane: _Plane) -> Margins:
    margins = [(0, 0)] * 3
    margins[plane.second] = (reach[0], reach[0])
    margins[plane.first] = (reach[1], reach[1])
    return margins[0], margins[1], margins[2]
