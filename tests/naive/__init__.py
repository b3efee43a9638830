"""Slow, obvious twins of the kernels, written from the text of the standard."""
