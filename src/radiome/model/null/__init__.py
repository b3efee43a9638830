"""Null distributions by permutation of outcomes."""
