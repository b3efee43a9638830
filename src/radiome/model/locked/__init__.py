"""Locked model files: one file that predicts, and cannot be changed unnoticed."""
