"""Comparison of radiome with published reference values."""
