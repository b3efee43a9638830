"""Pair images with masks by their file and folder names.

Three habits are understood, alone and mixed: a role word in the file name
(``X_image`` + ``X_mask``, ``X`` + ``X-label``), a role word as folder name (``image/`` +
``mask/``, ``imagesTr/`` + ``labelsTr/``), and one mask for several images of a case
(``X_t1``, ``X_t2`` + ``X_seg``) or several masks for one image.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from radiome.base.errors import SettingsError
from radiome.io.formats import FORMATS

MASK_WORDS = (
    "mask", "masks", "seg", "segs", "segmentation", "segmentations", "label", "labels",
    "labelmap", "roi", "rois", "contour", "contours", "lesion", "tumor", "tumour", "gtv",
)  # fmt: skip
IMAGE_WORDS = ("image", "images", "img", "imgs", "scan", "scans", "volume", "volumes")
#: Folder names of the nnU-Net layout; their role is that of the first word.
SPLIT_FOLDERS = {
    "imagestr": "image", "imagests": "image", "imagesval": "image",
    "labelstr": "mask", "labelsts": "mask", "labelsval": "mask",
}  # fmt: skip

#: Words in a name that tell the modality.
MODALITY_WORDS = {
    "ct": "CT", "cect": "CT", "ncct": "CT", "ldct": "CT",
    "mr": "MR", "mri": "MR", "t1": "MR", "t1w": "MR", "t1c": "MR", "t1ce": "MR", "t2": "MR",
    "t2w": "MR", "t2f": "MR", "flair": "MR", "adc": "MR", "dwi": "MR",
    "pet": "PT", "pt": "PT", "suv": "PT", "spect": "NM",
}  # fmt: skip

_SEPARATORS = re.compile(r"[\s_.\-]+")
_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file with what its name says.

    Parameters
    ----------
    path : Path
        The file.
    role : str
        ``"image"`` or ``"mask"``.
    place : tuple of str
        Folders below the searched one, without those that only name a role.
    words : tuple of str
        Words of the file name in lower case, without those that name a role.
    label : str
        The name without its role word, as written.
    """

    path: Path
    role: str
    place: tuple[str, ...]
    words: tuple[str, ...]
    label: str


@dataclass(frozen=True, slots=True)
class NamePair:
    """An image and a mask that belong together by name."""

    case: str
    image: Path
    mask: Path
    modality: str
    note: str


def natural_order(text: str) -> list[tuple[int, int, str]]:
    """Sort key that puts ``case_2`` before ``case_10``."""
    parts = _DIGITS.split(text.lower())
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part]


def image_files(folder: Path) -> list[Path]:
    """The NIfTI, NRRD and MetaImage files below `folder`, in natural order."""
    endings = tuple(ending for kind in FORMATS if kind.name != "DICOM" for ending in kind.endings)
    found = [
        path
        for path in folder.rglob("*")
        # The .img of a pair is found through its .hdr; other .img files are not images.
        if path.name.lower().endswith(endings)
        and not path.name.lower().endswith((".img", ".img.gz"))
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and path.is_file()
    ]
    return sorted(found, key=lambda path: natural_order(path.relative_to(folder).as_posix()))


def pair_by_name(
    files: Sequence[Path], folder: Path
) -> tuple[list[NamePair], list[tuple[Path, str]]]:
    """Pair `files` below `folder`; return the pairs and what is left, each with a reason."""
    named = [describe(path, folder) for path in files]
    images = [entry for entry in named if entry.role == "image"]
    masks = [entry for entry in named if entry.role == "mask"]
    pairs: list[tuple[NamedFile, NamedFile, str]] = []
    left: list[tuple[Path, str]] = []
    for mask in masks:
        partners, note = _partners(mask, images)
        if not partners:
            # A lone image with a lone mask need not share a name.
            siblings = [entry for entry in images if entry.place == mask.place]
            rivals = [entry for entry in masks if entry.place == mask.place]
            if len(siblings) == 1 and len(rivals) == 1:
                partners, note = siblings, "the only image and mask of their folder"
        pairs += [(image, mask, note) for image in partners]
        if not partners:
            left.append((mask.path, "no image whose name fits this mask"))
    used = {image.path for image, _, _ in pairs}
    left += [(e.path, "no mask whose name fits this image") for e in images if e.path not in used]
    return _with_case_names(pairs), left


def pair_by_pattern(
    files: Sequence[Path], folder: Path, image_pattern: str, mask_pattern: str
) -> tuple[list[NamePair], list[tuple[Path, str]]]:
    """Pair `files` by two patterns such as ``{case}/CT.nii.gz`` and ``{case}/GTV.nii.gz``.

    ``{case}`` stands for the part that image and mask share, ``*`` for anything.
    """
    images = _matches(files, folder, image_pattern)
    masks = _matches(files, folder, mask_pattern)
    pairs = [
        NamePair(case.replace("/", "_"), images[case], masks[case], modality_of(images[case]), "")
        for case in sorted(images.keys() & masks.keys(), key=natural_order)
    ]
    left = [(images[c], "no mask of this case") for c in images.keys() - masks.keys()]
    left += [(masks[c], "no image of this case") for c in masks.keys() - images.keys()]
    return pairs, sorted(left)


def describe(path: Path, folder: Path) -> NamedFile:
    """Read role, place and words off the name of a file below `folder`."""
    parts = path.relative_to(folder).parts
    place: list[str] = []
    role = ""
    for part in parts[:-1]:
        kind = SPLIT_FOLDERS.get(part.lower()) or _role_of(part.lower())
        role = kind or role
        place += [] if kind else [part]
    stem = stem_of(parts[-1])
    words: list[str] = []
    kept: list[str] = []
    for piece in re.split(r"([\s_.\-]+)", stem):
        # 'label1' is the role word 'label' and the distinguishing word '1'.
        word, number = re.fullmatch(r"(.*?)(\d*)", piece.lower()).groups()  # type: ignore[union-attr]
        kind = _role_of(piece.lower()) or (_role_of(word) if number else "")
        if not kind:
            kept.append(piece)
            words += [piece.lower()] if not _SEPARATORS.fullmatch(piece) and piece else []
        elif kind == "mask" or not role:
            role = kind
        if kind and number:
            kept.append(number)
            words.append(number)
    label = re.sub(r"[\s_.\-]{2,}", "_", "".join(kept)).strip(" _.-")
    return NamedFile(path, role or "image", tuple(place), tuple(words), label)


def stem_of(name: str) -> str:
    """File name without its format ending (``.nii.gz`` counts as one)."""
    endings = sorted((e for kind in FORMATS for e in kind.endings), key=len, reverse=True)
    ending = next((e for e in endings if name.lower().endswith(e)), "")
    return name[: len(name) - len(ending)]


def modality_of(path: Path) -> str:
    """The modality that the file name, or else its folder, speaks of; ``""`` if none."""
    for text in (stem_of(path.name), path.parent.name):
        for place, word in enumerate(_SEPARATORS.split(text.lower())):
            # A leading 'pt' more often stands for 'patient', as in pt_012.
            if word in MODALITY_WORDS and (word != "pt" or place > 0):
                return MODALITY_WORDS[word]
    return ""


def _role_of(word: str) -> str:
    return "mask" if word in MASK_WORDS else "image" if word in IMAGE_WORDS else ""


def _partners(mask: NamedFile, images: Iterable[NamedFile]) -> tuple[list[NamedFile], str]:
    """The images of a mask: the same words, else the closest in which one extends the other."""
    near = [image for image in images if image.place == mask.place]
    same = [image for image in near if image.words == mask.words]
    if same:
        return same, ""
    if not mask.words:
        return [], ""
    shorter = [i for i in near if i.words and mask.words[: len(i.words)] == i.words]
    if shorter:
        longest = max(len(image.words) for image in shorter)
        return [i for i in shorter if len(i.words) == longest], "one of several masks of the image"
    longer = [i for i in near if i.words[: len(mask.words)] == mask.words]
    return longer, "one mask for several images" if len(longer) > 1 else ""


def _with_case_names(pairs: list[tuple[NamedFile, NamedFile, str]]) -> list[NamePair]:
    """Name each case after its folders and the longer of the two file names."""
    made = []
    for image, mask, note in pairs:
        longer = image if len(image.words) >= len(mask.words) else mask
        name = "_".join([*longer.place, longer.label]).strip("_") or image.path.parent.name
        made.append(NamePair(name, image.path, mask.path, modality_of(image.path), note))
    return sorted(made, key=lambda pair: natural_order(pair.case))


def _matches(files: Sequence[Path], folder: Path, pattern: str) -> dict[str, Path]:
    if pattern.count("{case}") != 1:
        raise SettingsError(
            "the name pattern does not say which part is the case",
            where=pattern,
            expected="{case} once, for example '{case}/CT.nii.gz'",
            got=pattern,
            do="put {case} where the name of the case stands",
        )
    escaped = re.escape(pattern).replace(r"\{case\}", "(?P<case>.+?)").replace(r"\*", "[^/]*")
    expression = re.compile(escaped)
    found: dict[str, Path] = {}
    for path in files:
        match = expression.fullmatch(PurePosixPath(path.relative_to(folder)).as_posix())
        if match is None:
            continue
        if match["case"] in found:
            raise SettingsError(
                "the name pattern fits two files of one case",
                where=pattern,
                expected="one file per case",
                got=f"{found[match['case']]} and {path}",
                do="make the pattern narrower",
            )
        found[match["case"]] = path
    return found
