"""Paragraphs of a methods section, each from what is on record."""
