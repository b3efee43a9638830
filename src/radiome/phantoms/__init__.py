"""Virtual patients with known truth."""

from radiome.phantoms.cohort import cohort_parameters, virtual_cohort
from radiome.phantoms.lesion import Lesion, make_lesion
from radiome.phantoms.parameters import LesionParameters

__all__ = ["Lesion", "LesionParameters", "cohort_parameters", "make_lesion", "virtual_cohort"]
