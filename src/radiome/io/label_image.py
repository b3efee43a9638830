"""Choose one region from an array of labels or of membership probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from radiome.base.errors import ImageError, RegionError

#: Membership from which a voxel belongs to a region (IBSI reference manual, section 2.4:
#: partial volume fraction of 0.5).
MEMBERSHIP_THRESHOLD = 0.5

#: More labels than this and the file is taken for an image given as a mask by mistake.
MOST_LABELS = 1000

_LISTED = 20

_EXCHANGED = "; if these are intensities, image and mask are exchanged"


def select_label(
    voxels: NDArray[Any], roi: int | str | None, *, where: str
) -> tuple[NDArray[np.bool_], str]:
    """Return the mask (z, y, x) of one label, and its name.

    Parameters
    ----------
    voxels : array (z, y, x)
        Bool, integer labels (as integer or float), or probabilities between 0 and 1,
        which are cut at `MEMBERSHIP_THRESHOLD`.
    roi : int, str or None
        The label value, as a number or as text such as ``"2"`` or ``"label 2"``. None
        takes the one label there is.
    where : str
        File name for messages.

    Raises
    ------
    ImageError
        If the values are no labels: not finite, or fractional outside 0 to 1.
    RegionError
        If there is no label, there are several to choose from, or `roi` is not there.
    """
    wanted = label_value(roi, where=where)
    if voxels.dtype == np.bool_:
        voxels = voxels.view(np.uint8)
    low, high = voxels.min(), voxels.max()
    if voxels.dtype.kind == "f":
        if not (np.isfinite(low) and np.isfinite(high)):
            raise _not_labels(where, "NaN or infinite values")
        if low >= 0 and high <= 1 and _has_fractions(voxels):
            return _threshold(voxels, wanted, where)
    if low == 0 and high == 1 and wanted in (None, 1):
        binary = voxels.dtype == np.uint8 and voxels.flags.c_contiguous
        # The bytes 0 and 1 are booleans already: no copy.
        return (voxels.view(np.bool_) if binary else voxels != 0), "label 1"
    return _one_label(voxels, wanted, where)


def label_value(roi: int | str | None, *, where: str) -> int | None:
    """The label number of ``2``, ``"2"`` or ``"label 2"``; None for None or empty text."""
    if roi is None or isinstance(roi, int) or hasattr(roi, "__index__"):
        return None if roi is None else int(roi)
    # Tables hand over numbers of any type, 2.0 for instance.
    text = str(roi).strip().lower().removeprefix("label").strip()
    if not text:
        return None
    # Spreadsheets turn 2 into 2.0.
    digits = text.removesuffix(".0")
    if digits.removeprefix("-").isdecimal():
        return int(digits)
    raise RegionError(
        "a label image has no region names, only label values",
        where=where,
        expected="a whole number, or 'label N'",
        got=repr(roi),
        do="give the label value of the region as the ROI",
    )


def _one_label(
    voxels: NDArray[Any], wanted: int | None, where: str
) -> tuple[NDArray[np.bool_], str]:
    present = _labels(voxels, where)
    names = ", ".join(str(label) for label in present[:_LISTED])
    names += ", ..." if len(present) > _LISTED else ""
    if not present:
        raise RegionError(
            "the mask is empty",
            where=where,
            expected="at least one voxel other than 0",
            got="only zeros",
            do="check that the mask belongs to this case",
        )
    if wanted is None and len(present) > 1:
        raise RegionError(
            "the mask holds several labels and none was chosen",
            where=where,
            expected="one region",
            got=f"labels {names}",
            do="name one with --roi, the roi column or roi="
            + (_EXCHANGED if len(present) > _LISTED else ""),
        )
    if wanted is not None and wanted not in present:
        raise RegionError(
            f"the mask has no label {wanted}",
            where=where,
            expected=f"one of the labels {names}",
            got=str(wanted),
            do="name a label that is there",
        )
    label = present[0] if wanted is None else wanted
    inside: NDArray[np.bool_] = voxels == label
    return inside, f"label {label}"


def _labels(voxels: NDArray[Any], where: str) -> list[int]:
    """The distinct whole numbers other than 0, ascending."""
    filled = voxels[voxels != 0]
    # Comparing with the first value is far cheaper than sorting, and mostly enough.
    same = filled.size > 0 and bool((filled == filled[0]).all())
    distinct = filled[:1] if same else np.unique(filled)
    if distinct.dtype.kind == "f" and not (distinct == np.rint(distinct)).all():
        raise _not_labels(where, "fractional values such as " + str(_first_fraction(distinct)))
    if distinct.size > MOST_LABELS:
        raise _not_labels(where, f"{distinct.size} different values")
    return [int(value) for value in distinct]


def _threshold(
    voxels: NDArray[Any], wanted: int | None, where: str
) -> tuple[NDArray[np.bool_], str]:
    name = f"membership >= {MEMBERSHIP_THRESHOLD}"
    if wanted is not None:
        raise RegionError(
            "the mask holds probabilities, not labels",
            where=where,
            expected=f"no ROI; the region is then {name}",
            got=f"label {wanted}",
            do="leave the ROI out, or save the mask with whole numbers",
        )
    inside: NDArray[np.bool_] = voxels >= MEMBERSHIP_THRESHOLD
    if not inside.any():
        raise RegionError(
            "the mask is empty",
            where=where,
            expected=f"at least one voxel with a {name}",
            got=f"a largest membership of {voxels.max():.4g}",
            do="check that the mask belongs to this case",
        )
    return inside, name


def _has_fractions(voxels: NDArray[Any]) -> bool:
    return bool(((voxels > 0) & (voxels < 1)).any())


def _first_fraction(distinct: NDArray[Any]) -> float:
    return float(distinct[distinct != np.rint(distinct)][0])


def _not_labels(where: str, got: str) -> ImageError:
    return ImageError(
        "the mask does not hold labels",
        where=where,
        expected="whole numbers, or probabilities between 0 and 1",
        got=got,
        do="check that image and mask are not exchanged",
    )
