"""Counting loops compiled by Numba: arrays in, counts out.

Every file stands alone (Numba's cache checks only the file that holds a
kernel), has no dependency on the rest of radiome, and has a slow, obvious twin
in ``tests/naive``.
"""
