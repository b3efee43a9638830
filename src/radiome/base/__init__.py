"""Foundations without any imaging knowledge: errors, options, values, provenance."""
