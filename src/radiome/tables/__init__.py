"""The feature table and its files: where image side and table side meet."""
