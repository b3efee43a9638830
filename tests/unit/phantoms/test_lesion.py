import pickle
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from radiome.base.errors import SettingsError
from radiome.phantoms import LesionParameters, cohort_parameters, make_lesion, virtual_cohort
from radiome.phantoms.lesion import Lesion

SMALL = LesionParameters(
    seed=11, volume_ml=1.5, matrix_size=64, slice_count=14, slice_thickness_mm=2.0
)


def values(lesion: Lesion) -> np.ndarray:
    return lesion.volume.voxels[lesion.mask.voxels]


@pytest.mark.parametrize(
    ("modality", "kind"), [("CT", "int16"), ("PT", "float32"), ("MR", "int16")]
)
def test_equal_parameters_give_equal_lesions(modality: str, kind: str) -> None:
    parameters = LesionParameters.typical(modality, seed=4, slice_count=24)
    first, second = make_lesion(parameters), make_lesion(parameters)
    np.testing.assert_array_equal(first.volume.voxels, second.volume.voxels)
    np.testing.assert_array_equal(first.mask.voxels, second.mask.voxels)
    assert dict(first.truth) == dict(second.truth)
    assert first.volume.voxels.dtype == kind
    assert first.volume.modality == modality
    assert first.volume.geometry == first.mask.geometry
    other = make_lesion(replace(parameters, seed=5))
    assert (first.volume.voxels != other.volume.voxels).any()


def test_truth_is_that_of_the_mask_and_the_scan() -> None:
    lesion = make_lesion(replace(SMALL, pixel_spacing_mm=0.5, slice_thickness_mm=0.5,
                                 matrix_size=64, slice_count=48))  # fmt: skip
    truth = lesion.truth
    assert truth["volume_ml"] == pytest.approx(1.5, rel=1e-12)
    # 12 000 voxels: the surface layer of random sign leaves a few tenths of a percent.
    assert truth["mask_volume_ml"] == pytest.approx(1.5, rel=5e-3)
    points = lesion.mask.geometry.index_to_world(np.argwhere(lesion.mask.voxels))
    centre = [truth[f"centre_{axis}_mm"] for axis in "xyz"]
    np.testing.assert_allclose(points.mean(axis=0), centre, atol=0.02)
    # Noise averages out over n voxels; its grain covers about ten of them.
    spread = SMALL.noise_sigma * np.sqrt(10 / points.shape[0])
    assert values(lesion).mean() == pytest.approx(truth["scan_mean"], abs=4 * spread)


def test_perfect_scanner_shows_the_tissue() -> None:
    lesion = make_lesion(replace(SMALL, noise_sigma=0.0, kernel_fwhm_mm=0.0, texture_amplitude=0.0))
    inner = np.abs(lesion.volume.voxels.astype(int) - 90) <= 1
    # Body 40 HU and contrast 50 HU; voxels cut by the outline lie between.
    assert np.count_nonzero(inner & lesion.mask.voxels) > 0.5 * lesion.mask.voxels.sum()
    assert lesion.truth["tissue_mean"] == 90.0
    assert 40 <= values(lesion).min() <= values(lesion).max() <= 91


def test_noise_and_kernel_leave_the_lesion_as_it_is() -> None:
    plain = make_lesion(SMALL)
    for changed in (replace(SMALL, noise_sigma=30.0), replace(SMALL, kernel="sharp")):
        other = make_lesion(changed)
        np.testing.assert_array_equal(plain.mask.voxels, other.mask.voxels)
        assert (plain.volume.voxels != other.volume.voxels).any()
        assert other.truth["sphericity"] == plain.truth["sphericity"]
    noisy = make_lesion(replace(SMALL, noise_sigma=30.0))
    assert noisy.truth["scan_mean"] == plain.truth["scan_mean"]


def test_scanner_removes_texture_the_more_it_blurs() -> None:
    base = replace(SMALL, noise_sigma=0.0, texture_mm=1.5, volume_ml=4.0, slice_count=20)
    sd = [
        make_lesion(replace(base, **changes)).truth["scan_sd"]
        for changes in (
            {"kernel_fwhm_mm": 0.0, "slice_thickness_mm": 1.0, "slice_count": 40},
            {"kernel": "sharp"},
            {"kernel": "soft"},
            {"kernel": "soft", "slice_thickness_mm": 5.0, "slice_count": 8},
        )
    ]
    assert sd == sorted(sd, reverse=True)
    assert sd[0] > 1.15 * sd[-1]


def test_texture_does_not_depend_on_the_voxel_size() -> None:
    base = replace(SMALL, noise_sigma=0.0, kernel_fwhm_mm=0.0, volume_ml=6.0)
    fine = make_lesion(replace(base, slice_thickness_mm=1.5, slice_count=20))
    coarse = make_lesion(
        replace(base, slice_thickness_mm=3.0, slice_count=10, pixel_spacing_mm=2.0, matrix_size=32)
    )
    blocks = fine.volume.voxels.astype(float).reshape(10, 2, 32, 2, 32, 2).mean(axis=(1, 3, 5))
    inside = coarse.mask.voxels
    # Both images are rounded to whole HU, the average of eight of them less visibly.
    np.testing.assert_allclose(blocks[inside], coarse.volume.voxels[inside], atol=1.0)


def test_contrast_agent_raises_lesion_and_tissue() -> None:
    plain = make_lesion(SMALL)
    bright = make_lesion(replace(SMALL, enhancement=60.0))
    assert bright.truth["tissue_mean"] == plain.truth["tissue_mean"] + 60.0
    behind = np.s_[:, 46:50, 28:36]
    rise = bright.volume.voxels[behind].mean() - plain.volume.voxels[behind].mean()
    assert rise == pytest.approx(18.0, abs=1.0)


def test_bias_field_is_smooth_and_reaches_the_lesion() -> None:
    base = LesionParameters.typical("MR", seed=2, noise_sigma=0.0, texture_amplitude=0.0)
    flat = make_lesion(replace(base, bias_field=0.0)).volume.voxels.astype(float)
    bent = make_lesion(replace(base, bias_field=0.4)).volume.voxels.astype(float)
    ratio = bent / np.maximum(flat, 1.0)
    body = flat > 200
    assert ratio[body].max() - ratio[body].min() > 0.05
    assert np.exp(-0.41) < ratio[body].min() <= ratio[body].max() < np.exp(0.41)
    steps = np.abs(np.diff(ratio, axis=2))[body[:, :, 1:] & body[:, :, :-1]]
    assert steps.max() < 0.03


def test_lung_and_air_are_where_they_belong() -> None:
    lesion = make_lesion(
        LesionParameters(site="lung", contrast=870.0, noise_sigma=0.0, texture_amplitude=0.0)
    )
    image = lesion.volume.voxels
    assert (image[:, 0, 0] == -1000).all()
    assert image[16, 48, 20] == pytest.approx(-820, abs=2)
    assert image[16, 48, 48] == pytest.approx(50, abs=2)
    assert image.max() == pytest.approx(50, abs=2)


def test_lesion_that_does_not_fit_is_refused() -> None:
    with pytest.raises(SettingsError, match="does not fit") as caught:
        make_lesion(replace(SMALL, volume_ml=40.0))
    assert "28" in str(caught.value.got)
    with pytest.raises(SettingsError, match="at least one voxel"):
        make_lesion(LesionParameters(volume_ml=0.01, slice_thickness_mm=20.0, slice_count=4,
                                     pixel_spacing_mm=20.0, matrix_size=4))  # fmt: skip


def test_lesion_can_be_sent_to_another_process() -> None:
    lesion = make_lesion(SMALL)
    other = pickle.loads(pickle.dumps(lesion))
    assert dict(other.truth) == dict(lesion.truth)
    assert other.parameters == lesion.parameters
    with pytest.raises(TypeError):
        other.truth["volume_ml"] = 0.0


def test_longer_cohort_begins_with_the_shorter_one() -> None:
    long, short = list(cohort_parameters(12, 7)), list(cohort_parameters(5, 7))
    assert long[:5] == short
    assert len({p.seed for p in long}) == 12
    assert {p.shape for p in long} == {"ellipsoid", "lobulated", "spiculated"}
    assert next(cohort_parameters(1, 8)) != long[0]


def test_virtual_cohort_makes_the_drawn_lesions() -> None:
    lesions = list(islice(virtual_cohort(50, 3, base=SMALL), 2))
    assert [lesion.parameters for lesion in lesions] == list(cohort_parameters(2, 3, base=SMALL))
    assert all(lesion.mask.voxels.any() for lesion in lesions)
