"""Treatment response: changes between scans of the same patient, and what they are worth."""
