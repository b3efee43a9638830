import math
from typing import Any

import pytest

from radiome.base.errors import SettingsError
from radiome.phantoms.parameters import KERNEL_FWHM_MM, LesionParameters


@pytest.mark.parametrize(
    "changes",
    [
        {"modality": "US"},
        {"shape": "cube"},
        {"kernel": "medium"},
        {"site": "brain"},
        {"seed": -1},
        {"volume_ml": 0.0},
        {"volume_ml": math.nan},
        {"axis_ratios": (1.0, 1.0)},
        {"axis_ratios": (1.0, 1.0, 0.0)},
        {"irregularity": 0.3},
        {"shape": "lobulated"},
        {"shape": "spiculated", "irregularity": 2.0},
        {"texture_mm": 0.0},
        {"noise_sigma": -1.0},
        {"kernel_fwhm_mm": -0.1},
        {"slice_thickness_mm": 0.0},
        {"modality": "MR", "site": "lung"},
        {"modality": "PT", "enhancement": 30.0},
        {"modality": "CT", "bias_field": 0.1},
    ],
)
def test_unusable_parameters_are_refused_by_name(changes: dict[str, Any]) -> None:
    with pytest.raises(SettingsError) as caught:
        LesionParameters(**changes)
    named = caught.value.what.split("'")[1]
    assert named in changes or named == "irregularity"
    assert caught.value.expected
    assert caught.value.do


def test_unknown_name_gets_the_nearest_one() -> None:
    with pytest.raises(SettingsError, match="did you mean 'volume_ml'"):
        LesionParameters.typical("CT", volumeml=3.0)


def test_typical_parameters_of_every_modality_can_be_changed() -> None:
    for modality in ("CT", "PT", "MR"):
        made = LesionParameters.typical(modality, seed=5, kernel="sharp")
        assert (made.modality, made.seed) == (modality, 5)
        assert made.fwhm_mm == KERNEL_FWHM_MM[modality, "sharp"]
    assert LesionParameters(kernel_fwhm_mm=0.0).fwhm_mm == 0.0
