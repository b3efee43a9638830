"""Plots as PDF files for a paper, from the SVG that `radiome.model.plots` draws."""
