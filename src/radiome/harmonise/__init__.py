"""Harmonisation of feature tables between scanners and sites."""

from radiome.harmonise.combat import ComBat

__all__ = ["ComBat"]
