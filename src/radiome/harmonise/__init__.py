"""Harmonisation of feature tables between scanners and sites."""
