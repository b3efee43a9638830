"""Learners: from features to a probability, a value or a risk, each with its options."""
