"""How much of a feature is the patient, and how much the measurement."""
