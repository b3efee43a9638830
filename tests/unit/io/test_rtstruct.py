from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset

from made_dicom import FRAME, contour, write_rtstruct
from radiome.base.errors import GeometryError, ImageError, RegionError, UserError
from radiome.cohort.single import extract
from radiome.image.geometry import Geometry
from radiome.image.volume import Volume
from radiome.io.dicom_gaps import nearest_planes
from radiome.io.rtstruct import list_rois, read_rtstruct

GRID = Geometry((6, 12, 12), (3.0, 2.0, 1.5), (-5.0, -6.0, 10.0))
ANGLE = np.radians(30)
OBLIQUE = Geometry(
    GRID.shape,
    GRID.spacing,
    (7.0, -3.0, 20.0),
    (
        (0.0, -float(np.sin(ANGLE)), float(np.cos(ANGLE))),
        (0.0, float(np.cos(ANGLE)), float(np.sin(ANGLE))),
        (1.0, 0.0, 0.0),
    ),
)


def outline(
    z: float, y: tuple[float, float], x: tuple[float, float], grid: Geometry = GRID
) -> Dataset:
    """A rectangle in index space, as world points."""
    corners = [(z, y[0], x[0]), (z, y[0], x[1]), (z, y[1], x[1]), (z, y[1], x[0])]
    return contour(grid.index_to_world(corners))


def box(slices: Sequence[float], grid: Geometry = GRID) -> list[Dataset]:
    return [outline(z, (1.5, 5.5), (2.5, 7.5), grid) for z in slices]


def expected(slices: Sequence[int]) -> np.ndarray:
    voxels = np.zeros(GRID.shape, dtype=bool)
    voxels[list(slices), 2:6, 3:8] = True
    return voxels


@pytest.mark.parametrize("grid", [GRID, OBLIQUE])
def test_region_is_filled_at_voxel_centres(tmp_path: Path, grid: Geometry) -> None:
    path = write_rtstruct(tmp_path / "rs.dcm", [("GTV", box([1, 2, 3], grid))])
    mask = read_rtstruct(path, grid, frame_of_reference=FRAME)
    assert np.array_equal(mask.voxels, expected([1, 2, 3]))
    assert mask.name == "GTV"
    assert mask.geometry is grid


def test_outline_through_voxel_centres_is_half_open(tmp_path: Path) -> None:
    path = write_rtstruct(tmp_path / "rs.dcm", [("GTV", [outline(1, (2, 5), (3, 8))])])
    voxels = read_rtstruct(path, GRID).voxels
    assert np.array_equal(np.argwhere(voxels).min(axis=0), (1, 2, 3))
    assert np.array_equal(np.argwhere(voxels).max(axis=0), (1, 4, 7))


def test_contour_within_another_is_a_hole(tmp_path: Path) -> None:
    parts = [outline(1, (0.5, 8.5), (0.5, 8.5)), outline(1, (2.5, 5.5), (2.5, 5.5))]
    voxels = read_rtstruct(write_rtstruct(tmp_path / "rs.dcm", [("ring", parts)]), GRID).voxels
    assert voxels.sum() == 8 * 8 - 3 * 3
    assert not voxels[1, 4, 4]


def test_repeated_contour_counts_once(tmp_path: Path) -> None:
    path = write_rtstruct(tmp_path / "rs.dcm", [("GTV", [*box([1]), *box([1])])])
    assert np.array_equal(read_rtstruct(path, GRID).voxels, expected([1]))


def test_contours_between_slices_go_to_the_nearest(tmp_path: Path) -> None:
    path = write_rtstruct(tmp_path / "rs.dcm", [("GTV", box([1.3, 2.3, 3.3]))])
    assert np.array_equal(read_rtstruct(path, GRID).voxels, expected([1, 2, 3]))


def test_of_several_planes_in_one_slice_the_nearest_counts() -> None:
    planes = np.array([0.6, 1.1, 1.1, 1.4, 1.75, 2.25])
    chosen, slices = nearest_planes(planes)
    assert list(chosen) == [1, 2, 4]
    assert list(slices) == [1, 1, 2]


def test_separate_parts_keep_the_slices_between_them_empty(tmp_path: Path) -> None:
    far = [outline(z, (8.5, 10.5), (8.5, 10.5)) for z in (3, 4)]
    path = write_rtstruct(tmp_path / "rs.dcm", [("two", [*box([0, 1]), *far])])
    voxels = read_rtstruct(path, GRID).voxels
    assert not voxels[2].any()
    assert voxels[[0, 1, 3, 4]].any(axis=(1, 2)).all()


def test_skipped_slices_are_filled_on_request(tmp_path: Path) -> None:
    path = write_rtstruct(tmp_path / "rs.dcm", [("GTV", box([0, 2, 4]))])
    filled = read_rtstruct(path, GRID, fill_gaps=True).voxels
    assert np.array_equal(filled, expected([0, 1, 2, 3, 4]))


def test_filling_interpolates_the_shape(tmp_path: Path) -> None:
    parts = [outline(1, (0.5, 8.5), (0.5, 8.5)), outline(3, (2.5, 6.5), (2.5, 6.5))]
    path = write_rtstruct(tmp_path / "rs.dcm", [("cone", parts)])
    voxels = read_rtstruct(path, GRID, fill_gaps=True).voxels
    assert list(voxels.sum(axis=(1, 2))) == [0, 64, 36, 16, 0, 0]


def test_regions_are_listed_and_named_by_name_or_number(tmp_path: Path) -> None:
    rois = [("GTV", box([1])), ("Edema ", box([1, 2])), ("GTV", box([1, 2, 3]))]
    path = write_rtstruct(tmp_path / "rs.dcm", rois)
    assert list_rois(path) == ["GTV", "Edema", "GTV"]
    assert read_rtstruct(path, GRID, roi="Edema").voxels.sum() == 40
    assert read_rtstruct(path, GRID, roi="3").voxels.sum() == 60


point = contour([(0, 0, 13)], "POINT")
upright = contour([(0, 0, 10), (0, 0, 22), (6, 0, 22)])

REFUSED: dict[str, tuple[list[tuple[str, list[Dataset]]], str | None, type, tuple[str, ...]]] = {
    "unknown name": (
        [("GTV_Mass", box([1])), ("Edema", box([1]))],
        "GTV_mas",
        RegionError,
        ("there is no region 'GTV_mas'", "'GTV_Mass', 'Edema'", "did you mean 'GTV_Mass'"),
    ),
    "none named": (
        [("GTV", box([1])), ("Edema", box([1]))],
        None,
        RegionError,
        ("holds several regions", "'GTV', 'Edema'"),
    ),
    "name given twice": (
        [("GTV", box([1])), ("GTV", box([2]))],
        "GTV",
        RegionError,
        ("several regions are called 'GTV'", "numbers 1, 2", "give the ROI number"),
    ),
    "no region": ([], None, RegionError, ("the RTSTRUCT holds no region",)),
    "no contour": ([("GTV", [])], None, RegionError, ("no closed contour", "no contour")),
    "points only": ([("GTV", [point])], None, RegionError, ("no closed contour", "1 POINT")),
    "open contour": (
        [("GTV", [*box([1]), contour([(0, 0, 13), (3, 0, 13), (3, 3, 13)], "OPEN_PLANAR")])],
        None,
        RegionError,
        ("has open contours", "1 OPEN_PLANAR"),
    ),
    "across slices": (
        [("GTV", [upright])],
        None,
        GeometryError,
        ("do not lie in the slices", "spans 4.00 slices (12.00 mm)"),
    ),
    "outside": ([("GTV", box([9]))], None, RegionError, ("lies outside", "1 of 1", "slice 9.0")),
    "beyond the last slice": (
        [("GTV", box([4, 5, 6]))],
        None,
        RegionError,
        ("reaches beyond the slices", "1 of 3 contours", "slices 0 to 5"),
    ),
    "outside in plane": (
        [("GTV", [outline(1, (20.5, 24.5), (2.5, 5.5))])],
        None,
        RegionError,
        ("lies outside the image", "12 of 12 voxels outside"),
    ),
    "partly outside": (
        [("GTV", [outline(1, (9.5, 14.5), (2.5, 5.5))])],
        None,
        RegionError,
        ("leaves the image", "9 of 15 voxels outside", "uncropped"),
    ),
    "between voxels": (
        [("GTV", [outline(1, (2.1, 2.9), (3.1, 3.9))])],
        None,
        RegionError,
        ("covers no voxel centre",),
    ),
    "every second slice": (
        [("GTV", box([0, 2, 4]))],
        None,
        GeometryError,
        (
            "skips slices",
            "none on slice 1, 3 (contours every 2 slices)",
            "--fill-gaps / fill_gaps=True",
        ),
    ),
    "one slice forgotten": (
        [("GTV", box([0, 1, 3, 4]))],
        None,
        GeometryError,
        ("skips slices", "none on slice 2"),
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_a_message_to_act_on(tmp_path: Path, name: str) -> None:
    rois, roi, kind, parts = REFUSED[name]
    path = write_rtstruct(tmp_path / "rs.dcm", rois)
    with pytest.raises(kind) as caught:
        read_rtstruct(path, GRID, roi=roi)
    assert isinstance(caught.value, UserError)
    for part in parts:
        assert part in caught.value.message
    assert str(path) in str(caught.value.where)
    assert caught.value.do


def test_other_frame_of_reference_is_refused(tmp_path: Path) -> None:
    path = write_rtstruct(tmp_path / "rs.dcm", [("GTV", box([1]))], frame="1.2.3")
    with pytest.raises(GeometryError, match="another frame of reference") as caught:
        read_rtstruct(path, GRID, frame_of_reference=FRAME)
    assert "1.2.3" in str(caught.value.got)


def test_broken_coordinates_are_refused(tmp_path: Path) -> None:
    def cut(dataset: Dataset) -> None:
        part = dataset.ROIContourSequence[0].ContourSequence[0]
        part.ContourData = part.ContourData[:-1]

    path = write_rtstruct(tmp_path / "rs.dcm", [("GTV", box([1]))], edit=cut)
    with pytest.raises(ImageError, match="points of a contour are not usable"):
        read_rtstruct(path, GRID)


def test_image_given_as_rtstruct_is_refused(tmp_path: Path) -> None:
    from made_dicom import write_series

    path = next(write_series(tmp_path / "ct").iterdir())
    with pytest.raises(ImageError, match="holds no contours") as caught:
        list_rois(path)
    assert caught.value.got == "modality CT"


def test_gaps_are_filled_on_request_from_the_public_readers(tmp_path: Path) -> None:
    path = write_rtstruct(tmp_path / "rs.dcm", [("GTV", box([0, 2, 4]))])
    volume = Volume(np.zeros(GRID.shape), GRID, facts={"FrameOfReferenceUID": FRAME})
    with pytest.raises(GeometryError, match="skips slices"):
        extract(volume, path, "basic")
    row = extract(volume, path, "basic", fill_gaps=True)
    assert row.record["voxels_morphological"] == expected(range(5)).sum()
    assert row.record["fill_gaps"] is True
