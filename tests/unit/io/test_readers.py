"""Dispatch by format, choice of the region, and matching of grids."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import pytest

from radiome.base.errors import GeometryError, ImageError, RegionError
from radiome.image.geometry import Geometry
from radiome.image.mask import Mask
from radiome.image.volume import Volume
from radiome.io.formats import FORMATS, Format, by_ending, format_of
from radiome.io.label_image import select_label
from radiome.io.nifti import write_nifti
from radiome.io.readers import check_pair, read_mask, read_volume, split_series

GRID = Geometry((4, 5, 6), (3.0, 2.0, 1.0), (-10.0, 20.0, 5.0))


def _volume(dtype: str = "f4") -> Volume:
    return Volume(np.arange(120).reshape(GRID.shape).astype(dtype), GRID, modality="CT")


def _labels(*values: int, dtype: str = "u1", geometry: Geometry = GRID) -> Volume:
    voxels = np.zeros(geometry.shape, dtype=dtype)
    for place, value in enumerate(values):
        voxels[1 + place, 1:4, 2:5] = value
    return Volume(voxels, geometry, source="labels")


class TestDispatch:
    def test_every_reader_of_the_table_exists_inside_the_package(self) -> None:
        for kind in FORMATS:
            module, _, function = kind.reader.partition(":")
            assert module.startswith("radiome.io.")
            assert callable(getattr(importlib.import_module(module), function))

    def test_duplicates_in_the_table_are_refused(self) -> None:
        with pytest.raises(ValueError, match="same name"):
            by_ending((Format("A", (".a",), "m:f"), Format("A", (".b",), "m:f")))
        with pytest.raises(ValueError, match=r"'\.a' belongs to A and B"):
            by_ending((Format("A", (".a",), "m:f"), Format("B", (".a",), "m:f")))

    def test_the_content_decides_where_the_ending_says_nothing(self, tmp_path: Path) -> None:
        write_nifti(tmp_path / "image.nii", _volume())
        unnamed = tmp_path / "image.bak"
        unnamed.write_bytes((tmp_path / "image.nii").read_bytes())
        kind = format_of(unnamed)
        assert kind is not None
        assert kind.name == "NIfTI"
        np.testing.assert_array_equal(read_volume(unnamed).voxels, _volume().voxels)

    def test_volume_passes_through_and_paths_may_be_text(self, tmp_path: Path) -> None:
        volume = _volume()
        assert read_volume(volume) is volume
        write_nifti(tmp_path / "image.nii.gz", volume)
        read = read_volume(str(tmp_path / "image.nii.gz"), modality="pet")
        assert read.modality == "PT"
        assert volume.geometry.difference(read.geometry) is None

    def test_a_stated_modality_may_not_contradict_the_file(self) -> None:
        with pytest.raises(ImageError, match="modality contradicts") as caught:
            read_volume(_volume(), modality="MR")
        assert "CT" in str(caught.value.expected)

    def test_an_unknown_modality_is_refused(self) -> None:
        volume = Volume(_volume().voxels, GRID)
        with pytest.raises(ImageError, match="no modality 'CTT'"):
            read_volume(volume, modality="CTT")
        assert read_volume(volume, modality="mg").modality == "MG"

    def test_array_without_spacing_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(ImageError, match="volume_from_array"):
            read_volume(np.zeros((3, 4, 5)))
        np.save(tmp_path / "image.npy", np.zeros((3, 4, 5)))
        with pytest.raises(ImageError, match="does not carry the voxel spacing"):
            read_volume(tmp_path / "image.npy")

    def test_simpleitk_image_and_mask(self) -> None:
        sitk = pytest.importorskip("SimpleITK")
        image = sitk.GetImageFromArray(np.arange(120, dtype=np.float32).reshape(4, 5, 6))
        label = sitk.GetImageFromArray(_labels(1).voxels.copy())
        volume = read_volume(image)
        assert read_mask(label, volume).voxels.sum() == 9


class TestChoiceOfTheRegion:
    @pytest.mark.parametrize("roi", [2, "2", "2.0", 2.0, "label 2", "Label 2", np.int64(2)])
    def test_a_label_by_number_or_text(self, roi: int | str) -> None:
        mask = read_mask(_labels(1, 2), _volume(), roi=roi)
        assert mask.name == "label 2"
        np.testing.assert_array_equal(np.unique(np.nonzero(mask.voxels)[0]), [2])

    @pytest.mark.parametrize("dtype", ["u1", "i2", "f4", "f8", "u8"])
    @pytest.mark.parametrize("value", [1, 3, 100])
    def test_the_only_label_needs_no_name(self, dtype: str, value: int) -> None:
        mask = read_mask(_labels(value, dtype=dtype), _volume())
        assert mask.voxels.sum() == 9
        assert mask.name == f"label {value}"

    def test_a_uint8_mask_is_not_copied(self) -> None:
        labels = _labels(1)
        assert np.shares_memory(read_mask(labels, _volume()).voxels, labels.voxels)

    def test_several_labels_need_a_choice(self) -> None:
        with pytest.raises(RegionError, match="several labels") as caught:
            read_mask(_labels(1, 7, 3), _volume())
        assert caught.value.got == "labels 1, 3, 7"
        assert "exchanged" not in str(caught.value.do)

    def test_an_image_given_as_mask_is_suspected(self) -> None:
        with pytest.raises(RegionError, match="image and mask are exchanged"):
            read_mask(_volume("i2"), _volume())

    def test_a_segment_name_of_slicer(self, tmp_path: Path) -> None:
        header = (
            "NRRD0004\ntype: uchar\ndimension: 3\nspace: left-posterior-superior\n"
            "sizes: 6 5 4\nspace directions: (1,0,0) (0,2,0) (0,0,3)\nencoding: raw\n"
            "space origin: (-10,20,5)\nSegment0_LabelValue:=1\nSegment0_Name:=node\n"
            "Segment1_LabelValue:=2\nSegment1_Name:=tumour core\n\n"
        )
        path = tmp_path / "case.seg.nrrd"
        path.write_bytes(header.encode() + _labels(1, 2).voxels.tobytes())
        assert read_mask(path, _volume(), roi="tumour core").name == "label 2"
        assert read_mask(path, _volume(), roi="1").name == "label 1"
        with pytest.raises(RegionError, match="no segment 'core'") as caught:
            read_mask(path, _volume(), roi="core")
        assert "'node', 'tumour core'" in str(caught.value.expected)

    def test_an_absent_label_lists_those_present(self) -> None:
        with pytest.raises(RegionError, match="no label 4") as caught:
            read_mask(_labels(1, 3), _volume(), roi=4)
        assert "1, 3" in str(caught.value.expected)
        with pytest.raises(RegionError, match="no label 2"):
            read_mask(_labels(1), _volume(), roi=2)

    def test_a_name_is_no_label(self) -> None:
        with pytest.raises(RegionError, match="no region names"):
            read_mask(_labels(1), _volume(), roi="GTV")

    @pytest.mark.parametrize("roi", [None, 1, 2])
    def test_zeros_only_is_an_empty_mask(self, roi: int | None) -> None:
        with pytest.raises(RegionError, match="mask is empty"):
            read_mask(_labels(), _volume(), roi=roi)

    def test_probabilities_are_cut_at_one_half(self) -> None:
        voxels = np.zeros((1, 1, 4), dtype="f4")
        voxels[0, 0] = 0.1, 0.4999, 0.5, 1.0
        inside, name = select_label(voxels, None, where="")
        assert inside.tolist() == [[[False, False, True, True]]]
        assert name == "membership >= 0.5"
        with pytest.raises(RegionError, match="probabilities, not labels"):
            select_label(voxels, 1, where="")
        with pytest.raises(RegionError, match="mask is empty"):
            select_label(voxels / 4, None, where="")

    @pytest.mark.parametrize("value", [1.5, -0.5, np.nan, np.inf])
    def test_other_fractions_are_no_labels(self, value: float) -> None:
        voxels = np.zeros((2, 2, 2))
        voxels[0, 0, 0] = value
        with pytest.raises(ImageError, match="does not hold labels"):
            select_label(voxels, None, where="")

    def test_an_image_in_place_of_the_mask(self) -> None:
        image = np.arange(4000, dtype=np.int16).reshape(10, 20, 20)
        with pytest.raises(ImageError, match="image and mask are not exchanged"):
            select_label(image, None, where="")

    def test_negative_labels_count(self) -> None:
        voxels = np.zeros((2, 2, 2), dtype=np.int16)
        voxels[0, 0, 0], voxels[1, 1, 1] = -1, 1
        with pytest.raises(RegionError, match="labels -1, 1"):
            select_label(voxels, None, where="")

    def test_mask_array_needs_the_shape_of_the_image(self) -> None:
        volume = _volume()
        assert read_mask(_labels(1).voxels > 0, volume).geometry == GRID
        with pytest.raises(ImageError, match="does not fit the image"):
            read_mask(np.zeros((6, 5, 4)), volume)


class TestGrids:
    def test_rounding_of_headers_is_tolerated(self) -> None:
        near = Geometry(GRID.shape, GRID.spacing, (-10.0, 20.0, 5.001))
        assert read_mask(_labels(1, geometry=near), _volume()).geometry is GRID

    def test_another_grid_is_refused_with_the_way_out(self) -> None:
        moved = Geometry(GRID.shape, GRID.spacing, (-10.0, 20.0, 6.0))
        with pytest.raises(GeometryError, match="different grids") as caught:
            read_mask(_labels(1, geometry=moved), _volume())
        assert "--resample-mask" in str(caught.value.do)
        assert "voxels apart" in str(caught.value.got)

    @pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
    @pytest.mark.parametrize("flips", [(1, 1, 1), (-1, 1, 1), (-1, -1, -1), (1, 1, -1)])
    def test_same_centres_in_another_order_are_reordered_exactly(
        self, order: tuple[int, int, int], flips: tuple[int, int, int]
    ) -> None:
        rng = np.random.default_rng(5)
        plain = rng.random(GRID.shape) > 0.5
        start = [GRID.shape[a] - 1 if flips[a] < 0 else 0 for a in range(3)]
        stored = Geometry(
            tuple(GRID.shape[a] for a in order),
            tuple(GRID.spacing[a] for a in order),
            tuple(GRID.index_to_world(start)),
            tuple(tuple(flips[a] * v for v in GRID.direction[a]) for a in order),
        )
        flipped = plain[tuple(slice(None, None, step) for step in flips)].transpose(order)
        mask = read_mask(Mask(flipped, stored), _volume())
        np.testing.assert_array_equal(mask.voxels, plain)

    def test_resampling_takes_the_nearest_voxel(self) -> None:
        fine = Geometry((8, 10, 12), (1.5, 1.0, 0.5), (-10.25, 19.5, 4.25))
        coarse_mask = read_mask(_labels(1), _volume())
        voxels = coarse_mask.voxels.repeat(2, 0).repeat(2, 1).repeat(2, 2)
        back = read_mask(Mask(voxels, fine), _volume(), resample=True)
        np.testing.assert_array_equal(back.voxels, coarse_mask.voxels)
        onto = read_mask(coarse_mask, Volume(np.zeros(fine.shape), fine), resample=True)
        np.testing.assert_array_equal(onto.voxels, voxels)

    def test_resampling_onto_turned_axes_agrees_with_brute_force(self) -> None:
        cosine, sine = np.cos(0.4), np.sin(0.4)
        turned = Geometry(
            (9, 15, 15), (1.7, 1.1, 0.9), (-14.0, 17.0, 3.0),
            ((0.0, 0.0, 1.0), (-sine, cosine, 0.0), (cosine, sine, 0.0)),
        )  # fmt: skip
        source = read_mask(_labels(1, 1), _volume())
        result = read_mask(source, Volume(np.zeros(turned.shape), turned), resample=True)
        expected = np.zeros(turned.shape, dtype=bool)
        for index in np.ndindex(turned.shape):
            place = GRID.world_to_index(turned.index_to_world(index))
            nearest = np.floor(place + 0.5).astype(int)
            if (nearest >= 0).all() and (nearest < GRID.shape).all():
                expected[index] = source.voxels[tuple(nearest)]
        assert expected.any()
        np.testing.assert_array_equal(result.voxels, expected)

    def test_a_region_beyond_the_image_is_refused(self) -> None:
        mask = read_mask(_labels(1, 1), _volume())
        for shift, message in ((4.0, "reaches beyond the image"), (500.0, "lies outside")):
            grid = Geometry(GRID.shape, GRID.spacing, (-10.0 + shift, 20.0, 5.0))
            with pytest.raises(RegionError, match=message):
                read_mask(mask, Volume(np.zeros(GRID.shape), grid), resample=True)

    def test_a_region_smaller_than_a_voxel_vanishes(self) -> None:
        fine = Geometry((40, 50, 60), (0.3, 0.2, 0.1), (-10.0, 20.0, 5.0))
        voxels = np.zeros(fine.shape, dtype=bool)
        voxels[5, 5, 5] = True
        with pytest.raises(RegionError, match="vanishes"):
            read_mask(Mask(voxels, fine), _volume(), resample=True)


class TestCheckPair:
    def test_a_sound_pair_passes(self) -> None:
        volume = _volume()
        check_pair(volume, read_mask(_labels(1), volume))

    def test_empty_region(self) -> None:
        with pytest.raises(RegionError, match="region of interest is empty"):
            check_pair(_volume(), Mask(np.zeros(GRID.shape, dtype=bool), GRID, name="GTV"))

    @pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
    def test_no_number_inside_the_region_names_its_place(self, value: float) -> None:
        voxels = _volume().voxels.copy()
        voxels[0, 0, 0] = np.nan
        mask = read_mask(_labels(1), _volume())
        check_pair(Volume(voxels, GRID), mask)
        voxels[1, 2, 3] = value
        with pytest.raises(ImageError, match="no valid intensity") as caught:
            check_pair(Volume(voxels, GRID), mask)
        assert "(1, 2, 3)" in str(caught.value.got)
        assert "(-7.0, 24.0, 8.0) mm" in str(caught.value.got)

    def test_another_grid(self) -> None:
        other = Geometry(GRID.shape, (1.0, 1.0, 1.0))
        with pytest.raises(GeometryError, match="different grids"):
            check_pair(_volume(), Mask(np.ones(GRID.shape, dtype=bool), other))


def test_a_series_of_a_folder_is_named_behind_a_hash(tmp_path: Path) -> None:
    assert split_series(tmp_path / "ct#1.2.3") == (tmp_path / "ct#1.2.3", None)
    (tmp_path / "ct").mkdir()
    assert split_series(tmp_path / "ct#1.2.3") == (tmp_path / "ct", "1.2.3")
    (tmp_path / "odd#name").mkdir()
    assert split_series(tmp_path / "odd#name") == (tmp_path / "odd#name", None)
