"""`radiomics.featureextractor` under the name that scripts import."""

from __future__ import annotations

from radiome.compat.pyradiomics.extractor import RadiomicsFeatureExtractor

__all__ = ["RadiomicsFeatureExtractor"]
