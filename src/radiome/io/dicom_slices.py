"""Checks of a sorted stack of slices: repeated, missing, uneven or sheared."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from radiome.base.counting import counted
from radiome.base.errors import GeometryError
from radiome.io.dicom_frames import Frame

#: Slices closer than this, in mm, lie at the same position.
SAME_POSITION_MM = 1e-3

#: Attributes that tell images at one position apart, most telling first.
_DISTINGUISHING = (
    "SOPInstanceUID",
    "DiffusionBValue",
    "EffectiveEchoTime",
    "EchoTime",
    "EchoNumbers",
    "TemporalPositionIdentifier",
    "TemporalPositionIndex",
    "TriggerTime",
    "NominalCardiacTriggerDelayTime",
    "AcquisitionNumber",
    "FrameReferenceTime",
    "InversionTime",
    "FlipAngle",
    "ImageType",
    "FrameType",
    "AcquisitionTime",
    "ConvolutionKernel",
    "InStackPositionNumber",
    "InstanceNumber",
)


def check_duplicates(frames: Sequence[Frame], along: NDArray[np.float64], where: str) -> None:
    """Refuse slices at the same position, and say what tells them apart.

    Parameters
    ----------
    frames : sequence of Frame, sorted
    along : float array (slices,)
        Positions along the normal in mm, ascending.
    """
    same = np.flatnonzero(np.diff(along) < SAME_POSITION_MM)
    if same.size == 0:
        return
    first, second = frames[same[0]], frames[same[0] + 1]
    copies = first.get("SOPInstanceUID") == second.get("SOPInstanceUID")
    raise GeometryError(
        "several slices lie at the same position",
        where=where,
        expected="one slice per position",
        got=f"{counted(same.size, 'repeated position')} of {len(frames)} slices; at "
        f"{along[same[0]]:.3f} mm {first.name} and {second.name} {_difference(first, second)}",
        do="remove the copies"
        if copies and first.file != second.file
        else "export the time points, echoes, b-values or reconstructions as separate series",
    )


def _difference(first: Frame, second: Frame) -> str:
    if first.file != second.file and first.get("SOPInstanceUID") == second.get("SOPInstanceUID"):
        return "are copies of one image (equal SOPInstanceUID)"
    texts = []
    for keyword in _DISTINGUISHING[1:]:
        a, b = first.get(keyword), second.get(keyword)
        if a is not None and b is not None and a != b:
            texts.append(f"{keyword} ({_short(a)} and {_short(b)})")
    return "differ in " + ", ".join(texts[:4]) if texts else "differ in no known attribute"


def _short(value: object) -> str:
    return str(value).replace("'", "")[:40]


def check_spacing(
    frames: Sequence[Frame], along: NDArray[np.float64], where: str, tolerance: float
) -> None:
    """Refuse a stack that lacks slices or is not evenly spaced.

    Every slice must lie within `tolerance` times the mean spacing from its place in
    the regular grid between the first and the last slice.
    """
    even = np.linspace(along[0], along[-1], along.size)
    spacing = float(even[1] - even[0])
    if np.abs(along - even).max() <= tolerance * spacing:
        return
    gaps = np.diff(along)
    # Of the narrow gaps only: in a short stack missing slices may make up half of them.
    usual = float(np.median(gaps[gaps <= 1.5 * gaps.min()]))
    steps = gaps / usual
    wide = np.flatnonzero(steps > 1.5)
    whole = bool(np.all(np.abs(steps - np.round(steps)) <= np.maximum(2 * tolerance, 0.02)))
    if wide.size and whole:
        raise _missing_slices(frames, along, wide, usual, where)
    worst = int(np.argmax(np.abs(along - even)))
    raise GeometryError(
        "the slices are not evenly spaced",
        where=where,
        expected=f"slices within {tolerance:g} of the spacing ({tolerance * spacing:.3f} mm) "
        "of a regular grid",
        got=f"gaps from {gaps.min():.4f} to {gaps.max():.4f} mm (median {usual:.4f}); "
        f"{frames[worst].name} is {abs(along[worst] - even[worst]):.3f} mm off",
        do="use an evenly spaced reconstruction, or resample the series and check it by eye",
    )


def _missing_slices(
    frames: Sequence[Frame],
    along: NDArray[np.float64],
    wide: NDArray[np.intp],
    usual: float,
    where: str,
) -> GeometryError:
    counts = np.round(np.diff(along)[wide] / usual - 1).astype(int)
    absent = int(counts.sum())
    places = [
        f"{count} between {along[i]:.3f} mm ({frames[i].name}) "
        f"and {along[i + 1]:.3f} mm ({frames[i + 1].name})"
        for i, count in zip(wide[:5], counts[:5], strict=True)
    ]
    more = f" and in {wide.size - 5} more places" if wide.size > 5 else ""
    return GeometryError(
        f"{absent} slice{'s are' if absent > 1 else ' is'} missing",
        where=where,
        expected=f"a slice every {usual:.4f} mm",
        got="missing " + "; ".join(places) + more,
        do="copy the whole series again from its source",
    )


def check_tilt(
    positions: NDArray[np.float64], axes: NDArray[np.float64], where: str, bound: float
) -> None:
    """Refuse slices that are shifted sideways from one to the next.

    Parameters
    ----------
    positions : float array (slices, 3)
        Image positions in mm, sorted along the normal.
    axes : float array (3, 3)
        Unit vectors of the array axes (z, y, x).
    bound : float
        Largest sideways shift over the whole stack, in mm, that counts as rounding.
    """
    offsets = positions - positions[0]
    sideways = offsets @ axes[1:].T
    shift = np.linalg.norm(sideways, axis=1)
    if shift.max() <= bound:
        return
    along = offsets @ axes[0]
    slope = (sideways * along[:, None]).sum(axis=0) / (along @ along)
    steady = np.abs(sideways - along[:, None] * slope).max() <= max(bound, 0.02 * shift.max())
    angle = float(np.degrees(np.arctan(np.linalg.norm(slope))))
    raise GeometryError(
        "the slices are sheared (gantry tilt)" if steady else "the slices are shifted sideways",
        where=where,
        expected=f"slices stacked along their normal within {bound:.3f} mm",
        got=f"shifts of up to {shift.max():.3f} mm sideways"
        + (f", a tilt of {angle:.2f} degrees" if steady else ""),
        do="correct the tilt with a tool that resamples the series (for example dcm2niix), "
        "and use its output",
    )
