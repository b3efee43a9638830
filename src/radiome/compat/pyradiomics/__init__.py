"""pyradiomics 3.0.1 by other means: the same calls, parameter files, names and numbers.

In place of ``from radiomics import featureextractor`` write
``from radiome.compat.pyradiomics import featureextractor``, and leave the rest.
"""

from radiome.compat.pyradiomics import featureextractor
from radiome.compat.pyradiomics.extractor import RadiomicsFeatureExtractor

__all__ = ["RadiomicsFeatureExtractor", "featureextractor"]
