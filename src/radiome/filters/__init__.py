"""Convolutional and other image filters: an image block in, response maps out."""
