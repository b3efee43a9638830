"""Conformal prediction: intervals and sets of labels that miss no more often than they say."""
